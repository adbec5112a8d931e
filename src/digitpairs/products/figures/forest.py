"""Forest plot: differences from a study's references, paired by seed, with 95 % intervals."""

from collections import Counter
from collections.abc import Iterable, Mapping
from textwrap import fill

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.numbers.differences import NOTHING, Difference, by_reference
from digitpairs.study.schema import Study

Row = tuple[str, int]  # a label, and how many rows of the panel have it before


def draw(study: Study, results: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Draw a panel a reference, and in it a point and an interval a variant.

    Variants of different panels that have one label share a row. At zero is the reference.
    """
    panels = by_reference(results, study.references)
    rows_of = {reference: places(panel, labels) for reference, panel in panels.items()}
    rows = list(dict.fromkeys(row for panel in rows_of.values() for row in panel.values()))
    height = max(len(rows), 1)
    figure, (axes_in_row,) = plt.subplots(
        1,
        len(panels),
        sharey=True,
        squeeze=False,
        figsize=(3.6 + 2.8 * len(panels), 1.9 + 0.34 * height),
    )
    for axes, (reference, panel) in zip(axes_in_row, panels.items(), strict=True):
        for name, difference in panel.items():
            draw_interval(axes, rows.index(rows_of[reference][name]), difference)
        axes.margins(x=0.1)  # room for a remark at an edge
        axes.axvline(0, color="0.6", lw=0.8, zorder=0)
        below = f"Accuracy over many pairs, less that of {labels[reference]}"
        about = "95 % intervals over training seeds, for one set of test pairs"
        axes.set_xlabel(f"{fill(below, 44)}\n{fill(about, 44)}", parse_math=False)
        if not panel:
            say_nothing(axes)
    first = axes_in_row[0]
    first.set_yticks(range(len(rows)), [fill(label, 44) for label, _ in rows])
    for tick in first.get_yticklabels():
        tick.set_parse_math(False)
    first.set_ylim(height - 0.4, -0.6)
    if len(panels) == 1:
        first.set_title(study.title, parse_math=False)  # a $ in it is a dollar
    else:
        figure.suptitle(study.title, fontsize=10, parse_math=False)
    return figure


def places(panel: Iterable[str], labels: Mapping[str, str]) -> dict[str, Row]:
    """Give each variant of a panel a row of its own."""
    before: Counter[str] = Counter()
    found = {}
    for name in panel:
        found[name] = (labels[name], before[labels[name]])
        before[labels[name]] += 1
    return found


def draw_interval(axes: Axes, place: int, difference: Difference) -> None:
    """Draw a row: blue where all of its interval gains, orange where all of it loses."""
    of = difference.of
    colour = COLOURS[0] if of.low > 0 else COLOURS[1] if of.high < 0 else "0.45"
    axes.plot([of.low, of.high], [place, place], color=colour, lw=1.6)
    axes.plot(of.mean, place, "o", color=colour, ms=5)
    axes.annotate(
        difference.remark,
        (of.mean if difference.seeds else 0, place),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=7,
        bbox={"color": "w", "pad": 0.5},  # hides the line at zero
    )


def say_nothing(axes: Axes) -> None:
    """Say why a panel has no row."""
    axes.set_xticks([])
    text = fill(NOTHING.capitalize(), 34)
    axes.text(
        0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", backgroundcolor="w"
    )
