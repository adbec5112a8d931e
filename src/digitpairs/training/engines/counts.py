"""Counts over very many pairs, from what each digit comes to by itself; compiled by numba.

A count is an exact integer: the order in which pairs are looked at, and how many at a time, does
not change it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from digitpairs.pairs.sizes import CLASSES
from digitpairs.training.engines.kernels import compiled, inlined

SURE = 1e-6  # three times as much as ten float32 products that sum to one are off by, at most


@inlined
def dot(q: Any, c: Any, j: Any) -> Any:
    """Sum ten products in the order of the classes."""
    return (
        q[0] * c[0, j]
        + q[1] * c[1, j]
        + q[2] * c[2, j]
        + q[3] * c[3, j]
        + q[4] * c[4, j]
        + q[5] * c[5, j]
        + q[6] * c[6, j]
        + q[7] * c[7, j]
        + q[8] * c[8, j]
        + q[9] * c[9, j]
    )


@cache
def right_by_posterior(size: int) -> Callable[..., int]:
    """Compile for blocks of `size` columns: as a variable, it makes the count five times as slow.

    What comes out counts pairs (i, j) where p[i] . c[:, j] > 1/2 is what labels[i] <= others[j] is.
    p (n, 10) and c (10, m) are float32, labels int32. Of each block of columns, `least` and `most`
    (10, blocks) are its bounds, and `above` (10, blocks) counts the columns whose label is at least
    so much. Where bounds leave it open, each sum is looked at; where float32 leaves that open, it
    is taken in float64, in which all products of float32 are exact.
    """

    @compiled
    def count_right(
        p: Any, labels: Any, c: Any, others: Any, least: Any, most: Any, above: Any
    ) -> Any:
        half, sure, right = np.float32(0.5), np.float32(SURE), 0
        blocks, columns = least.shape[1], c.shape[1]
        low, high = np.empty(blocks, p.dtype), np.empty(blocks, p.dtype)
        for i in range(p.shape[0]):
            r, d = p[i], labels[i]
            q = (r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9])
            for b in range(blocks):
                low[b], high[b] = dot(q, least, b), dot(q, most, b)
            for b in range(blocks):
                start, end = b * size, min((b + 1) * size, columns)
                if low[b] > half + sure:
                    right += above[d, b]
                elif high[b] < half - sure:
                    right += end - start - above[d, b]
                else:
                    # As wide as a float32: wider ones would halve the speed.
                    count: Any = np.int32(0)
                    close: Any = np.int32(0)
                    for j in range(start, end):
                        s = dot(q, c, j)
                        count = np.int32(count + ((s > half) == (d <= others[j])))
                        close = np.int32(close + (abs(s - half) <= sure))
                    if close:
                        count = np.int32(0)
                        for j in range(start, end):
                            exact = 0.0
                            for k in range(CLASSES):
                                exact += np.float64(q[k]) * np.float64(c[k, j])
                            count = np.int32(count + ((exact > 0.5) == (d <= others[j])))
                    right += count
        return right

    return count_right


@compiled
def right_by_head(
    first: Any, second: Any, hidden: Any, biases: Any, last: Any, bias: Any, labels: Any, steps: Any
) -> Any:
    """Count pairs for which a head of one hidden layer is right, each digit with the next ones.

    Pairs are (i, i + step), for steps 1, 2, ... `steps`: logits `first` (10, n), `second`
    (10, n + steps), labels (n + steps,). The hidden layer has weights (hidden, 20) and `biases`;
    `last` (hidden,) and `bias` make of it by how much the logit of "lesser or equal" is above the
    other. The hidden layer takes either digit by itself, and adds.
    """
    count, width = first.shape[1], second.shape[1]
    u, v = np.empty((len(biases), count), first.dtype), np.zeros((len(biases), width), first.dtype)
    for h in range(len(biases)):
        u[h] = biases[h]
        for k in range(CLASSES):
            a, b = hidden[h, k], hidden[h, CLASSES + k]
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
            right += (sums[i] > zero) == (labels[i] <= labels[i + step])
    return right
