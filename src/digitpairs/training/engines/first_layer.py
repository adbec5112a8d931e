"""The first layer of a ConvNet in one pass over its images: convolution, max-pool, ReLU.

In plain modules this layer is bound by memory: it writes 144 pixels a channel, and BatchNorm, ReLU
and pool read them again. Here the 4x4 patch under each pooled pixel stays in registers until
one number is left of it. BatchNorm is folded into the weights beforehand (fast_convnet.py). What
comes out is transformed as the Winograd convolution that follows wants it.

Arrays, of one dtype but `which`, uint8: x (sides, n, images, 14, 14); w and dw (sides, images, 9,
channels); b and db (sides, channels); tiles, their gradients and `which` (36, sides, n, channels).
"""

from functools import cache
from typing import Any

import numpy as np

from digitpairs.models.layers import pooled
from digitpairs.pairs.sizes import SIDE
from digitpairs.training.engines.kernels import OFF, Kernel, compiled, inlined

POOLED = pooled(SIDE)


@inlined
def patch(x: Any, s: int, n: int, m: int, p: int) -> Any:
    """Read the 4x4 pixels under pooled pixel p."""
    a = x[s, n, m]
    r, c = 2 * (p // POOLED), 2 * (p % POOLED)
    return (
        *(a[r, c], a[r, c + 1], a[r, c + 2], a[r, c + 3]),
        *(a[r + 1, c], a[r + 1, c + 1], a[r + 1, c + 2], a[r + 1, c + 3]),
        *(a[r + 2, c], a[r + 2, c + 1], a[r + 2, c + 2], a[r + 2, c + 3]),
        *(a[r + 3, c], a[r + 3, c + 1], a[r + 3, c + 2], a[r + 3, c + 3]),
    )


@inlined
def dot(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any, j: Any, k: Any) -> Any:
    """Sum nine pixels, each by its weight."""
    return (
        (a * k[0] + b * k[1] + c * k[2])
        + (d * k[3] + e * k[4] + f * k[5])
        + (g * k[6] + h * k[7] + j * k[8])
    )


@inlined
def column(w: Any, s: int, m: int, i: int) -> Any:
    """Read the nine weights of output channel i for input channel m."""
    v = w[s, m]
    return (
        *(v[0, i], v[1, i], v[2, i]),
        *(v[3, i], v[4, i], v[5, i]),
        *(v[6, i], v[7, i], v[8, i]),
    )


@inlined
def four(a: Any, k: Any) -> Any:
    """Convolve a patch: its four pixels after the convolution."""
    a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3 = a
    return (
        dot(a0, a1, a2, b0, b1, b2, c0, c1, c2, k),
        dot(a1, a2, a3, b1, b2, b3, c1, c2, c3, k),
        dot(b0, b1, b2, c0, c1, c2, d0, d1, d2, k),
        dot(b1, b2, b3, c1, c2, c3, d1, d2, d3, k),
    )


@inlined
def twice(x: Any) -> Any:
    """Double: an integer times a float32 would be a float64 to numba."""
    return x + x


@inlined
def tile(d: Any) -> Any:
    """Winograd's transform of an input tile of F(4x4, 3x3), one line of six."""
    d0, d1, d2, d3, d4, d5 = d
    even, odd = d4 - twice(twice(d2)), d3 - twice(twice(d1))
    far, near = d4 - d2, twice(d3 - d1)
    return (
        twice(twice(d0 - d2)) + far,
        even + odd,
        even - odd,
        far + near,
        far - near,
        d5 - d3 - twice(near),
    )


@inlined
def untile(t: Any) -> Any:
    """Transpose of `tile`: from the gradients of its result to those of the line."""
    t0, t1, t2, t3, t4, t5 = t
    even, odd = t1 + t2, t2 - t1
    far, near = t3 + t4, twice(t4 - t3)
    return (
        twice(twice(t0)),
        twice(twice(odd + t5)) + near,
        -(twice(twice(t0 + even)) + t0 + far),
        -(odd + near + twice(twice(t5)) + t5),
        t0 + even + far,
        t5,
    )


@inlined
def line(a: Any, at: int, by: int, i: int) -> Any:
    """Read six numbers of channel i, `by` pixels apart."""
    return (
        *(a[at, i], a[at + by, i], a[at + 2 * by, i]),
        *(a[at + 3 * by, i], a[at + 4 * by, i], a[at + 5 * by, i]),
    )


@cache
def forward_pass(channels: int, images: int) -> Kernel:
    """Compile for so many channels: as a variable, it would keep the loop over them from vectors.

    `which` says which of its window's four pixels came through, for the way back.
    """

    @compiled
    def forward(x: Any, w: Any, b: Any, tiles: Any, which: Any) -> None:
        h = np.empty((POOLED * POOLED, channels), x.dtype)
        zero = x.dtype.type(0)
        for s in range(x.shape[0]):
            for n in range(x.shape[1]):
                for p in range(POOLED * POOLED):
                    first = patch(x, s, n, 0, p)
                    if images == 2:
                        second = patch(x, s, n, 1, p)
                    for i in range(channels):
                        z0, z1, z2, z3 = four(first, column(w, s, 0, i))
                        if images == 2:
                            y0, y1, y2, y3 = four(second, column(w, s, 1, i))
                            z0, z1, z2, z3 = z0 + y0, z1 + y1, z2 + y2, z3 + y3
                        top, bottom = max(z0, z1), max(z2, z3)
                        above = np.uint8(0) if z0 >= z1 else np.uint8(1)
                        below = np.uint8(2) if z2 >= z3 else np.uint8(3)
                        at = above if top >= bottom else below
                        best = max(top, bottom) + b[s, i]
                        off = best <= zero  # not where it is nan
                        h[p, i] = zero if off else best
                        which[p, s, n, i] = np.uint8(OFF) if off else at
                for row in range(0, POOLED * POOLED, POOLED):
                    for i in range(channels):
                        t0, t1, t2, t3, t4, t5 = tile(line(h, row, 1, i))
                        h[row, i], h[row + 1, i], h[row + 2, i] = t0, t1, t2
                        h[row + 3, i], h[row + 4, i], h[row + 5, i] = t3, t4, t5
                for j in range(POOLED):
                    for i in range(channels):
                        t0, t1, t2, t3, t4, t5 = tile(line(h, j, POOLED, i))
                        tiles[j, s, n, i], tiles[j + 6, s, n, i] = t0, t1
                        tiles[j + 12, s, n, i], tiles[j + 18, s, n, i] = t2, t3
                        tiles[j + 24, s, n, i], tiles[j + 30, s, n, i] = t4, t5

    return forward


@cache
def backward_pass(channels: int, images: int) -> Kernel:
    """Compile for so many channels. Adds to dw and db; images need no gradient."""

    @compiled
    def backward(x: Any, which: Any, dtiles: Any, dw: Any, db: Any) -> None:
        dh = np.empty((POOLED * POOLED, channels), x.dtype)
        zero = x.dtype.type(0)
        for s in range(x.shape[0]):
            for n in range(x.shape[1]):
                for j in range(POOLED):
                    for i in range(channels):
                        d0, d1, d2, d3, d4, d5 = untile(
                            (
                                *(dtiles[j, s, n, i], dtiles[j + 6, s, n, i]),
                                *(dtiles[j + 12, s, n, i], dtiles[j + 18, s, n, i]),
                                *(dtiles[j + 24, s, n, i], dtiles[j + 30, s, n, i]),
                            )
                        )
                        dh[j, i], dh[j + 6, i], dh[j + 12, i] = d0, d1, d2
                        dh[j + 18, i], dh[j + 24, i], dh[j + 30, i] = d3, d4, d5
                for row in range(0, POOLED * POOLED, POOLED):
                    for i in range(channels):
                        d0, d1, d2, d3, d4, d5 = untile(line(dh, row, 1, i))
                        dh[row, i], dh[row + 1, i], dh[row + 2, i] = d0, d1, d2
                        dh[row + 3, i], dh[row + 4, i], dh[row + 5, i] = d3, d4, d5
                for p in range(POOLED * POOLED):
                    for m in range(images):
                        a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3 = patch(
                            x, s, n, m, p
                        )
                        for i in range(channels):
                            at, g = which[p, s, n, i], dh[p, i]
                            g0 = g if at == 0 else zero
                            g1 = g if at == 1 else zero
                            g2 = g if at == 2 else zero
                            g3 = g if at == 3 else zero
                            dw[s, m, 0, i] += (g0 * a0 + g1 * a1) + (g2 * b0 + g3 * b1)
                            dw[s, m, 1, i] += (g0 * a1 + g1 * a2) + (g2 * b1 + g3 * b2)
                            dw[s, m, 2, i] += (g0 * a2 + g1 * a3) + (g2 * b2 + g3 * b3)
                            dw[s, m, 3, i] += (g0 * b0 + g1 * b1) + (g2 * c0 + g3 * c1)
                            dw[s, m, 4, i] += (g0 * b1 + g1 * b2) + (g2 * c1 + g3 * c2)
                            dw[s, m, 5, i] += (g0 * b2 + g1 * b3) + (g2 * c2 + g3 * c3)
                            dw[s, m, 6, i] += (g0 * c0 + g1 * c1) + (g2 * d0 + g3 * d1)
                            dw[s, m, 7, i] += (g0 * c1 + g1 * c2) + (g2 * d1 + g3 * d2)
                            dw[s, m, 8, i] += (g0 * c2 + g1 * c3) + (g2 * d2 + g3 * d3)
                            if m == 0:
                                db[s, i] += (g0 + g1) + (g2 + g3)

    return backward
