"""Matrix products alone: the fastest that the machine does, and those that MLPs consist of."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from digitpairs.models.layers import HEAD_HIDDEN
from digitpairs.pairs.pairset import ANSWERS, CLASSES, SIDE
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training.measures import TEST_BATCH


@dataclass(frozen=True)
class Layer:
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
    """Prepare the products of MLPs stacked as digitpairs.stacked does, and nothing between them."""
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


def layers(model: ModelSpec, pairs: int) -> list[Layer]:
    """List the linear layers that a batch of pairs passes through."""
    branch = (SIDE * SIDE * (1 if model.siamese else 2), *model.hidden)
    branch = (*branch, CLASSES if model.siamese else ANSWERS)
    sides = 2 if model.siamese else 1
    together = sides if model.shared else 1  # both digits go through a shared branch in one go
    of_branch = [
        Layer(inputs, outputs, pairs * together, first=place == 0)
        for place, (inputs, outputs) in enumerate(pairwise(branch))
    ]
    head = (2 * CLASSES, HEAD_HIDDEN, ANSWERS) if model.siamese else ()
    of_head = [Layer(inputs, outputs, pairs, first=False) for inputs, outputs in pairwise(head)]
    return of_branch * (sides // together) + of_head


def products(layer: Layer, runs: int) -> tuple[Callable[[], Tensor], Callable[[], None]]:
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
