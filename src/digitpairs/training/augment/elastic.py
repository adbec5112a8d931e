"""Elastic distortion: each pixel is read a little beside itself, its neighbours alike.

Source: Simard et al. 2003, who smooth white noise by a Gaussian. Here the noise lies on a grid no
finer than the Gaussian lets through, so that fewer numbers are drawn.
"""

from functools import cache
from math import ceil

import torch
from torch import Tensor

from digitpairs.recipe import Elastic


def draw(elastic: Elastic, pairs: int, side: int, own: torch.Generator) -> Tensor:
    """Draw noise for each image of so many pairs of a run, x and y: (pairs, 2, 2, points)."""
    points = len(smoothing(elastic.smoothness, side))
    return torch.randn(pairs, 2, 2, points, generator=own)


def field(elastic: Elastic, drawn: Tensor, side: int) -> Tensor:
    """Smooth noise (R, n, 2, 2, points): how far from itself a pixel is read: (..., side, side)."""
    weights = elastic.strength * smoothing(elastic.smoothness, side).to(drawn)
    # A product for each run, of the same size whatever runs go beside it: the same bits.
    smooth = torch.bmm(drawn.flatten(1, 3), weights.expand(len(drawn), *weights.shape))
    return smooth.view(*drawn.shape[:-1], side, side)


@cache
def smoothing(smoothness: float, side: int) -> Tensor:
    """Weights of a Gaussian of that standard deviation in pixels: (points, side**2), in float64.

    White noise of standard deviation 1 at the points has the same at each pixel afterwards.
    """
    pixels = torch.arange(side, dtype=torch.float64)
    far = float(pixels[-1])
    count = ceil(min(far, far / smoothness)) + 1
    points = torch.linspace(0, far, count, dtype=torch.float64)
    line = torch.exp(-(((points[:, None] - pixels) / smoothness) ** 2) / 2)
    line /= line.norm(dim=0)
    return torch.kron(line, line)
