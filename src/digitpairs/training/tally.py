"""Counts the pairs that a siamese net puts right, from what its branches make of single digits.

Counts are exact integers. The sizes of blocks change none of them.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor

from digitpairs.pairs.target import Answers
from digitpairs.training.engines import counts
from digitpairs.training.measures import posteriors

HEAD_BLOCK = 500  # pairs of a step that are counted in one go
POSTERIOR_BLOCK = 128  # second digits that one look judges, where it can

Labels = npt.NDArray[np.int64]  # of digits
Probabilities = npt.NDArray[np.float32]  # (n, classes)


def right_by_argmax(logits: Tensor, labels: Labels, answers: Answers) -> int:
    """Count ordered pairs of distinct digits that the most probable classes put right."""
    guesses = logits.argmax(-1).numpy()
    tables = []  # digits by guess and label, of each side
    for side in (0, 1):
        table = np.zeros(answers.shape, np.int64)
        np.add.at(table, (guesses[:, side], labels), 1)
        tables.append(table)
    first, second = tables
    right = 0
    for same in (answers, ~answers):  # of the guesses, and of the labels
        right += int(np.sum((first.T @ same @ second) * same))
    with_itself = answers[guesses[:, 0], guesses[:, 1]] == answers[labels, labels]
    return right - int(np.sum(with_itself))


def right_by_posterior(logits: Tensor, labels: Labels, answers: Answers) -> int:
    """Count ordered pairs of distinct digits that P(yes) > 1/2 puts right.

    Probabilities are in float32, their sum of products is exact but for float64's rounding.
    """
    first, second, yes = (part.numpy() for part in posteriors(logits.float(), answers))
    # Digits that are alike lie together, so that the bounds of a block are tight.
    order = np.lexsort((second @ np.arange(len(answers), dtype=second.dtype), second.argmax(1)))
    yes, truth = yes[order], answers[:, labels[order]].astype(np.int32)  # as wide as float32 sums
    starts = np.arange(0, len(labels), POSTERIOR_BLOCK)
    bounds = (np.minimum.reduceat(yes, starts), np.maximum.reduceat(yes, starts))
    so_many = np.add.reduceat(truth, starts, axis=1, dtype=np.int64)
    columns, least, most = (np.ascontiguousarray(rows.T) for rows in (yes, *bounds))
    first = np.ascontiguousarray(first)
    count = counts.right_by_posterior(len(answers), POSTERIOR_BLOCK)
    right: int = count(first, labels, columns, truth, least, most, so_many)
    itself = (with_itself(first[order], yes) > 0.5) == np.diag(answers)[labels[order]]
    return right - int(np.sum(itself))


def with_itself(first: Probabilities, yes: Probabilities) -> npt.NDArray[np.float64]:
    """P(yes) of each digit beside itself, as the kernel sums it."""
    total = np.zeros(len(first))
    for k in range(first.shape[1]):
        total += first[:, k].astype(np.float64) * yes[:, k]
    return total


def right_by_head(
    logits: Tensor, labels: Labels, answers: Answers, head: Sequence[Tensor], steps: int
) -> int:
    """Count the pairs of each digit and its next `steps` in the ring that a head puts right.

    `head` is weights and biases of the hidden layer, then of the last one (the paper's head).
    """
    first, second = logits.unbind(1)
    hidden, biases, *last = head
    weight, bias = (part[1] - part[0] for part in last)
    layer, level = (hidden.numpy(), biases.numpy(), weight.numpy()), bias.numpy()[()]
    around, right = np.arange(len(labels) + steps) % len(labels), 0
    for start in range(0, len(labels), HEAD_BLOCK):
        rows = around[start : start + HEAD_BLOCK + steps]
        one, other = (side.T.contiguous().numpy() for side in (first[rows[:-steps]], second[rows]))
        right += counts.right_by_head(one, other, *layer, level, labels[rows], answers, steps)
    return right
