"""Adam (Kingma and Ba 2015, Algorithm 1) and AdamW (Loshchilov and Hutter 2019, Algorithm 2)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from digitpairs import recipe
from digitpairs.training.cuda import adam as cuda_adam
from digitpairs.training.engines.kernels import compiled
from digitpairs.training.optimizer import Moments, Optimizer


class Rule(Optimizer):
    """The moments of a parameter are means of its gradients and of their squares."""

    def __init__(
        self, kind: recipe.Adam, parameters: Sequence[Tensor], rates: Sequence[float]
    ) -> None:
        """Start from zero moments at step 0."""
        super().__init__(parameters, rates, moments=2)
        self.kind = kind
        self.steps = self.rates.new_zeros((), dtype=torch.float64)

    @property
    def state(self) -> list[Tensor]:
        """All that a step changes."""
        return [*super().state, self.steps]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor | None]) -> None:
        """Take one step. It counts for a parameter without a gradient, too.

        So its moments are then unbiased as if its gradient had been zero.
        """
        beta1, beta2 = self.kind.betas
        self.steps += 1
        rates = self.rates / (1 - beta1**self.steps)
        unbias = (1 - beta2**self.steps).rsqrt()
        constants = (beta1, beta2, self.kind.epsilon)
        update = on_cpu if rates.device.type == "cpu" else cuda_adam.update
        for parameter, gradient, moments in self.given(gradients):
            change = self.decayed(parameter, gradient)
            update(parameter, change, moments, rates, unbias, constants)

    def decayed(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        """Let weights decay: AdamW's in place, Adam's by the gradient that is returned."""
        decay = self.kind.weight_decay
        if not decay:
            return gradient
        if self.kind.name == "adam":
            return gradient + parameter * decay
        parameter *= 1 - self.rates * decay
        return gradient


def on_cpu(
    parameter: Tensor,
    gradient: Tensor,
    moments: Moments,
    rates: Tensor,
    unbias: Tensor,
    constants: tuple[float, float, float],
) -> None:
    """Update a parameter (R, size) in place, in one pass over memory."""
    number = parameter.numpy().dtype.type  # a float of Python is a float64 to numba
    arrays = [tensor.numpy() for tensor in (parameter, gradient, *moments, rates[:, 0])]
    update(*arrays, *map(number, (*constants, unbias)))


@compiled
def update(
    p: Any, g: Any, m: Any, v: Any, rate: Any, b1: Any, b2: Any, eps: Any, unbias: Any
) -> None:
    """Step a parameter p of each run by its gradient g; p, g, m, v (runs, size), rate (runs,).

    m and v are the moments; `rate` is lr / (1 - b1^t), `unbias` 1 / sqrt(1 - b2^t).
    """
    one = p.dtype.type(1)
    for r in range(p.shape[0]):
        step = rate[r]
        for i in range(p.shape[1]):
            d = g[r, i]
            mean = m[r, i] + (d - m[r, i]) * (one - b1)
            square = v[r, i] * b2 + d * d * (one - b2)
            m[r, i] = mean
            v[r, i] = square
            p[r, i] -= step * (mean / (np.sqrt(square) * unbias + eps))
