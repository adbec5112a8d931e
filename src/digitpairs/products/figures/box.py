"""Box plot of the best accuracy by variant, with every single run (paper, Fig. 3)."""

from collections.abc import Mapping
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from digitpairs.products.figures.plotting import BEST, COLOURS
from digitpairs.products.numbers.metrics import evaluation
from digitpairs.study.schema import Study


def draw(study: Study, results: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Draw a box a variant."""
    runs = evaluation(results)
    groups = [runs[runs["variant"] == name] for name in labels]
    values = [group["best_accuracy"].dropna().to_numpy() for group in groups]
    ticks = [
        "\n".join([*(fill(part, 18) for part in label.split(", ")), f"(n = {len(accuracies)})"])
        for label, accuracies in zip(labels.values(), values, strict=True)
    ]
    lines = max(tick.count("\n") for tick in ticks)
    size = max(6.0, 1.4 * len(labels)), 3.2 + 0.14 * max(0, lines - 2)
    figure, axes = plt.subplots(figsize=size)
    axes.boxplot(values, widths=0.5, showfliers=False, medianprops={"color": "black"})
    for place, accuracies in enumerate(values, 1):
        # Spread by rank, not at random: the same figure every time.
        offsets = np.linspace(-0.15, 0.15, len(accuracies)) if len(accuracies) > 1 else 0.0
        colour = COLOURS[(place - 1) % len(COLOURS)]
        axes.scatter(
            np.broadcast_to(place + offsets, len(accuracies)),
            accuracies,
            s=10,
            color=colour,
            alpha=0.8,
            zorder=3,
        )
    axes.set_xticks(range(1, len(labels) + 1), ticks, parse_math=False)
    axes.set(ylabel=BEST)
    axes.set_title(study.title, parse_math=False)  # a $ in it is a dollar
    return figure
