"""Adam (Kingma and Ba 2015, Algorithm 1) for runs side by side, each with its learning rate.

`torch.optim` will not do: its fused steps round a run otherwise in a stack than alone, and its
first optimizer imports torch's compiler, which is slow.
"""

from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor

from digitpairs.training.cuda import adam as cuda_adam
from digitpairs.training.engines import kernels

Moments = tuple[Tensor, Tensor]  # of a parameter: means of its gradients and their squares
CONSTANTS = BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # torch's defaults


class Adam:
    """Steps parameters in place; `rates` holds a learning rate a run."""

    def __init__(self, parameters: Sequence[Tensor], rates: Sequence[float]) -> None:
        """Start from zero moments. Each tensor holds a parameter of all runs, one after another."""
        self.parameters = [tensor.detach().view(len(rates), -1) for tensor in parameters]
        self.moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.parameters]
        self.rates = self.parameters[0].new_tensor(rates)[:, None]
        self.steps = self.rates.new_zeros((), dtype=torch.float64)

    @property
    def state(self) -> list[Tensor]:
        """All that a step changes."""
        return [*self.parameters, *chain(*self.moments), self.steps]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor | None]) -> None:
        """Take one step. No gradient is a gradient of zero."""
        self.steps += 1
        rates = self.rates / (1 - BETA1**self.steps)
        unbias = (1 - BETA2**self.steps).rsqrt()
        update = on_cpu if rates.device.type == "cpu" else cuda_adam.update
        for parameter, gradient, moments in zip(
            self.parameters, gradients, self.moments, strict=True
        ):
            if gradient is not None:
                update(
                    parameter, gradient.reshape(parameter.shape), moments, rates, unbias, CONSTANTS
                )


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
    kernels.adam(*arrays, *map(number, (*constants, unbias)))
