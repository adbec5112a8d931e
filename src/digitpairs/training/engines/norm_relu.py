"""BatchNorm, ReLU and, where one follows, a 2x2 max-pool: two passes over memory each way.

In plain modules they are bound by memory: each reads and writes all pixels, and BatchNorm reads
them twice. Arrays lie with channels last: y (n, height, width, C), the rest like it, or (C,).
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from digitpairs.training.engines.fast_convnet import call, track
from digitpairs.training.engines.kernels import OFF, compiled


@compiled
def statistics(y: Any, mean: Any, variance: Any) -> None:
    """Mean and biased variance of each channel, added up in float64, an image at a time."""
    count = y.shape[1] * y.shape[2]
    own, square = np.empty(y.shape[3], y.dtype), np.empty(y.shape[3], y.dtype)
    for n in range(y.shape[0]):
        own[:], square[:] = 0, 0
        for r in range(y.shape[1]):
            for c in range(y.shape[2]):
                for i in range(y.shape[3]):
                    own[i] += y[n, r, c, i]
        for i in range(y.shape[3]):
            own[i] /= y.dtype.type(count)
        for r in range(y.shape[1]):
            for c in range(y.shape[2]):
                for i in range(y.shape[3]):
                    distance = y[n, r, c, i] - own[i]
                    square[i] += distance * distance
        for i in range(y.shape[3]):  # Chan et al. 1979
            beside = own[i] - mean[i]
            mean[i] += beside / (n + 1)
            variance[i] += square[i] + beside * beside * count * n / (n + 1)
    for i in range(y.shape[3]):
        variance[i] /= count * y.shape[0]


@compiled
def relu(y: Any, scale: Any, shift: Any, z: Any) -> None:
    """ReLU of scale * y + shift."""
    zero = y.dtype.type(0)
    for n in range(y.shape[0]):
        for r in range(y.shape[1]):
            for c in range(y.shape[2]):
                for i in range(y.shape[3]):
                    value = scale[i] * y[n, r, c, i] + shift[i]
                    z[n, r, c, i] = zero if value <= zero else value  # nan stays


@compiled
def pool(y: Any, scale: Any, shift: Any, z: Any, which: Any) -> None:
    """Max-pool and ReLU of scale * y + shift; `which` of its window's pixels came through."""
    zero = y.dtype.type(0)
    for n in range(z.shape[0]):
        for r in range(z.shape[1]):
            for c in range(z.shape[2]):
                above, below = y[n, 2 * r], y[n, 2 * r + 1]
                left, right = 2 * c, 2 * c + 1
                for i in range(z.shape[3]):
                    a, b = scale[i], shift[i]
                    z0, z1 = a * above[left, i] + b, a * above[right, i] + b
                    z2, z3 = a * below[left, i] + b, a * below[right, i] + b
                    top, bottom = max(z0, z1), max(z2, z3)
                    first = np.uint8(0) if z0 >= z1 else np.uint8(1)
                    second = np.uint8(2) if z2 >= z3 else np.uint8(3)
                    best, at = max(top, bottom), first if top >= bottom else second
                    off = best <= zero  # not where it is nan
                    z[n, r, c, i] = zero if off else best
                    which[n, r, c, i] = np.uint8(OFF) if off else at


@compiled
def relu_sums(y: Any, z: Any, g: Any, mean: Any, level: Any, slope: Any) -> None:
    """Sum the gradients of scale * y + shift, and their products with y - mean, in float64."""
    zero = y.dtype.type(0)
    sums, products = np.empty(y.shape[3], y.dtype), np.empty(y.shape[3], y.dtype)
    for n in range(y.shape[0]):
        sums[:], products[:] = 0, 0
        for r in range(y.shape[1]):
            for c in range(y.shape[2]):
                for i in range(y.shape[3]):
                    d = g[n, r, c, i] if z[n, r, c, i] > zero else zero
                    sums[i] += d
                    products[i] += d * (y[n, r, c, i] - mean[i])
        for i in range(y.shape[3]):
            level[i] += sums[i]
            slope[i] += products[i]


@compiled
def relu_back(y: Any, z: Any, g: Any, scale: Any, level: Any, slope: Any, dy: Any) -> None:
    """Gradients of y: those of z, scaled, without what the batch's statistics take out."""
    zero = y.dtype.type(0)
    for n in range(y.shape[0]):
        for r in range(y.shape[1]):
            for c in range(y.shape[2]):
                for i in range(y.shape[3]):
                    d = g[n, r, c, i] if z[n, r, c, i] > zero else zero
                    dy[n, r, c, i] = scale[i] * d - (level[i] + slope[i] * y[n, r, c, i])


