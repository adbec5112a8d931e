"""Loops that torch does not do fast, compiled by numba: the end of a conv layer.

numba compiles for the machine that it runs on, and keeps the result. Sums are taken in the order in
which they stand, so that a run comes to the same bits alone or among others.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba import njit

from digitpairs import paths
from digitpairs.identity import fingerprint

# numba keeps what it compiled by the file that a kernel stands in, and would miss an edit of what
# that file imports. So each version of all that kernels are made of has a cache of its own.
CODE = fingerprint("models/layers.py", "pairs/sizes.py", "training/engines")
COMPILED = Path(os.environ.get("NUMBA_CACHE_DIR") or paths.KERNELS, CODE)
numba.config.CACHE_DIR = str(COMPILED.absolute())  # type: ignore[attr-defined]

Kernel = Callable[..., None]
compiled = njit(cache=True, fastmath={"contract"}, error_model="numpy", nogil=True)
inlined = njit(inline="always")
OFF = 4  # which pixel of a window came through: 0 to 3, or none, where ReLU cut the greatest off


@compiled
def statistics(y: Any, mean: Any, variance: Any) -> None:
    """Mean and biased variance (sides, C) of y (16, sides, n, C), in float64."""
    count = y.shape[0] * y.shape[2]
    for s in range(y.shape[1]):
        for q in range(y.shape[0]):
            for n in range(y.shape[2]):
                for i in range(y.shape[3]):
                    mean[s, i] += y[q, s, n, i]
        for i in range(y.shape[3]):
            mean[s, i] /= count
        for q in range(y.shape[0]):
            for n in range(y.shape[2]):
                for i in range(y.shape[3]):
                    distance = y[q, s, n, i] - mean[s, i]
                    variance[s, i] += distance * distance
        for i in range(y.shape[3]):
            variance[s, i] /= count


@compiled
def pool(y: Any, scale: Any, shift: Any, pooled: Any, which: Any) -> None:
    """Max-pool and ReLU of scale * y + shift: y (16, sides, n, C), the rest (4, sides, n, C)."""
    zero = y.dtype.type(0)
    for p in range(4):
        q = 8 * (p // 2) + 2 * (p % 2)
        for s in range(y.shape[1]):
            for n in range(y.shape[2]):
                for i in range(y.shape[3]):
                    a, b = scale[s, i], shift[s, i]
                    z0, z1 = a * y[q, s, n, i] + b, a * y[q + 1, s, n, i] + b
                    z2, z3 = a * y[q + 4, s, n, i] + b, a * y[q + 5, s, n, i] + b
                    top, bottom = max(z0, z1), max(z2, z3)
                    above = np.uint8(0) if z0 >= z1 else np.uint8(1)
                    below = np.uint8(2) if z2 >= z3 else np.uint8(3)
                    best, at = max(top, bottom), above if top >= bottom else below
                    off = best <= zero  # not where it is nan
                    pooled[p, s, n, i] = zero if off else best
                    which[p, s, n, i] = np.uint8(OFF) if off else at


@compiled
def unpool(
    y: Any,
    which: Any,
    g: Any,
    mean: Any,
    rstd: Any,
    gamma: Any,
    dgamma: Any,
    dbeta: Any,
    dy: Any,
    share: Any,
) -> None:
    """Backward pass of BatchNorm and `pool`, from the gradients g (4, sides, n, C) of its result.

    mean, rstd, gamma, dgamma, dbeta (sides, C); `share` is what each value has of the batch's
    statistics: 1 / (16 n), or 0 where these are frozen.
    """
    zero = y.dtype.type(0)
    for s in range(y.shape[1]):
        for p in range(4):
            q = 8 * (p // 2) + 2 * (p % 2)
            for n in range(y.shape[2]):
                for i in range(y.shape[3]):
                    at, d, m = which[p, s, n, i], g[p, s, n, i], mean[s, i]
                    d = zero if at == OFF else d
                    top = y[q, s, n, i] if at == 0 else y[q + 1, s, n, i]
                    bottom = y[q + 4, s, n, i] if at == 2 else y[q + 5, s, n, i]
                    best = top if at < 2 else bottom
                    dbeta[s, i] += d
                    dgamma[s, i] += d * ((best - m) * rstd[s, i])
        for p in range(4):
            q = 8 * (p // 2) + 2 * (p % 2)
            for n in range(y.shape[2]):
                for i in range(y.shape[3]):
                    at, d, m = which[p, s, n, i], g[p, s, n, i], mean[s, i]
                    a = gamma[s, i] * rstd[s, i]
                    slope = a * rstd[s, i] * dgamma[s, i] * share
                    level = a * dbeta[s, i] * share - slope * m
                    d *= a
                    for_0, for_1 = d if at == 0 else zero, d if at == 1 else zero
                    for_2, for_3 = d if at == 2 else zero, d if at == 3 else zero
                    dy[q, s, n, i] = for_0 - (level + slope * y[q, s, n, i])
                    dy[q + 1, s, n, i] = for_1 - (level + slope * y[q + 1, s, n, i])
                    dy[q + 4, s, n, i] = for_2 - (level + slope * y[q + 4, s, n, i])
                    dy[q + 5, s, n, i] = for_3 - (level + slope * y[q + 5, s, n, i])
