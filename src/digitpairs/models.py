"""The networks of the paper (Fig. 1 and 2) in plain torch.nn, and their parameter counts.

A branch is an MLP or a ConvNet. A naive net is one branch over both digits at once (two input
channels, two logits). A siamese net runs one branch a digit (one channel, ten logits each) and
compares the twenty logits in a small head; with weight sharing both digits go through the same
branch.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from digitpairs.sizes import ANSWERS, CLASSES, HEAD_HIDDEN, SIDE
from digitpairs.spec import ModelSpec


class Output(NamedTuple):
    """Logits (n, 2) of the comparison and, for siamese nets, of the digits (n, 2, 10)."""

    answer: Tensor
    digits: Tensor | None


def mlp(inputs: int, hidden: tuple[int, ...], outputs: int) -> nn.Sequential:
    """Flatten, then linear and ReLU for each hidden layer, then a linear layer to the logits."""
    layers: list[nn.Module] = [nn.Flatten()]
    for size in hidden:
        layers += [nn.Linear(inputs, size), nn.ReLU()]
        inputs = size
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def convnet(
    inputs: int, channels: tuple[int, ...], hidden: tuple[int, ...], outputs: int
) -> nn.Sequential:
    """3x3 convolution, BatchNorm, ReLU and 2x2 max-pool for each entry of channels; then an MLP."""
    layers: list[nn.Module] = []
    side = SIDE
    for size in channels:
        layers += [nn.Conv2d(inputs, size, 3), nn.BatchNorm2d(size), nn.ReLU(), nn.MaxPool2d(2)]
        inputs, side = size, (side - 2) // 2
    return nn.Sequential(*layers, *mlp(inputs * side * side, hidden, outputs))


def branch(spec: ModelSpec, images: int, outputs: int) -> nn.Sequential:
    """Build the MLP or ConvNet that maps (n, images, 14, 14) to (n, outputs)."""
    if spec.convolutional:
        return convnet(images, spec.channels, spec.hidden, outputs)
    return mlp(images * SIDE * SIDE, spec.hidden, outputs)


class Naive(nn.Module):
    """One branch that sees the pair as an image with two channels (paper, Fig. 1)."""

    def __init__(self, spec: ModelSpec) -> None:
        """Build the branch."""
        super().__init__()
        self.branch = branch(spec, images=2, outputs=ANSWERS)

    def forward(self, pairs: Tensor) -> Output:
        """Compare pairs (n, 2, 14, 14)."""
        return Output(self.branch(pairs), None)


class Siamese(nn.Module):
    """One branch a digit, or one for both, and a head that compares them (paper, Fig. 2)."""

    def __init__(self, spec: ModelSpec) -> None:
        """Build one or two branches and the head 20-100-2."""
        super().__init__()
        count = 1 if spec.shared else 2
        self.branches = nn.ModuleList(branch(spec, 1, CLASSES) for _ in range(count))
        self.head = nn.Sequential(
            nn.Linear(2 * CLASSES, HEAD_HIDDEN), nn.ReLU(), nn.Linear(HEAD_HIDDEN, ANSWERS)
        )

    def forward(self, pairs: Tensor) -> Output:
        """Compare pairs (n, 2, 14, 14).

        With weight sharing the branch runs once for each side, so that BatchNorm's statistics are
        those of one side at a time, as without sharing.
        """
        first = self.branches[0](pairs[:, :1])
        second = self.branches[-1](pairs[:, 1:])
        return Output(self.head(torch.cat([first, second], 1)), torch.stack([first, second], 1))


def build(spec: ModelSpec) -> Naive | Siamese:
    """Build the net that `spec` describes, initialised from torch's default generator."""
    return Siamese(spec) if spec.siamese else Naive(spec)
