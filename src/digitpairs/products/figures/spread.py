"""How far runs spread, and what of it each source makes: standard deviations with intervals."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.numbers.spread import SEEDS, WORDS, budget
from digitpairs.study.schema import Study


def draw(study: Study, results: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Draw a panel a reference, and in it a bar a source; hollow: over many pairs."""
    found = budget(results)
    panels = list(found.groupby("variant", sort=False))
    names = found["source"].drop_duplicates().to_list()
    names.sort(key=[*WORDS].index)
    figure, (axes_in_row,) = plt.subplots(
        1,
        len(panels),
        sharex=True,
        sharey=True,
        squeeze=False,
        figsize=(3.0 + 2.6 * len(panels), 1.6 + 0.34 * len(names)),
    )
    for axes, (reference, rows) in zip(axes_in_row, panels, strict=True):
        for row in rows.to_dict("records"):
            draw_source(axes, names.index(row["source"]), row)
        axes.set_title(labels[str(reference)], parse_math=False, fontsize=9)
        axes.set_xlabel("Std of test accuracy, in points")
        axes.set_xlim(left=0)
    test = " or ".join(f"{count:,}" for count in sorted(set(found["test"])))
    ticks = [WORDS[name].replace("{test:,}", test) for name in names]
    axes_in_row[0].set_yticks(range(len(names)), ticks)
    axes_in_row[0].set_ylim(len(names) - 0.4, -0.6)
    add_legend(axes_in_row[-1])
    figure.suptitle(study.title, fontsize=10, parse_math=False)
    return figure


def draw_source(axes: Axes, place: int, row: Mapping[str, Any]) -> None:
    """Draw a source: a bar, its interval where there is one, and a point over many pairs."""
    colour = COLOURS[0] if row["source"] == SEEDS else COLOURS[5]
    axes.barh(place, 100 * row["std"], height=0.6, color=colour)
    if not pd.isna(row["low"]):
        axes.plot([100 * row["low"], 100 * row["high"]], [place, place], color="0.2", lw=1)
    if not pd.isna(row["many_std"]):
        axes.plot(100 * row["many_std"], place, "D", color="black", mfc="w", ms=4.5)


def add_legend(axes: Axes) -> None:
    """Say what bars, lines and points are."""
    axes.plot([], [], color=COLOURS[5], lw=6, label="final epoch")
    axes.plot([], [], color="0.2", lw=1, label="95 % interval")
    axes.plot([], [], "D", color="black", mfc="w", ms=4.5, ls="", label="over many pairs")
    axes.legend(loc="lower right", fontsize=7)
