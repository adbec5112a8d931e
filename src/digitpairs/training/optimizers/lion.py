"""Lion: steps by the sign of a mean gradient (Chen et al. 2023, Algorithm 2)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from digitpairs import recipe
from digitpairs.training.optimizer import Optimizer


class Rule(Optimizer):
    """The moment of a parameter is a mean of its gradients."""

    def __init__(
        self, kind: recipe.Lion, parameters: Sequence[Tensor], rates: Sequence[float]
    ) -> None:
        """Start from zero moments."""
        super().__init__(parameters, rates, moments=1)
        self.kind = kind

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor | None]) -> None:
        """Take one step. Weights decay apart from the gradient."""
        (beta1, beta2), decay = self.kind.betas, self.kind.weight_decay
        for parameter, gradient, (mean,) in self.given(gradients):
            change = (mean * beta1).add_(gradient * (1 - beta1)).sign_()
            if decay:
                change += parameter * decay
            parameter.sub_(change * self.rates)
            mean.mul_(beta2).add_(gradient * (1 - beta2))
