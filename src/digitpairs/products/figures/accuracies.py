"""An axis of accuracies near one: by the error, so that .98 to .993 is as wide as .9 to .965."""

from collections.abc import Iterable
from math import log10

import numpy as np
import pandas as pd
from matplotlib.axis import Axis

# Accuracies that are written at the axis, as far as they are in sight.
WRITTEN = (0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.992, 0.994, 0.996, 0.998, 0.999)
LEAST = 1e-4  # of an error: no figure ends at none


def position(accuracy: float) -> float:
    """Where an accuracy stands on the axis."""
    return -log10(max(1 - accuracy, LEAST))


def set_accuracies(axis: Axis, shown: Iterable[float]) -> None:
    """Let an axis hold the accuracies that are shown, and write some of those between."""
    known = [position(value) for value in shown if not pd.isna(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = max(0.06 * (high - low), 0.02)
    ends = (low - room, high + room)
    axis.axes.set(**{f"{axis.axis_name}lim": ends})  # type: ignore[attr-defined]
    inside = [value for value in WRITTEN if ends[0] <= position(value) <= ends[1]]
    places = thinned(list(map(position, inside)), 0.07 * (ends[1] - ends[0]))
    inside = [inside[place] for place in places]
    axis.set_ticks([position(value) for value in inside], list(map(short, inside)))


def short(accuracy: float) -> str:
    """Write an accuracy as tables do: .992."""
    return f"{accuracy:g}".removeprefix("0")


def thinned(positions: list[float], least: float) -> list[int]:
    """Pick places that are at least so far apart."""
    picked: list[int] = []
    for place in np.argsort(positions):
        if not picked or positions[place] - positions[picked[-1]] >= least:
            picked.append(int(place))
    return picked
