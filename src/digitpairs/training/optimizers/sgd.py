"""Stochastic gradient descent with momentum, as torch.optim.SGD (Sutskever et al. 2013)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from digitpairs import recipe
from digitpairs.training.optimizer import Optimizer


class Rule(Optimizer):
    """With momentum, the moment of a parameter is the sum of its gradients, older ones fading."""

    def __init__(
        self, kind: recipe.SGD, parameters: Sequence[Tensor], rates: Sequence[float]
    ) -> None:
        """Start from zero moments."""
        super().__init__(parameters, rates, moments=1 if kind.momentum else 0)
        self.kind = kind

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor | None]) -> None:
        """Take one step. Weights decay by the gradient."""
        momentum, decay = self.kind.momentum, self.kind.weight_decay
        for parameter, gradient, moments in self.given(gradients):
            change = gradient + parameter * decay if decay else gradient
            for total in moments:
                total.mul_(momentum).add_(change)
                change = change + total * momentum if self.kind.nesterov else total
            parameter.sub_(change * self.rates)
