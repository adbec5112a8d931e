"""Digits of a difficulty, nets of a skill, and the pairs that they get wrong, as drawn."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from digitpairs.pairs.target import answers_of
from digitpairs.runs.wrong import by_classes
from digitpairs.spec import PAPERS_TASK

ANSWERS = answers_of(PAPERS_TASK)


@dataclass(frozen=True)
class Digits:
    """Digits: what each is, how hard, and for which other class it is taken."""

    labels: npt.NDArray[np.int64]
    difficulty: npt.NDArray[np.float64]
    taken_for: npt.NDArray[np.int64]


def draw(count: int, hardness: float, spread: float, rng: np.random.Generator) -> Digits:
    """Draw digits of a population."""
    labels = rng.integers(0, 10, count)
    other = (labels + rng.integers(1, 10, count)) % 10
    return Digits(labels, rng.normal(hardness, spread, count), other)


def wrong_pairs(
    digits: Digits, skills: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Let a net of each skill read the digits; count wrong pairs: (nets, digits)."""
    return np.array(
        [by_classes(read(digits, skill, rng), digits.labels, ANSWERS) for skill in skills]
    )


def read(digits: Digits, skill: float, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Say what a net of a skill takes each digit for."""
    misread = rng.random(len(digits.labels)) < expit(digits.difficulty - skill)
    return np.where(misread, digits.taken_for, digits.labels)
