"""The best configurations of each grid, over the search and its repeats."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.labels import configuration
from digitpairs.products.numbers.standings import BEHIND, by_grid, standings
from digitpairs.search.ranking import CONFIGURATION, score
from digitpairs.spec import Setting
from digitpairs.study.schema import Study

MOST = 10  # configurations of a grid, beside the published one
GREY = "0.55"


def draw(
    study: Study, folds: pd.DataFrame, published: Mapping[str, Setting], labels: Mapping[str, str]
) -> Figure:
    """Draw a panel a grid, and in it a row a configuration, the best by mean at the top.

    Points are the searches, each the mean of its folds; those that win theirs are filled.
    """
    found = standings(folds, published)
    panels = [(grid, pick(rows)) for grid, rows in by_grid(found)]
    heights = [len(rows) for _, rows in panels]
    figure, axes_below = plt.subplots(
        len(panels), figsize=(6.4, 1.2 + 0.23 * sum(heights)), height_ratios=heights, squeeze=False
    )
    means = score(folds).groupby([folds[key] for key in [*CONFIGURATION, "seed"]]).mean()
    best = means.groupby(["variant", "seed"]).transform("max")
    for axes, (grid, rows) in zip(axes_below[:, 0], panels, strict=True):
        names = []
        for place, row in enumerate(rows.to_dict("records")):
            key = tuple(row[name] for name in CONFIGURATION)
            draw_row(axes, place, means.loc[key], best.loc[key], row["standing"] == BEHIND)
            names.append(configuration(row["setting"]) + "*" * row["published"])
        axes.set_yticks(range(len(rows)), names, fontsize=7, parse_math=False)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_title(labels[grid], loc="left", parse_math=False)
    add_legend(figure, axes_below[-1, 0])
    axes_below[-1, 0].set_xlabel("Accuracy on the folds: a point a search (*: as published)")
    figure.suptitle(study.title, fontsize=10, parse_math=False)
    return figure


def pick(rows: pd.DataFrame) -> pd.DataFrame:
    """Take the best configurations of a grid, and the published one wherever it ranks."""
    return rows[(rows.reset_index().index < MOST) | rows["published"]]


def draw_row(axes: Axes, place: int, means: pd.Series, best: pd.Series, is_behind: bool) -> None:
    """Draw a configuration: a line over its searches, and a point for each."""
    colour = GREY if is_behind else COLOURS[0]
    axes.plot([means.min(), means.max()], [place, place], color=colour, lw=0.8, zorder=1)
    wins = means >= best - 1e-9
    axes.plot(means[~wins], [place] * sum(~wins), "o", color=colour, mfc="w", ms=4, mew=0.8)
    axes.plot(means[wins], [place] * sum(wins), "o", color=COLOURS[1], ms=5)
    axes.plot(means.mean(), place, "|", color=colour, ms=10, mew=1.6)


def add_legend(figure: Figure, axes: Axes) -> None:
    """Say what points and colours mean, below all panels: rows fill them."""
    for marker, colour, words in (
        ("o", COLOURS[1], "best of its search"),
        ("|", COLOURS[0], "mean; not told from the best"),
        ("|", GREY, "mean; behind the best"),
    ):
        axes.plot([], [], marker, color=colour, ls="", ms=6, label=words)
    figure.legend(fontsize=7, loc="outside lower center", ncols=3)
