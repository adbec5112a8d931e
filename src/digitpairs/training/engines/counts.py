"""Counts over very many pairs, from what each digit comes to by itself; compiled by numba.

A count is an exact integer: the order in which pairs are looked at, and how many at a time, does
not change it.
"""

from typing import Any

import numpy as np

from digitpairs.pairs.sizes import CLASSES
from digitpairs.training.engines.kernels import compiled, inlined

BLOCK = 64  # second digits that are judged at one look where bounds allow it
SURE = 1e-5  # far more than ten float32 products that sum to at most one can be off by
RING_BLOCK = 512  # pairs whose sums stay in the fastest cache


@inlined
def dot(q: Any, c: Any, j: Any) -> Any:
    """Sum ten products in the order of the classes."""
    return (
        (((q[0] * c[0, j] + q[1] * c[1, j]) + q[2] * c[2, j]) + q[3] * c[3, j])
        + q[4] * c[4, j]
        + q[5] * c[5, j]
        + q[6] * c[6, j]
        + q[7] * c[7, j]
        + q[8] * c[8, j]
        + q[9] * c[9, j]
    )


@compiled
def right_by_posterior(
    p: Any, labels: Any, c: Any, others: Any, least: Any, most: Any, above: Any
) -> Any:
    """Count pairs (i, j) where p[i] . c[:, j] > 1/2 is what labels[i] <= others[j] is.

    p (n, 10) and c (10, m) float32, each column of c falling from 1. Of each block of columns,
    `least` and `most` (10, blocks) are its bounds, and `above` (10, blocks) counts the columns
    whose label is at least so much. Where bounds leave it open, each sum is looked at; where
    float32 leaves that open, it is taken in float64, in which all products of float32 are exact.
    """
    half, sure, right = np.float32(0.5), np.float32(SURE), 0
    blocks, columns = least.shape[1], c.shape[1]
    low, high = np.empty(blocks, p.dtype), np.empty(blocks, p.dtype)
    for i in range(p.shape[0]):
        r, d = p[i], labels[i]
        q = (r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9])
        for b in range(blocks):
            low[b], high[b] = dot(q, least, b), dot(q, most, b)
        for b in range(blocks):
            start, end = b * BLOCK, min((b + 1) * BLOCK, columns)
            if low[b] > half + sure:
                right += above[d, b]
            elif high[b] < half - sure:
                right += end - start - above[d, b]
            else:
                count, close = np.int32(0), np.int32(0)
                for j in range(start, end):
                    s = dot(q, c, j)
                    count += np.int32((s > half) == (d <= others[j]))
                    close += np.int32(abs(s - half) <= sure)
                if close:
                    count = np.int32(0)
                    for j in range(start, end):
                        exact = 0.0
                        for k in range(CLASSES):
                            exact += np.float64(q[k]) * np.float64(c[k, j])
                        count += np.int32((exact > 0.5) == (d <= others[j]))
                right += count
    return right


@compiled
def right_by_head(u: Any, v: Any, weight: Any, bias: Any, labels: Any, steps: Any) -> Any:
    """Count pairs for which a head of one hidden layer is right, each digit with the next ones.

    Pairs are (i, i + step), for steps 1, 2, ... `steps`. u (hidden, n) and v (hidden, n + steps)
    are what the first and the second digit add to the hidden layer; `weight` (hidden,) and `bias`
    make of it by how much the logit of "lesser or equal" is above the other; labels (n + steps,).
    """
    hidden, count = u.shape
    sums, zero, right = np.empty(RING_BLOCK, u.dtype), u.dtype.type(0), 0
    for start in range(0, count, RING_BLOCK):
        size = min(RING_BLOCK, count - start)
        for step in range(1, steps + 1):
            sums[:] = bias
            for k in range(hidden):
                w, a, b = weight[k], u[k, start:], v[k, start + step :]
                for t in range(size):
                    sums[t] += w * max(a[t] + b[t], zero)
            for t in range(size):
                truth = labels[start + t] <= labels[start + step + t]
                right += (sums[t] > zero) == truth
    return right
