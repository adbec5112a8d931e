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
    ranked = ranked.assign(net=nets_of(ranked))
    grids = list(results["variant"].unique())
    rows = [ranked[ranked["grid"] == grid]["net"].nunique() for grid in grids]
    figure, panels = plt.subplots(
        len(grids), figsize=(5.8, 2.2 + 0.3 * sum(rows)), height_ratios=rows, squeeze=False
    )
    low, high = ranked["mean_accuracy"].min(), ranked["mean_accuracy"].max()
    for axes, grid in zip(panels[:, 0], grids, strict=True):
        table = ranked[ranked["grid"] == grid]
        cells = table.pivot(index="net", columns="learning_rate", values="mean_accuracy")
        image = axes.imshow(cells, cmap="cividis", vmin=low, vmax=high, aspect="auto")
        for (y, x), value in np.ndenumerate(cells.to_numpy()):
            shade = "white" if value < (low + high) / 2 else "black"
            text = "–" if np.isnan(value) else f"{value:.3f}"
            axes.text(x, y, text, ha="center", va="center", fontsize=7, color=shade)
        best = table.sort_values("rank").iloc[0]
        x, y = cells.columns.get_loc(best["learning_rate"]), cells.index.get_loc(best["net"])
        axes.add_patch(
            Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, ec="#D55E00", lw=2.5, clip_on=False)
        )
        axes.set_xticks(range(len(cells.columns)), [f"{rate:g}" for rate in cells.columns])
        axes.set_yticks(range(len(cells.index)), list(cells.index))
        axes.set_title(FAMILIES[grid].label if grid in FAMILIES else grid)
        axes.spines[:].set_visible(False)
    panels[-1, 0].set_xlabel("Learning rate (each grid's winner is framed)")
    figure.colorbar(image, ax=panels, label="Mean validation accuracy", aspect=50)
    return figure


def nets_of(table: pd.DataFrame) -> pd.Series:
    """Write what a row tries beside its rate: conv channels, hidden layers, recipe."""
    sizes = (table["channels"] + " | " + table["hidden"]).str.removeprefix(" | ")
    return (sizes + " | " + table["recipe"]).str.removesuffix(" | ")
