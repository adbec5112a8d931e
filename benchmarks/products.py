"""Matrix products alone: the fastest that the machine does, and those that MLPs consist of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from digitpairs.models.layers import Layer
from digitpairs.models.registry import architecture_of
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training.measures import TEST_BATCH


@dataclass(frozen=True)
class Linear:
    """A linear layer of R runs: `rows` of a batch; the first layer's inputs need no gradient."""

    inputs: int
    outputs: int
    rows: int
    first: bool


def square(side: int, times: int) -> Callable[[], None]:
    """Prepare to multiply two square matrices of float32 so many times; once has been done."""
    left, right, out = torch.rand(3, side, side)

    def multiply() -> None:
        for _ in range(times):
            torch.mm(left, right, out=out)

    torch.mm(left, right, out=out)
    return multiply


def of_mlps(spec: RunSpec, runs: int) -> Callable[[], None]:
    """Prepare the products of MLPs stacked as ours are, and nothing between them."""
    steps = spec.train_pairs // spec.batch_size
    tests = (spec.test_pairs or 0) // TEST_BATCH["cpu"]
    training = [products(layer, runs) for layer in layers(spec.model, spec.batch_size)]
    testing = [products(layer, runs) for layer in layers(spec.model, TEST_BATCH["cpu"])]

    def multiply() -> None:
        for _ in range(spec.epochs):
            for _ in range(steps):
                for forward, backward in training:
                    forward()
                    backward()
            for _ in range(tests):
                for forward, _ in testing:
                    forward()

    return multiply


def layers(model: ModelSpec, pairs: int) -> list[Linear]:
    """List the linear layers that a batch of pairs passes through."""
    net = architecture_of(model)
    # Both digits go through a shared branch in one go.
    rows = 2 * pairs if net.head and len(net.branches) == 1 else pairs
    of_branches = [layer for branch in net.branches for layer in linear(branch, rows, inside=False)]
    return [*of_branches, *linear(net.head, pairs, inside=True)]


def linear(part: Sequence[Layer], rows: int, inside: bool) -> list[Linear]:
    """List the linear layers of a part of a net, which may stand inside of it."""
    sizes = [layer.arguments for layer in part if layer.name == "Linear"]
    return [
        Linear(inputs, outputs, rows, first=place == 0 and not inside)
        for place, (inputs, outputs) in enumerate(sizes)
    ]


def products(layer: Linear, runs: int) -> tuple[Callable[[], Tensor], Callable[[], None]]:
    """Prepare a layer's product forward and those of its gradients."""
    x = torch.rand(runs, layer.rows, layer.inputs)
    weight = torch.rand(runs, layer.inputs, layer.outputs)
    bias = torch.rand(runs, 1, layer.outputs)
    gradient = torch.rand(runs, layer.rows, layer.outputs)

    def backward() -> None:
        torch.bmm(x.mT, gradient)
        if not layer.first:
            torch.bmm(gradient, weight.mT)

    return lambda: torch.baddbmm(bias, x, weight), backward
