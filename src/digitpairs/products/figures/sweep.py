"""Mean accuracy against the weight of the auxiliary loss (paper, Fig. 4)."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.numbers.metrics import evaluation
from digitpairs.products.numbers.statistics import summarise
from digitpairs.study.schema import Study


def draw(study: Study, results: pd.DataFrame) -> Figure:
    """Draw mean +- std on a log axis.

    A variant without auxiliary loss has no place on a log axis: it is a horizontal line.
    """
    chosen = evaluation(results).sort_values("aux_weight", kind="stable")
    figure, axes = plt.subplots(figsize=(5.2, 3.2))
    series = (
        ("best_accuracy", "best epoch", "o", "-"),
        ("final_accuracy", "final epoch", "s", "--"),
    )
    for (column, name, marker, dash), colour in zip(series, COLOURS, strict=False):
        summaries = {
            float(weight): summarise(group[column])
            for weight, group in chosen.groupby("aux_weight")
        }
        if 0.0 in summaries:
            axes.axhline(summaries.pop(0.0).mean, color=colour, ls=":", label=f"λ = 0, {name}")
        axes.errorbar(
            list(summaries),
            [one.mean for one in summaries.values()],
            yerr=[one.std for one in summaries.values()],
            marker=marker,
            ls=dash,
            capsize=3,
            color=colour,
            label=f"{name}, mean ± std",
        )
    axes.set_xscale("log")
    axes.set(xlabel="Weight λ of the auxiliary loss", ylabel="Test accuracy")
    axes.set_title(study.title, parse_math=False)  # a $ in it is a dollar
    axes.legend()
    return figure
