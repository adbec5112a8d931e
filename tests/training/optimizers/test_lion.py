"""Lion: the steps of its paper, for runs side by side."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from digitpairs.recipe import Lion
from digitpairs.training.optimizer import optimizer_for
from updates import CONSTANT, RATES, SCHEDULED, check_against, runs_of


class ByHand:
    """Algorithm 2 of Chen et al. 2023, line by line, with its letters."""

    def __init__(self, parameters: list[Tensor], rate: float, kind: Lion) -> None:
        self.param_groups = [{"params": parameters, "lr": rate}]
        self.kind = kind
        self.m = [torch.zeros_like(theta) for theta in parameters]

    def step(self) -> None:
        (group,) = self.param_groups
        eta, (beta1, beta2), weight_decay = group["lr"], self.kind.betas, self.kind.weight_decay
        for at, theta in enumerate(group["params"]):
            g, m = theta.grad, self.m[at]
            if g is not None:
                c = beta1 * m + (1 - beta1) * g
                theta[...] = theta - eta * (torch.sign(c) + weight_decay * theta)
                self.m[at] = beta2 * m + (1 - beta2) * g


@pytest.mark.parametrize("absent", [[], [(1, 1), (4, 0), (5, 0), (9, 2), (20, 1)]])
@pytest.mark.parametrize("factors", [CONSTANT, SCHEDULED])
@pytest.mark.parametrize(
    "kind",
    [
        Lion("lion"),
        Lion("lion", weight_decay=0.3),
        Lion("lion", (0.5, 0.7), 0.01),
        Lion("lion", (0, 0)),
    ],
)
def test_twenty_steps_are_those_of_the_paper(
    kind: Lion, factors: Sequence[float], absent: list[tuple[int, int]]
) -> None:
    check_against(lambda *given: ByHand(*given, kind), kind, factors, absent)


def test_the_first_step_of_each_weight_is_the_learning_rate() -> None:
    weights, gradients = runs_of(0), runs_of(1)
    optimizer_for(Lion("lion"), weights, RATES).step(gradients)
    for weight, start, gradient in zip(weights, runs_of(0), gradients, strict=True):
        for run, rate in enumerate(RATES):
            torch.testing.assert_close(start[run] - weight[run], rate * gradient[run].sign())
