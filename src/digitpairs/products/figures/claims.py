"""Forest plot of all claims: each comparison's difference with its interval, and the verdicts."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.labels import comparison
from digitpairs.products.numbers.claims import decisive, same_comparison
from digitpairs.products.numbers.verdicts import CONFIRMED, CONTRADICTED, NOT_SUPPORTED, PARTLY
from digitpairs.study.claims import PARAMETERS, SELECTION, Claim

COLOUR = {
    CONFIRMED: COLOURS[0],
    PARTLY: COLOURS[2],
    NOT_SUPPORTED: COLOURS[4],
    CONTRADICTED: COLOURS[1],
}
GREY = "0.45"  # undecided
LONGEST = 76  # characters of a row's name
MARKERS = {
    "best_accuracy": ("o", "best epoch"),
    "final_accuracy": ("s", "final epoch"),
    "many_pairs_accuracy": ("D", "many pairs"),
}

Row = Mapping[str, Any]


def draw(found: pd.DataFrame, claims: Mapping[str, Claim], labels: Mapping[str, str]) -> Figure:
    """Draw a row a comparison under its claim, in points of accuracy; `found` is claims.csv.

    What is counted has no place on this axis: it stands in words.
    """
    groups = list(decisive(found))
    count = len(groups) + sum(len(rows) for _, rows in groups)
    figure, axes = plt.subplots(figsize=(9.2, 1.5 + 0.2 * count))
    ticks: list[str] = []
    bold: list[int] = []
    for name, rows in groups:
        overall = rows["claim_verdict"].iloc[0]
        say(axes, len(ticks), overall, COLOUR.get(overall, GREY), fontweight="bold")
        bold.append(len(ticks))
        ticks.append(fill(claims[name].says, LONGEST))
        for row in rows.to_dict("records"):
            draw_comparison(axes, len(ticks), row, found)
            if len(rows) > 1:
                say(axes, len(ticks), row["verdict"], COLOUR.get(row["verdict"], GREY))
            compared = comparison(row["variant"], row["reference"], labels)
            ticks.append(fill(compared, LONGEST))
    axes.axvline(0, color="0.6", lw=0.8, zorder=0)
    axes.set_yticks(range(count), ticks, parse_math=False, fontsize=8)
    for place in bold:
        axes.get_yticklabels()[place].set_fontweight("bold")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(count - 0.4, -0.6)
    axes.set_xlabel(
        "Difference of test accuracy in points, with its 95 % BCa interval over seeds.\n"
        "Grey band: the margin. Bar: the size that is claimed"
    )
    axes.set_title("Claims")
    add_legend(figure, axes)
    return figure


def draw_comparison(axes: Axes, place: int, row: Row, found: pd.DataFrame) -> None:
    """Draw what decides a comparison large, the other measures small and hollow."""
    sign = -1 if row["direction"] == "below" else 1
    if row["measure"] in (PARAMETERS, SELECTION):
        unit = "% of the parameters" if row["measure"] == PARAMETERS else "points on the folds"
        text = (
            "not among what was tried" if pd.isna(row["effect"]) else written(row["effect"], unit)
        )
        axes.text(
            *(0.01, place, text),
            fontsize=8,
            va="center",
            transform=axes.get_yaxis_transform(),
            bbox={"color": "w", "pad": 0.5},  # hides the line at zero
        )
        return
    band = [-100 * row["margin"], 100 * row["margin"]]
    axes.fill_betweenx([place - 0.4, place + 0.4], *band, color="0.92", lw=0, zorder=-1)
    colour = COLOUR.get(row["verdict"], GREY)
    axes.plot([100 * row["low"], 100 * row["high"]], [place, place], color=colour, lw=1.6)
    for other in same_comparison(found, row).to_dict("records"):
        decides = other["decides"]
        axes.plot(
            100 * other["effect"],
            place,
            MARKERS[other["measure"]][0],
            color=colour,
            mfc=colour if decides else "none",
            ms=5 if decides else 4,
            mew=0.7,
            zorder=3 if decides else 2,
        )
    if not pd.isna(row["at_least"]):
        axes.plot(100 * sign * row["at_least"], place, "|", color="black", ms=9)


def written(effect: float, unit: str) -> str:
    """Write a share or a difference of accuracies with its sign."""
    return f"{100 * effect:+.1f} {unit}".replace("-", "−")


def say(axes: Axes, place: int, text: str, colour: str, **style: Any) -> None:
    """Write a verdict at the right."""
    axes.text(
        1.02,
        place,
        text,
        color=colour,
        fontsize=8,
        va="center",
        transform=axes.get_yaxis_transform(),
        **style,
    )


def add_legend(figure: Figure, axes: Axes) -> None:
    """Say which marker is which measure, below the rows."""
    for marker, words in MARKERS.values():
        axes.plot([], [], marker, color=GREY, mfc="none", ms=4, mew=0.7, label=words)
    axes.plot([], [], "-o", color=GREY, ms=5, lw=1.6, label="what decides")
    figure.legend(loc="outside lower right", ncols=4, fontsize=7)
