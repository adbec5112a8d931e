"""Mean test accuracy by epoch (paper, Fig. 5)."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from digitpairs.products.figures.plotting import COLOURS, DASHES
from digitpairs.products.numbers.labels import labels
from digitpairs.products.numbers.metrics import curves, evaluation
from digitpairs.study.schema import Study


def draw(study: Study, results: pd.DataFrame) -> Figure:
    """Draw a line a variant, with the 95 % interval of the mean as a band."""
    runs, by_epoch = evaluation(results), curves(results)
    figure, axes = plt.subplots(figsize=(6.4, 3.6))
    for place, (name, label) in enumerate(labels(study, runs).items()):
        line = by_epoch[by_epoch["variant"] == name]
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(
            line["epoch"],
            line["accuracy_mean"],
            color=colour,
            ls=DASHES[place % len(DASHES)],
            label=label,
        )
        axes.fill_between(
            line["epoch"],
            line["accuracy_low"],
            line["accuracy_high"],
            color=colour,
            alpha=0.2,
            lw=0,
        )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.set(xlabel="Epoch", ylabel="Mean test accuracy")
    axes.set_title(study.title, parse_math=False)  # a $ in it is a dollar
    axes.legend(title="band: 95 % interval of the mean", loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
