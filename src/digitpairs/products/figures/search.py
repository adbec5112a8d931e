"""Heat map of the search."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from digitpairs.models.registry import FAMILIES
from digitpairs.products.numbers.metrics import search


def draw(results: pd.DataFrame) -> Figure:
    """Heat map of mean validation accuracy by sizes and learning rate, each winner framed."""
    folds = search(results)
    ranked = folds[folds["fold"] == folds["fold"].min()]
    families = [family for family in FAMILIES if family in set(ranked["family"])]
    rows = [ranked[ranked["family"] == family]["parameters"].nunique() for family in families]
    figure, panels = plt.subplots(
        len(families), figsize=(5.8, 2.2 + 0.3 * sum(rows)), height_ratios=rows, squeeze=False
    )
    low, high = ranked["mean_accuracy"].min(), ranked["mean_accuracy"].max()
    for axes, family in zip(panels[:, 0], families, strict=True):
        table = ranked[ranked["family"] == family]
        grid = table.assign(sizes=sizes_of(table)).pivot(
            index="sizes", columns="learning_rate", values="mean_accuracy"
        )
        image = axes.imshow(grid, cmap="cividis", vmin=low, vmax=high, aspect="auto")
        for (y, x), value in np.ndenumerate(grid.to_numpy()):
            shade = "white" if value < (low + high) / 2 else "black"
            text = "–" if np.isnan(value) else f"{value:.3f}"
            axes.text(x, y, text, ha="center", va="center", fontsize=7, color=shade)
        best = table.assign(sizes=sizes_of(table)).sort_values("rank").iloc[0]
        x, y = grid.columns.get_loc(best["learning_rate"]), grid.index.get_loc(best["sizes"])
        axes.add_patch(
            Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, ec="#D55E00", lw=2.5, clip_on=False)
        )
        axes.set_xticks(range(len(grid.columns)), [f"{rate:g}" for rate in grid.columns])
        axes.set_yticks(range(len(grid.index)), list(grid.index))
        axes.set_title(FAMILIES[family].label)
        axes.spines[:].set_visible(False)
    panels[-1, 0].set_xlabel("Learning rate (each family's winner is framed)")
    figure.colorbar(image, ax=panels, label="Mean validation accuracy", aspect=50)
    return figure


def sizes_of(table: pd.DataFrame) -> pd.Series:
    """Write layer sizes in a column: conv channels, then hidden layers."""
    return (table["channels"] + " | " + table["hidden"]).str.removeprefix(" | ")
