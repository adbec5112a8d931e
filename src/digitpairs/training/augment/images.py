"""Moves the pixels of images by displacement fields, all of them in one interpolation."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def warped(images: Tensor, fields: Iterable[Tensor]) -> Tensor:
    """Read each pixel of images (..., channels, h, h) beside itself, by the sum of the fields.

    Fields (..., 2, h, h) are in pixels: first x, to the right, then y, down. Between pixels the
    image is bicubic: on 14x14 pixels a bilinear one is blurred. Outside it is background.
    """
    channels, _, side = images.shape[-3:]
    places = from_centre(side, images.device)
    for field in fields:
        places = places + field
    grid = (places * (2 / side)).to(images.dtype)  # an image's edges are -1 and 1
    background = corner(images)
    ink = (images - background).reshape(-1, channels, side, side)
    moved = grid_sample(
        ink,
        grid.reshape(-1, 2, side, side).movedim(1, -1),
        mode="bicubic",
        padding_mode="zeros",
        align_corners=False,
    )
    return moved.view_as(images) + background


def corner(images: Tensor) -> Tensor:
    """Return the least of four corner pixels (..., 1, 1): background, for no digit fills all."""
    return images[..., [0, -1], :][..., [0, -1]].amin((-2, -1), keepdim=True)


def from_centre(side: int, device: torch.device) -> Tensor:
    """Say where each pixel is: (2, side, side), x and y in pixels from the centre of an image."""
    at = torch.arange(side, dtype=torch.float32, device=device)
    at -= at.mean()
    return torch.stack(torch.meshgrid(at, at, indexing="xy"))
