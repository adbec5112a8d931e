"""Pairs as a figure shows them: their images, signs and targets."""

import numpy as np
import pytest

from digitpairs.pairs.pairset import PairSet
from digitpairs.products.figures import pairs
from digitpairs.spec import PAPERS_TASK, Task

DIGITS = np.array([[0, 1], [1, 0], [2, 2]])


def some_pairs(task: Task) -> PairSet:
    rng = np.random.default_rng(0)
    shape = (len(DIGITS), 2, task.channels, task.side, task.side)
    return PairSet(rng.integers(0, 1020, shape).astype(np.uint16), DIGITS, DIGITS)


@pytest.mark.parametrize(
    ("task", "titles", "question"),
    [
        (PAPERS_TASK, ["0 ≤ 1: target 1", "1 > 0: target 0", "2 ≤ 2: target 1"], "first ≤ second"),
        (
            Task(8, 3, 3, "same_class"),
            ["0 ≠ 1: target 0", "1 ≠ 0: target 0", "2 = 2: target 1"],
            "first = second",
        ),
        (
            Task(8, 1, 3, "010/000/000"),
            ["0 , 1: target 1", "1 , 0: target 0", "2 , 2: target 0"],
            "the answer is yes",
        ),
    ],
)
def test_each_pair_has_its_images_sign_and_target(
    task: Task, titles: list[str], question: str
) -> None:
    given = some_pairs(task)
    figure = pairs.draw(given, task)
    shown = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title() for axes in shown] == titles
    side = task.side
    assert f"{side}x{side}" in figure.get_suptitle()
    assert figure.get_suptitle().endswith(question)
    for axes, (first, second) in zip(shown, given.pixels, strict=True):
        image = np.asarray(axes.images[0].get_array()).reshape(side, 2 * side, -1)
        for of_side, own in ((image[:, :side], first), (image[:, side:], second)):
            expected = np.moveaxis(own, 0, -1)
            assert np.corrcoef(of_side.ravel(), expected.ravel())[0, 1] > 0.999
