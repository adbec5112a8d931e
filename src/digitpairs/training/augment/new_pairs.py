"""Pairs the digits of the training pairs anew."""

import torch
from torch import Tensor


def pair(wanted: bool, places: Tensor, own: torch.Generator) -> Tensor:
    """Put the digits of pairs (n, 2) in a new order, each of them once."""
    order = torch.randperm(places.numel(), generator=own)
    return places.flatten()[order].view_as(places)
