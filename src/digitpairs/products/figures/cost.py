"""Accuracy against what it takes: CPU seconds a run, where these were recorded, and parameters."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from textwrap import fill

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from digitpairs.products.figures.accuracies import position, set_accuracies, short
from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.numbers.ladder import public
from digitpairs.study.schema import Study

MANY = 100  # a factor over which tens alone are written
FEW = 3  # one below which round numbers are
UNKNOWN = ", parameters not known"
NEAR = 16  # dots between two points whose signs would lie on each other
WIDE = 46  # characters of a line beside the panels


@dataclass(frozen=True)
class Point:
    """A net: its sign, accuracy with interval, and where it stands; None where that is unknown."""

    sign: str
    accuracy: float
    low: float
    high: float
    seconds: float | None
    parameters: float | None
    colour: str


def draw(study: Study, found: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Draw a panel a cost, ours by numbers and others by letters; both are listed beside them."""
    known = public()
    ours, others = of_study(found), of_others(known)
    points = [*ours, *others]
    panels = [("seconds", "CPU seconds a run, its teachers' included")]
    panels = panels if any(one.seconds for one in ours) else []
    panels.append(("parameters", "Parameters"))
    figure, (axes_in_row,) = plt.subplots(
        1, len(panels), sharey=True, squeeze=False, figsize=(3.2 + 3.1 * len(panels), 4)
    )
    placed = [known_of(points, cost) for cost, _ in panels]
    for axes, (_, name), known_here in zip(axes_in_row, panels, placed, strict=True):
        for cost, point in known_here:
            draw_point(axes, cost, point)
        set_costs(axes)
        axes.set_xlabel(name)
    shown = [value for one in points for value in (one.accuracy, one.low, one.high)]
    set_accuracies(axes_in_row[0].yaxis, shown)
    for axes, known_here in zip(axes_in_row, placed, strict=True):
        name_points(axes, known_here)
    axes_in_row[0].set_ylabel("Test accuracy (by the error, on a log scale)")
    figure.suptitle(study.title, fontsize=10, parse_math=False)
    names = [labels[name] for name in found["variant"]]
    listed = [f"{one.sign}  {name}" for one, name in zip(ours, names, strict=True)]
    listed += ["", "Public, as their authors say (bars: one standard deviation):"]
    listed += [
        f"{one.sign}  {row['name']}: {short(one.accuracy)}{'' if one.parameters else UNKNOWN}"
        for one, (_, row) in zip(others, known.iterrows(), strict=True)
    ]
    if len(panels) > 1:
        listed += ["", "What these cost in seconds is not known."]
    text = "\n".join(fill(line, WIDE, subsequent_indent="     ") for line in listed)
    axes_in_row[-1].annotate(
        text,
        (1.04, 1),
        xycoords="axes fraction",
        va="top",
        fontsize=7,
        parse_math=False,
    )
    return figure


def set_costs(axes: Axes) -> None:
    """Let an axis hold costs that differ by factors."""
    axes.set_xscale("log")
    axes.margins(x=0.15)
    low, high = axes.get_xlim()
    steps = (1, 2, 5) if high / low < MANY else (1,)
    few = high / low < FEW
    axes.xaxis.set_major_locator(MaxNLocator(3) if few else LogLocator(subs=steps))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def of_study(found: pd.DataFrame) -> list[Point]:
    """Our nets, over all ordered pairs, numbered in order."""
    return [
        Point(
            str(place),
            row["pairs_mean"],
            row["pairs_low"],
            row["pairs_high"],
            None if pd.isna(row["cpu_seconds"]) else row["cpu_seconds"] + row["teacher_seconds"],
            row["parameters"],
            COLOURS[0],
        )
        for place, row in enumerate(found.to_dict("records"), start=1)
    ]


def of_others(known: pd.DataFrame) -> list[Point]:
    """What others have published, lettered."""
    return [
        Point(
            sign,
            row["accuracy"],
            row["accuracy"] - row["std"],
            row["accuracy"] + row["std"],
            None,
            None if pd.isna(row["parameters"]) else row["parameters"],
            COLOURS[1],
        )
        for sign, (_, row) in zip(ascii_lowercase, known.iterrows(), strict=False)
    ]


def known_of(points: Iterable[Point], cost: str) -> list[tuple[float, Point]]:
    """List the points whose accuracy and cost are known, with the cost."""
    costs = [(getattr(point, cost), point) for point in points if not pd.isna(point.accuracy)]
    return [(value, point) for value, point in costs if value is not None]


def draw_point(axes: Axes, cost: float, point: Point) -> None:
    """Draw a point with its interval."""
    if not pd.isna(point.low):
        ends = [position(point.low), position(point.high)]
        axes.plot([cost, cost], ends, color=point.colour, lw=1)
    axes.plot(cost, position(point.accuracy), "o", color=point.colour, ms=4)


def name_points(axes: Axes, points: Sequence[tuple[float, Point]]) -> None:
    """Write the sign of each point beside it, and in their order where points lie close."""
    places = {one.sign: (cost, position(one.accuracy)) for cost, one in points}
    order = list(places)
    seen = {sign: axes.transData.transform(place) for sign, place in places.items()}
    groups: list[list[str]] = []
    for sign in sorted(places, key=lambda sign: seen[sign][1]):
        near = groups and math.dist(seen[sign], seen[groups[-1][-1]]) < NEAR
        groups = [*groups[:-1], [*groups[-1], sign]] if near else [*groups, [sign]]
    for group in groups:
        axes.annotate(
            ", ".join(sorted(group, key=order.index)),
            places[group[-1]],
            xytext=(5, -2.5),
            textcoords="offset points",
            fontsize=8,
        )
