"""Mixes into each image a share of another training image of its class."""

import torch
from torch import Tensor


def mix(most: float, images: Tensor, classes: Tensor, own: torch.Generator) -> Tensor:
    """Mix images (n, ...) of these classes (n,), by shares from 0 to `most`; draws on the CPU."""
    order = torch.randperm(len(classes), generator=own)
    shares = most * torch.rand(len(classes), generator=own)
    other = next_of_class(classes.cpu(), order).to(images.device)
    parts = shares.to(images).view(-1, *[1] * (images.dim() - 1))
    return images + parts * (images[other] - images)


def next_of_class(classes: Tensor, order: Tensor) -> Tensor:
    """Say of each place which follows it among those of its class, in this order, in a circle."""
    places = order[classes[order].argsort(stable=True)]  # class by class
    ends = classes.bincount().cumsum(0)
    ends = ends[ends.diff(prepend=ends.new_zeros(1)) > 0]  # of classes that there are
    following = places.roll(-1)
    following[ends - 1] = places[torch.cat([ends.new_zeros(1), ends[:-1]])]
    return torch.empty_like(order).scatter_(0, places, following)
