"""Moves the pixels of images by displacement fields, all of them in one interpolation."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from digitpairs.pairs.sizes import SIDE


def warped(images: Tensor, fields: Iterable[Tensor]) -> Tensor:
    """Read each pixel of images (..., 14, 14) beside itself, by the sum of one or more fields.

    Fields (..., 2, 14, 14) are in pixels: first x, to the right, then y, down. Between pixels the
    image is bicubic: on 14x14 pixels a bilinear one is blurred. Outside it is background.
    """
    at = torch.arange(SIDE, device=images.device) - (SIDE - 1) / 2
    places = torch.stack(torch.meshgrid(at, at, indexing="xy"))
    for field in fields:
        places = places + field
    grid = (places * (2 / SIDE)).to(images.dtype)  # an image's edges are -1 and 1
    background = corner(images)
    ink = (images - background).reshape(-1, 1, SIDE, SIDE)
    moved = grid_sample(
        ink,
        grid.reshape(-1, 2, SIDE, SIDE).movedim(1, -1),
        mode="bicubic",
        padding_mode="zeros",
        align_corners=False,
    )
    return moved.view_as(images) + background


def corner(images: Tensor) -> Tensor:
    """Return the least of four corner pixels (..., 1, 1): background, for no digit fills all."""
    return images[..., :: SIDE - 1, :: SIDE - 1].amin((-2, -1), keepdim=True)
