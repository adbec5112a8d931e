"""Sample pairs."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from digitpairs.pairs.pairset import PairSet
from digitpairs.products.figures.plotting import COLOURS


def draw(sets: PairSet, count: int = 12) -> Figure:
    """The first pairs of a set, with their digits and target."""
    figure, panels = plt.subplots(2, count // 2, figsize=(6.4, 2.3))
    for axes, pixels, (first, second), target in zip(
        panels.flat, sets.pixels, sets.digits, sets.target, strict=False
    ):
        axes.imshow(np.hstack(pixels), cmap="gray_r")
        axes.axvline(13.5, color=COLOURS[1], lw=0.8)
        axes.set_title(f"{first} {'≤' if target else '>'} {second}: target {target}", fontsize=8)
        axes.set_axis_off()
    figure.suptitle("Pairs of 14x14 digits; target 1 where first ≤ second", fontsize=10)
    return figure
