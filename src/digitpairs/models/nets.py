"""Nets in plain torch.nn: the paper's (Fig. 1 and 2), and parts that other nets are made of."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from digitpairs.models.architecture import Architecture
from digitpairs.models.layers import Layer
from digitpairs.pairs.target import answers_of
from digitpairs.spec import Task


class Output(NamedTuple):
    """Logits (n, 2) of the answer and, for siamese nets, of the digits (n, 2, classes)."""

    answer: Tensor
    digits: Tensor | None


class Naive(nn.Module):
    """One branch that sees the pair as one image with the channels of both (paper, Fig. 1)."""

    def __init__(self, architecture: Architecture) -> None:
        """Build the branch."""
        super().__init__()
        self.branch = sequence(architecture.branches[0])

    def forward(self, pairs: Tensor) -> Output:
        """Compare pairs (n, 2 * channels, side, side)."""
        return Output(self.branch(pairs), None)


class Siamese(nn.Module):
    """One branch for each digit, or one for both, and a head that compares (paper, Fig. 2)."""

    def __init__(self, architecture: Architecture) -> None:
        """Build one or two branches and the head."""
        super().__init__()
        self.branches = nn.ModuleList(map(sequence, architecture.branches))
        self.head = sequence(architecture.head)

    def forward(self, pairs: Tensor) -> Output:
        """Compare pairs (n, 2 * channels, side, side).

        With weight sharing the branch runs once for each side, so that BatchNorm's statistics are
        those of one side at a time, as without sharing.
        """
        one, other = pairs.chunk(2, 1)
        first = self.branches[0](one)
        second = self.branches[-1](other)
        return Output(self.head(torch.cat([first, second], 1)), torch.stack([first, second], 1))


class SharedBranch(nn.Module):
    """One branch for both digits, in one batch, and a head that compares: for nets with options.

    Unlike in `Siamese` BatchNorm's statistics are those of both sides together.
    """

    def __init__(self, branch: nn.Module, head: nn.Module) -> None:
        """Take a branch, (n, channels, side, side) to (n, classes), and a head to (n, 2)."""
        super().__init__()
        self.branch, self.head = branch, head

    def forward(self, pairs: Tensor) -> Output:
        """Compare pairs (n, 2 * channels, side, side)."""
        digits = self.branch(pairs.unflatten(1, (2, -1)).flatten(0, 1)).unflatten(0, (-1, 2))
        return Output(self.head(digits), digits)


class Posterior(nn.Module):
    """A head without parameters: the log probabilities of no and of yes, by the digits.

    The two digits are taken as independent.
    """

    answers: Tensor

    def __init__(self, task: Task) -> None:
        """Look up what the answers are."""
        super().__init__()
        # A buffer goes where the net goes: a CUDA graph copies nothing from the CPU.
        self.register_buffer("answers", torch.tensor(answers_of(task)), persistent=False)

    def forward(self, digits: Tensor) -> Tensor:
        """Compare digit logits (n, 2, classes): (n, 2)."""
        first, second = digits.log_softmax(-1).unbind(-2)
        joint = first[..., :, None] + second[..., None, :]
        yes = self.answers
        parts = [joint.masked_fill(out, -torch.inf).flatten(-2) for out in (yes, ~yes)]
        return torch.stack([part.logsumexp(-1) for part in parts], -1)


class Residual(nn.Module):
    """Layers whose input is added to what comes out of them (He et al. 2016)."""

    def __init__(self, inside: Sequence[Layer]) -> None:
        """Build the layers inside."""
        super().__init__()
        self.inside = sequence(inside)

    def forward(self, x: Tensor) -> Tensor:
        """Take and give one shape."""
        given: Tensor = x + self.inside(x)
        return given


def sequence(layers: Sequence[Layer]) -> nn.Sequential:
    """Build the modules of these layers."""
    return nn.Sequential(*map(module, layers))


def module(layer: Layer) -> nn.Module:
    """Build the module of a layer."""
    if layer.inside:
        return Residual(layer.inside)
    built: nn.Module = getattr(nn, layer.name)(*layer.arguments)
    return built


def build(architecture: Architecture) -> Naive | Siamese:
    """Build a net of the paper's, initialised from torch's default generator."""
    return Siamese(architecture) if architecture.head else Naive(architecture)
