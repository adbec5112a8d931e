"""Nets in plain torch.nn, made from their architectures (paper, Fig. 1 and 2)."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from digitpairs.models.architecture import Architecture
from digitpairs.models.layers import Layer


class Output(NamedTuple):
    """Logits (n, 2) of the comparison and, for siamese nets, of the digits (n, 2, 10)."""

    answer: Tensor
    digits: Tensor | None


class Naive(nn.Module):
    """One branch that sees the pair as an image with two channels (paper, Fig. 1)."""

    def __init__(self, architecture: Architecture) -> None:
        """Build the branch."""
        super().__init__()
        self.branch = sequence(architecture.branches[0])

    def forward(self, pairs: Tensor) -> Output:
        """Compare pairs (n, 2, 14, 14)."""
        return Output(self.branch(pairs), None)


class Siamese(nn.Module):
    """One branch for each digit, or one for both, and a head that compares (paper, Fig. 2)."""

    def __init__(self, architecture: Architecture) -> None:
        """Build one or two branches and the head."""
        super().__init__()
        self.branches = nn.ModuleList(map(sequence, architecture.branches))
        self.head = sequence(architecture.head)

    def forward(self, pairs: Tensor) -> Output:
        """Compare pairs (n, 2, 14, 14).

        With weight sharing the branch runs once for each side, so that BatchNorm's statistics are
        those of one side at a time, as without sharing.
        """
        first = self.branches[0](pairs[:, :1])
        second = self.branches[-1](pairs[:, 1:])
        return Output(self.head(torch.cat([first, second], 1)), torch.stack([first, second], 1))


def sequence(layers: Sequence[Layer]) -> nn.Sequential:
    """Build the modules of these layers."""
    return nn.Sequential(*(getattr(nn, layer.name)(*layer.arguments) for layer in layers))


def build(architecture: Architecture) -> Naive | Siamese:
    """Build a net, initialised from torch's default generator."""
    return Siamese(architecture) if architecture.head else Naive(architecture)