@compiled
def pool_sums(y: Any, which: Any, g: Any, mean: Any, level: Any, slope: Any) -> None:
    """Do what `relu_sums` does, of what came through the max-pool."""
    zero = y.dtype.type(0)
    sums, products = np.empty(y.shape[3], y.dtype), np.empty(y.shape[3], y.dtype)
    for n in range(g.shape[0]):
        sums[:], products[:] = 0, 0
        for r in range(g.shape[1]):
            for c in range(g.shape[2]):
                above, below = y[n, 2 * r], y[n, 2 * r + 1]
                left, right = 2 * c, 2 * c + 1
                for i in range(g.shape[3]):
                    at, d = which[n, r, c, i], g[n, r, c, i]
                    # All are read, whichever came through: a loop of such reads is vectorised.
                    y0, y1, y2, y3 = (
                        above[left, i],
                        above[right, i],
                        below[left, i],
                        below[right, i],
                    )
                    top, bottom = y0 if at == 0 else y1, y2 if at == 2 else y3
                    best = top if at < 2 else bottom
                    d = zero if at == OFF else d
                    sums[i] += d
                    products[i] += d * (best - mean[i])
        for i in range(g.shape[3]):
            level[i] += sums[i]
            slope[i] += products[i]


@compiled
def pool_back(y: Any, which: Any, g: Any, scale: Any, level: Any, slope: Any, dy: Any) -> None:
    """Do what `relu_back` does; of an odd side, the last row or column is in no window."""
    zero = y.dtype.type(0)
    for n in range(y.shape[0]):
        for r in range(y.shape[1]):
            for c in range(y.shape[2]):
                if r // 2 < g.shape[1] and c // 2 < g.shape[2]:
                    own, at = g[n, r // 2, c // 2], which[n, r // 2, c // 2]
                    pixel = np.uint8(2 * (r % 2) + c % 2)
                    for i in range(y.shape[3]):
                        d = own[i] if at[i] == pixel else zero
                        dy[n, r, c, i] = scale[i] * d - (level[i] + slope[i] * y[n, r, c, i])
                else:
                    for i in range(y.shape[3]):
                        dy[n, r, c, i] = -(level[i] + slope[i] * y[n, r, c, i])


class NormRelu(torch.autograd.Function):
    """BatchNorm, ReLU and perhaps a max-pool of y (n, height, width, C)."""

    @staticmethod
    def forward(
        ctx: Any, y: Tensor, gamma: Tensor, beta: Tensor, norm: nn.BatchNorm2d, pooled: bool
    ) -> Tensor:
        """Take y, the weights and biases of a BatchNorm, and that layer for its statistics."""
        count, height, width, channels = y.shape
        if norm.training:
            mean, variance = y.new_zeros(2, channels, dtype=torch.float64)
            call(statistics, y, mean, variance)
            track([norm], mean[None], variance[None], y.numel() // channels)
        else:
            assert norm.running_mean is not None
            assert norm.running_var is not None
            mean, variance = norm.running_mean.double(), norm.running_var.double()
        rstd = (variance + norm.eps).rsqrt()
        scale = gamma * rstd
        given = [part.to(y.dtype) for part in (scale, beta - mean * scale)]
        if pooled:
            z = y.new_empty(count, height // 2, width // 2, channels)
            through = torch.empty(z.shape, dtype=torch.uint8)
            call(pool, y, *given, z, through)
        else:
            z = through = torch.empty_like(y)
            call(relu, y, *given, z)
        ctx.save_for_backward(y, through, mean, rstd, scale)
        ctx.share = 1 / (y.numel() // channels) if norm.training else 0.0
        ctx.pooled = pooled
        return z

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        """Return the gradients of y, gamma and beta."""
        y, through, mean, rstd, scale = ctx.saved_tensors
        gradient, number = gradient.contiguous(), y.dtype
        dbeta, products = torch.zeros(2, len(mean), dtype=torch.float64)
        sums, back = (pool_sums, pool_back) if ctx.pooled else (relu_sums, relu_back)
        call(sums, y, through, gradient, mean.to(number), dbeta, products)
        # What is left of the rounded mean is added here, where all is in float64.
        dgamma = (products + dbeta * (mean.to(number) - mean)) * rstd
        slope = scale * rstd * dgamma * ctx.share
        level = scale * dbeta * ctx.share - slope * mean
        dy = torch.empty_like(y)
        call(back, y, through, gradient, *(part.to(number) for part in (scale, level, slope)), dy)
        return dy, dgamma.to(number), dbeta.to(number), None, None
