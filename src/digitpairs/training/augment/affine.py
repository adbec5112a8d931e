"""Random affine maps of images: scale, shear, rotation and shift.

Points are (x, y) in pixels from an image's centre, x to the right, y down.
"""

import torch
from torch import Tensor

from digitpairs.recipe import Affine
from digitpairs.training.augment.images import from_centre


def draw(affine: Affine, pairs: int, side: int, own: torch.Generator) -> Tensor:
    """Draw a map for each image of so many pairs of a run: (pairs, 2, 2, 3), on the CPU."""
    bounds = torch.tensor(
        [affine.rotation, affine.shear, affine.scale, affine.scale, affine.shift, affine.shift]
    )
    drawn = (2 * torch.rand(pairs, 2, 6, generator=own) - 1) * bounds
    rotation, shear, *rest = drawn.unbind(-1)
    scale, shift = torch.stack(rest, -1).split(2, -1)
    return reading(rotation, shear, 1 + scale, shift)


def reading(rotation: Tensor, shear: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Say where each point of a mapped image is read in the image as it was: (..., 2, 3).

    The map scales by `scale` (..., 2), leans the digit to the right by `shear` (...) degrees,
    turns it counter-clockwise by `rotation` (...) degrees, and moves it by `shift` (..., 2)
    pixels. Reading goes the opposite way.
    """
    angle, lean = rotation.deg2rad(), shear.deg2rad().tan()
    cos, sin = angle.cos(), angle.sin()
    x = torch.stack([cos + lean * sin, lean * cos - sin], -1) / scale[..., :1]
    y = torch.stack([sin, cos], -1) / scale[..., 1:]
    linear = torch.stack([x, y], -2)
    return torch.cat([linear, -(linear * shift[..., None, :]).sum(-1, keepdim=True)], -1)


def field(affine: Affine, drawn: Tensor, side: int) -> Tensor:
    """Turn maps (R, n, 2, 2, 3) into how far from itself a pixel is read: (..., 2, side, side)."""
    x, y = from_centre(side, drawn.device)
    points = torch.stack([x, y, torch.ones_like(x)]).flatten(1)
    beside = drawn - torch.eye(2, 3, device=drawn.device)
    # A product for each run, of the same size whatever runs go beside it: the same bits.
    moved = torch.bmm(beside.flatten(1, 3), points.expand(len(drawn), *points.shape))
    return moved.view(*drawn.shape[:-1], side, side)
