"""Which ordered pairs of test digits a siamese net gets wrong, counted at both of their digits."""

from typing import Any

import numpy as np
import numpy.typing as npt

from digitpairs.pairs.target import Answers

Labels = npt.NDArray[np.int64]  # (n,)
Counts = npt.NDArray[np.int64]  # (n,): ordered pairs with this digit, first or second

SURE = 0.7072  # of two digits that are each more probable than this, no other pair tops one half
BLOCK = 500  # digits that are looked at beside all others in one go


def by_classes(guesses: Labels, labels: Labels, answers: Answers) -> Counts:
    """Count wrong pairs where the answer is that of the two classes guessed: (n,)."""
    kinds, which, sizes = np.unique(
        labels * len(answers) + guesses, return_inverse=True, return_counts=True
    )
    true, guessed = np.divmod(kinds, len(answers))
    wrong = answers[guessed[:, None], guessed] != answers[true[:, None], true]
    either: Counts = (wrong.astype(np.int64) + wrong.T) @ sizes - 2 * np.diag(wrong)
    return either[which]


def by_posterior(
    probabilities: npt.NDArray[np.float32], labels: Labels, answers: Answers
) -> Counts:
    """Count wrong pairs where the answer is yes if P(yes) > 1/2, from probabilities (n, classes).

    Sums are in float64. Two digits that are sure are answered as their classes are.
    """
    sure, unsure = (np.flatnonzero(part) for part in split(probabilities))
    wrong = np.zeros(len(labels), np.int64)
    if len(sure):
        wrong[sure] = by_classes(probabilities[sure].argmax(1), labels[sure], answers)
    first = probabilities.astype(np.float64)
    yes = first @ answers.T  # of the second digit, by the class of the first
    for start in range(0, len(unsure), BLOCK):
        rows = unsure[start : start + BLOCK]
        bad = (first[rows] @ yes.T > 0.5) != answers[labels[rows][:, None], labels]
        bad[np.arange(len(rows)), rows] = False  # no digit is beside itself
        wrong[rows] += bad.sum(1)
        wrong += bad.sum(0)
        bad = (first[sure] @ yes[rows].T > 0.5) != answers[labels[sure][:, None], labels[rows]]
        wrong[sure] += bad.sum(1)
        wrong[rows] += bad.sum(0)
    return wrong


def split(probabilities: npt.NDArray[np.float32]) -> tuple[Any, Any]:
    """Tell the digits that are sure from those that are not."""
    sure = probabilities.max(1) > SURE
    return sure, ~sure
