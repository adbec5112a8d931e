"""Forest plot: differences from the first variant, paired by seed, with 95 % intervals."""

from collections.abc import Mapping
from textwrap import fill

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from digitpairs.products.figures.plotting import COLOURS
from digitpairs.products.numbers.differences import differences
from digitpairs.study.schema import Study


def draw(study: Study, results: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Draw a point and an interval a variant; at zero is the first."""
    found = differences(results)
    first, *others = [name for name in labels if name in {*found, results["variant"].iloc[0]}]
    figure, axes = plt.subplots(figsize=(6.4, 1.6 + 0.34 * len(others)))
    for place, name in enumerate(others):
        own = found[name].of
        colour = COLOURS[0] if own.low > 0 else COLOURS[1] if own.high < 0 else "0.45"
        axes.plot([own.low, own.high], [place, place], color=colour, lw=1.6)
        axes.plot(own.mean, place, "o", color=colour, ms=5)
    axes.axvline(0, color="0.6", lw=0.8, zorder=0)
    axes.set_yticks(range(len(others)), [fill(labels[name], 44) for name in others])
    for tick in axes.get_yticklabels():
        tick.set_parse_math(False)
    axes.set_ylim(len(others) - 0.4, -0.6)
    axes.set_xlabel(f"Accuracy over many pairs, less that of {labels[first]}", parse_math=False)
    axes.set_title(study.title, parse_math=False)  # a $ in it is a dollar
    return figure
