"""Forest plot: differences from a study's references, paired by seed, with 95 % intervals."""

from collections.abc import Mapping
from textwrap import fill

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.numbers.differences import differences
from digitpairs.products.numbers.statistics import Summary
from digitpairs.study.schema import Study


def draw(study: Study, results: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Draw a panel a reference, and in it a point and an interval a variant.

    What bears one label shares a row. At zero is the reference.
    """
    panels: dict[str, dict[str, Summary]] = {}
    for name, one in differences(results, study.references).items():
        panels.setdefault(labels[one.reference], {})[labels[name]] = one.of
    rows = list(dict.fromkeys(label for panel in panels.values() for label in panel))
    figure, (row,) = plt.subplots(
        1,
        len(panels),
        sharey=True,
        squeeze=False,
        figsize=(3.6 + 2.8 * len(panels), 1.6 + 0.34 * len(rows)),
    )
    for axes, (reference, panel) in zip(row, panels.items(), strict=True):
        for label, of in panel.items():
            draw_interval(axes, rows.index(label), of)
        axes.axvline(0, color="0.6", lw=0.8, zorder=0)
        below = f"Accuracy over many pairs, less that of {reference}"
        axes.set_xlabel(fill(below, 44), parse_math=False)
    row[0].set_yticks(range(len(rows)), [fill(label, 44) for label in rows])
    for tick in row[0].get_yticklabels():
        tick.set_parse_math(False)
    row[0].set_ylim(len(rows) - 0.4, -0.6)
    if len(panels) == 1:
        row[0].set_title(study.title, parse_math=False)  # a $ in it is a dollar
    else:
        figure.suptitle(study.title, fontsize=10, parse_math=False)
    return figure


def draw_interval(axes: Axes, place: int, of: Summary) -> None:
    """Draw a row: blue where all of its interval gains, orange where all of it loses."""
    colour = COLOURS[0] if of.low > 0 else COLOURS[1] if of.high < 0 else "0.45"
    axes.plot([of.low, of.high], [place, place], color=colour, lw=1.6)
    axes.plot(of.mean, place, "o", color=colour, ms=5)
