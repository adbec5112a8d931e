"""Optimizers for runs side by side, each run with its learning rate.

`torch.optim` will not do: its fused steps round a run otherwise in a stack than alone, and its
first optimizer imports torch's compiler, which is slow.

An optimizer is a file in optimizers/ with a class `Rule`. A run has to come to the same bits
whatever is beside it. How often torch rounds where it multiplies and adds in one operation (lerp,
addcmul, alpha) is up to the processor, and may differ for the last few numbers of an array. So a
rule multiplies and adds apart, or has a kernel of numba.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import chain

import torch
from torch import Tensor

from digitpairs import recipe

Moments = tuple[Tensor, ...]  # of a parameter: what a rule keeps of its gradients


class Optimizer(ABC):
    """Steps parameters in place; `rates` (R, 1) holds the current learning rate of each run.

    A CUDA graph may hold a step: it changes nothing but tensors, and reads `rates` where they lie.
    """

    def __init__(self, parameters: Sequence[Tensor], rates: Sequence[float], moments: int) -> None:
        """Start from so many zero moments a parameter.

        Each tensor holds a parameter of all R runs, one run after another; `rates` are the R
        learning rates.
        """
        self.parameters = [tensor.detach().view(len(rates), -1) for tensor in parameters]
        self.moments: list[Moments] = [
            tuple(torch.zeros_like(parameter) for _ in range(moments))
            for parameter in self.parameters
        ]
        self.base = self.parameters[0].new_tensor(rates)[:, None]
        self.rates = self.base.clone()
        self.factor = 1.0

    @property
    def state(self) -> list[Tensor]:
        """All that a step changes."""
        return [*self.parameters, *chain(*self.moments)]

    def set_factor(self, factor: float) -> None:
        """Make the learning rates `factor` times what they were at the start.

        Call it between steps, outside of a CUDA graph.
        """
        if factor != self.factor:
            torch.mul(self.base, factor, out=self.rates)
            self.factor = factor

    def given(self, gradients: Sequence[Tensor | None]) -> Iterator[tuple[Tensor, Tensor, Moments]]:
        """Yield each parameter that has a gradient, that gradient, both (R, size), and moments.

        Without a gradient a parameter and its moments stay as they are, as in torch.
        """
        for parameter, gradient, moments in zip(
            self.parameters, gradients, self.moments, strict=True
        ):
            if gradient is not None:
                yield parameter, gradient.reshape(parameter.shape), moments

    @abstractmethod
    def step(self, gradients: Sequence[Tensor | None]) -> None:
        """Take one step by the gradients of the parameters, None where there is none."""


def optimizer_for(
    kind: recipe.Optimizer, parameters: Sequence[Tensor], rates: Sequence[float]
) -> Optimizer:
    """Make the optimizer that a recipe describes: the `Rule` in the file of the class's name."""
    module = import_module(f"digitpairs.training.optimizers.{type(kind).__name__.lower()}")
    optimizer: Optimizer = module.Rule(kind, parameters, rates)
    return optimizer
