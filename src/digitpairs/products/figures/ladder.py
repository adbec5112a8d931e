"""A ladder, rung by rung: accuracy by two measures with intervals, and what each rung gains."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digitpairs.products.figures.accuracies import position, set_accuracies, short
from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.numbers.ladder import public
from digitpairs.study.schema import Study

PALE = "0.6"
WIDE = 34  # characters of a label in a line
ENDS = [f"{measure}_{part}" for measure in ("final", "pairs") for part in ("mean", "low", "high")]


def draw(study: Study, found: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Draw a row a rung, the first on top; the change from the rung before stands at its right."""
    rows, best = found.to_dict("records"), public().iloc[0]
    figure, axes = plt.subplots(figsize=(7.6, 1.7 + 0.46 * len(rows)))
    for place, row in enumerate(rows):
        mark(axes, place + 0.17, row, "final", {"color": PALE, "ms": 4, "mfc": "w"})
        mark(axes, place - 0.08, row, "pairs", {"color": COLOURS[0], "ms": 5})
        axes.annotate(
            change(row),
            (1, place),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    shown = [*found[ENDS].to_numpy().ravel(), best["accuracy"], *study.goals]
    set_accuracies(axes.xaxis, shown)
    line(axes, best["accuracy"], "--", f"best public, {best['name']} ", "right")
    for place, goal in enumerate(sorted(study.goals)):
        line(axes, goal, ":", "" if place else f"{named(study.goals)} ", "right")
    axes.set_yticks(range(len(rows)), [fill(labels[row["variant"]], WIDE) for row in rows])
    for tick in axes.get_yticklabels():
        tick.set_parse_math(False)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("Test accuracy (by the error, on a log scale), with 95 % intervals")
    axes.annotate(
        "change, in points",
        (1, 1),
        xycoords="axes fraction",
        xytext=(4, 4),
        textcoords="offset points",
        fontsize=8,
        color="0.3",
    )
    add_legend(figure, axes)
    figure.suptitle(study.title, fontsize=10, parse_math=False)
    return figure


def mark(
    axes: Axes, place: float, row: Mapping[str, Any], measure: str, how: dict[str, Any]
) -> None:
    """Draw a mean and its interval; nothing where there is none."""
    mean, low, high = (row[f"{measure}_{part}"] for part in ("mean", "low", "high"))
    if pd.isna(mean):
        return
    if not pd.isna(low):
        ends = [position(low), position(high)]
        axes.plot(ends, [place, place], color=how["color"], lw=1.4)
    axes.plot(position(mean), place, "o", **how)


def change(row: Mapping[str, Any]) -> str:
    """Write how far a rung is from the one before, in points, with the interval."""
    gained, low, high = (row[f"difference{part}"] for part in ("", "_low", "_high"))
    if pd.isna(gained):
        return ""
    ends = "" if pd.isna(low) else f" [{100 * low:+.2f}, {100 * high:+.2f}]"
    return f"{100 * gained:+.2f}{ends}".replace("-", "−")


def named(goals: Sequence[float]) -> str:
    """Name goals in a line: they lie too close for one each."""
    return f"goal{'' if len(goals) == 1 else 's'} {' and '.join(map(short, sorted(goals)))}"


def line(axes: Axes, accuracy: float, dashes: str, name: str, side: str) -> None:
    """Draw a line at an accuracy, and name it at a side of its top."""
    axes.axvline(position(accuracy), color="0.4", lw=0.9, ls=dashes, zorder=0)
    axes.annotate(
        name,
        (position(accuracy), 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha=side,
        fontsize=7,
        color="0.3",
        parse_math=False,
    )


def add_legend(figure: Figure, axes: Axes) -> None:
    """Say which mark is which measure."""
    axes.plot([], [], "o-", color=COLOURS[0], ms=5, label="all ordered pairs of test digits")
    axes.plot([], [], "o-", color=PALE, mfc="w", ms=4, label="each seed's own test pairs")
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8
    )
