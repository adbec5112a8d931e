"""Lets the two images of a pair change sides."""

import torch
from torch import Tensor


def pair(probability: float, places: Tensor, own: torch.Generator) -> Tensor:
    """Swap the digits of each pair (n, 2) with a probability."""
    swapped = torch.rand(len(places), 1, generator=own) < probability
    return torch.where(swapped, places.flip(1), places)
