"""Mean test accuracy by epoch (paper, Fig. 5)."""

from collections.abc import Mapping
from textwrap import fill

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from digitpairs.products.figures.plotting import COLOURS, DASHES
from digitpairs.products.numbers.metrics import curves
from digitpairs.study.schema import Study


def draw(study: Study, results: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Draw a line a variant, with the 95 % interval of the mean as a band."""
    by_epoch, lines = curves(results), []
    figure, axes = plt.subplots(figsize=(6.4, 3.6))
    for place, name in enumerate(labels):
        line = by_epoch[by_epoch["variant"] == name]
        colour = COLOURS[place % len(COLOURS)]
        lines += axes.plot(
            line["epoch"], line["accuracy_mean"], color=colour, ls=DASHES[place % len(DASHES)]
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
    legend = axes.legend(
        lines,
        [fill(label, 34) for label in labels.values()],
        title="band: 95 % interval of the mean",
        loc="center left",
        bbox_to_anchor=(1, 0.5),
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure
