"""Stochastic gradient descent: the steps of torch's own, for runs side by side."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from digitpairs.recipe import SGD
from updates import CONSTANT, SCHEDULED, check_against

KINDS = [
    SGD("sgd"),
    SGD("sgd", weight_decay=0.1),
    SGD("sgd", 0.9),
    SGD("sgd", 0.9, weight_decay=0.1),
    SGD("sgd", 0.8, nesterov=True),
    SGD("sgd", 0.9, nesterov=True, weight_decay=0.1),
]


@pytest.mark.parametrize("absent", [[], [(1, 1), (4, 0), (5, 0), (9, 2), (20, 1)]])
@pytest.mark.parametrize("factors", [CONSTANT, SCHEDULED])
@pytest.mark.parametrize("kind", KINDS)
def test_twenty_steps_are_those_of_torch(
    kind: SGD, factors: Sequence[float], absent: list[tuple[int, int]]
) -> None:
    def textbook(parameters: list[Tensor], rate: float) -> torch.optim.Optimizer:
        return torch.optim.SGD(
            parameters,
            rate,
            kind.momentum,
            weight_decay=kind.weight_decay,
            nesterov=kind.nesterov,
        )

    check_against(textbook, kind, factors, absent)
