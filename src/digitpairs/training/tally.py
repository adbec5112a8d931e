"""Counts the pairs that a siamese net puts right, from what its branches make of single digits.

Counts are exact integers. The sizes of blocks change none of them.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor

from digitpairs.pairs.sizes import CLASSES
from digitpairs.training.engines import counts
from digitpairs.training.measures import posteriors

HEAD_BLOCK = 500  # pairs of a step that are counted in one go
POSTERIOR_BLOCK = 128  # second digits that one look judges, where it can

Labels = npt.NDArray[np.int64]  # of digits
Probabilities = npt.NDArray[np.float32]  # (n, 10)


def right_by_argmax(logits: Tensor, labels: Labels) -> int:
    """Count ordered pairs of distinct digits that the most probable classes put right."""
    classes = np.arange(CLASSES)
    at_most = classes[:, None] <= classes
    guesses = logits.argmax(-1).numpy()
    tables = []  # digits by guess and label, of each side
    for side in (0, 1):
        table = np.zeros((CLASSES, CLASSES), np.int64)
        np.add.at(table, (guesses[:, side], labels), 1)
        tables.append(table)
    first, second = tables
    right = 0
    for same in (at_most, ~at_most):  # of the guesses, and of the labels
        right += int(np.sum((first.T @ same @ second) * same))
    return right - int(np.sum(guesses[:, 0] <= guesses[:, 1]))  # without a digit and itself


def right_by_posterior(logits: Tensor, labels: Labels) -> int:
    """Count ordered pairs of distinct digits that P(first <= second) > 1/2 puts right.

    Probabilities are in float32, their sum of products is exact but for float64's rounding.
    """
    first, second, at_least = (part.numpy() for part in posteriors(logits.float()))
    # Digits that are alike lie together, so that the bounds of a block are tight.
    order = np.lexsort((second @ np.arange(CLASSES, dtype=second.dtype), second.argmax(1)))
    at_least, others = at_least[order], labels[order]
    starts = np.arange(0, len(labels), POSTERIOR_BLOCK)
    bounds = (np.minimum.reduceat(at_least, starts), np.maximum.reduceat(at_least, starts))
    above = np.add.reduceat((others[:, None] >= np.arange(CLASSES)).astype(np.int64), starts)
    columns, least, most, above = (
        np.ascontiguousarray(rows.T) for rows in (at_least, *bounds, above)
    )
    first = np.ascontiguousarray(first)
    own, theirs = (part.astype(np.int32) for part in (labels, others))  # as wide as float32 sums
    count = counts.right_by_posterior(POSTERIOR_BLOCK)
    right = count(first, own, columns, theirs, least, most, above)
    return right - int(np.sum(with_itself(first[order], at_least) > 0.5))


def with_itself(first: Probabilities, at_least: Probabilities) -> npt.NDArray[np.float64]:
    """P(first <= second) of each digit beside itself, as the kernel sums it."""
    total = np.zeros(len(first))
    for k in range(CLASSES):
        total += first[:, k].astype(np.float64) * at_least[:, k]
    return total


def right_by_head(logits: Tensor, labels: Labels, head: Sequence[Tensor], steps: int) -> int:
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
        right += counts.right_by_head(one, other, *layer, level, labels[rows], steps)
    return right
