"""Naive nets have one branch, siamese nets one for each digit and a head (paper, Fig. 1, 2)."""

from collections.abc import Callable
from dataclasses import dataclass

from digitpairs.models.layers import Layer, linear_layers
from digitpairs.pairs.sizes import ANSWERS
from digitpairs.spec import ModelSpec

Branch = Callable[[ModelSpec, int, int], list[Layer]]  # spec, images, outputs

HEAD = (100,)  # hidden layers of the head of a siamese net


@dataclass(frozen=True)
class Architecture:
    """A net's layers: its branches, and the head of a siamese net, empty for a naive one.

    A naive net has one branch for the pair. A siamese net has one for each digit, or a single one
    for both with weight sharing.
    """

    branches: list[list[Layer]]
    head: list[Layer]

    @property
    def parameters(self) -> int:
        """Count the trainable parameters (paper, Table 3)."""
        return sum(layer.parameters for part in (*self.branches, self.head) for layer in part)

    @property
    def multiply_adds(self) -> int:
        """Count the multiply-adds of a pair's pass forward. Weight sharing saves none."""
        sides = [self.branches[0], self.branches[-1], self.head] if self.head else self.branches
        return sum(layer.multiply_adds for part in sides for layer in part)


def naive(branch: Branch, spec: ModelSpec) -> Architecture:
    """One branch sees both digits, as one image with the channels of both, and answers."""
    return Architecture([branch(spec, 2 * spec.task.channels, ANSWERS)], [])


def siamese(branch: Branch, spec: ModelSpec) -> Architecture:
    """A branch for each digit gives a logit a class; a small head compares all of them."""
    count = 1 if spec.shared else 2
    task = spec.task
    head = linear_layers(2 * task.classes, HEAD, ANSWERS)
    return Architecture([branch(spec, task.channels, task.classes)] * count, head)


def arranged(branch: Branch, is_siamese: bool, spec: ModelSpec) -> Architecture:
    """Arrange branches into a net."""
    return siamese(branch, spec) if is_siamese else naive(branch, spec)
