"""Sample pairs."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.target import answers_of
from digitpairs.products.figures.plotting import COLOURS
from digitpairs.spec import Task

SIGNS = {"lesser_or_equal": ("≤", ">"), "same_class": ("=", "≠")}
QUESTIONS = {"lesser_or_equal": "first ≤ second", "same_class": "first = second"}


def draw(sets: PairSet, task: Task, count: int = 12) -> Figure:
    """The first pairs of a set, with their digits and target."""
    signs = SIGNS.get(task.target, (",", ","))
    target = sets.target(answers_of(task))
    figure, panels = plt.subplots(2, count // 2, figsize=(6.4, 2.3))
    for axes, pixels, (first, second), yes in zip(
        panels.flat, sets.pixels, sets.digits, target, strict=False
    ):
        image = np.moveaxis(np.concatenate(pixels, -1), 0, -1)  # the channels last
        axes.imshow(image / image.max(), cmap="gray_r")
        axes.axvline(image.shape[1] / 2 - 0.5, color=COLOURS[1], lw=0.8)
        sign = signs[0] if yes else signs[1]
        axes.set_title(f"{first} {sign} {second}: target {yes}", fontsize=8)
        axes.set_axis_off()
    question = QUESTIONS.get(task.target, "the answer is yes")
    title = f"Pairs of {task.side}x{task.side} digits; target 1 where {question}"
    figure.suptitle(title, fontsize=10)
    return figure
