"""Counts over very many pairs, from what each digit comes to by itself; compiled by numba.

A count is an exact integer: the order in which pairs are looked at, and how many at a time, does
not change it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from digitpairs.training.engines.kernels import compiled, inlined

SURE = 1e-7  # a class: three times as much as float32 products that sum to one are off by, at most


@inlined
def dot(q: Any, c: Any, j: Any, classes: Any) -> Any:
    """Sum products in the order of the classes."""
    total = q[0] * c[0, j]
    for k in range(1, classes):
        total += q[k] * c[k, j]
    return total


@cache
def right_by_posterior(classes: int, size: int) -> Callable[..., int]:
    """Compile for so many classes and blocks of `size` columns: as variables they are slow.

    What comes out counts pairs (i, j) where p[i] . c[:, j] > 1/2 is what truth[labels[i], j] says.
    p (n, classes) and c (classes, m) are float32, truth (classes, m) is 0 or 1. Of each block of
    columns, `least` and `most` (classes, blocks) are its bounds, and `true` (classes, blocks) is
    how many of its columns have a 1. Where bounds leave it open, each sum is looked at; where
    float32 leaves that open, it is taken in float64, in which all products of float32 are exact.
    """
    sure = SURE * classes

    @compiled
    def count_right(
        p: Any, labels: Any, c: Any, truth: Any, least: Any, most: Any, true: Any
    ) -> Any:
        half, margin, right = np.float32(0.5), np.float32(sure), 0
        blocks, columns = least.shape[1], c.shape[1]
        low, high = np.empty(blocks, p.dtype), np.empty(blocks, p.dtype)
        for i in range(p.shape[0]):
            q, d = p[i], labels[i]
            row = truth[d]
            for b in range(blocks):
                low[b], high[b] = dot(q, least, b, classes), dot(q, most, b, classes)
            for b in range(blocks):
                start, end = b * size, min((b + 1) * size, columns)
                if low[b] > half + margin:
                    right += true[d, b]
                elif high[b] < half - margin:
                    right += end - start - true[d, b]
                else:
                    # As wide as a float32: wider ones would halve the speed.
                    count: Any = np.int32(0)
                    close: Any = np.int32(0)
                    for j in range(start, end):
                        s = dot(q, c, j, classes)
                        count = np.int32(count + ((s > half) == row[j]))
                        close = np.int32(close + (abs(s - half) <= margin))
                    if close:
                        count = np.int32(0)
                        for j in range(start, end):
                            exact = 0.0
                            for k in range(classes):
                                exact += np.float64(q[k]) * np.float64(c[k, j])
                            count = np.int32(count + ((exact > 0.5) == row[j]))
                    right += count
        return right

    return count_right


@compiled
def right_by_head(
    first: Any,
    second: Any,
    hidden: Any,
    biases: Any,
    last: Any,
    bias: Any,
    labels: Any,
    answers: Any,
    steps: Any,
) -> Any:
    """Count pairs for which a head of one hidden layer is right, each digit with the next ones.

    Pairs are (i, i + step), for steps 1, 2, ... `steps`: logits `first` (classes, n), `second`
    (classes, n + steps), labels (n + steps,), and which `answers` (classes, classes) are yes. The
    hidden layer has weights (hidden, 2 * classes) and `biases`; `last` (hidden,) and `bias` make of
    it by how much the logit of yes is above that of no. The hidden layer takes either digit by
    itself, and adds.
    """
    classes, count, width = first.shape[0], first.shape[1], second.shape[1]
    u, v = np.empty((len(biases), count), first.dtype), np.zeros((len(biases), width), first.dtype)
    for h in range(len(biases)):
        u[h] = biases[h]
        for k in range(classes):
            a, b = hidden[h, k], hidden[h, classes + k]
            for i in range(count):
                u[h, i] += a * first[k, i]
            for i in range(width):
                v[h, i] += b * second[k, i]
    sums, zero, right = np.empty(count, first.dtype), first.dtype.type(0), 0
    for step in range(1, steps + 1):
        sums[:] = bias
        for h in range(len(biases)):
            w, x, y = last[h], u[h], v[h, step:]
            for i in range(count):
                sums[i] += w * max(x[i] + y[i], zero)
        for i in range(count):
            right += (sums[i] > zero) == answers[labels[i], labels[i + step]]
    return right
