"""A learning rate that falls by half a cosine."""

from math import sqrt

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, LRScheduler, SequentialLR

from digitpairs.recipe import Cosine
from digitpairs.training.schedule import factors
from schedulers import factors_of_torch


def test_it_falls_slowly_then_fast_then_slowly() -> None:
    found = factors(Cosine("cosine"), 2, 2)
    assert found == pytest.approx([1.0, (1 + sqrt(1 / 2)) / 2, 0.5, (1 - sqrt(1 / 2)) / 2])


@pytest.mark.parametrize("final", [0.0, 0.1, 1.0])
def test_it_is_that_of_torch(final: float) -> None:
    expected = factors_of_torch(lambda optimizer: CosineAnnealingLR(optimizer, 28, final), 28)
    assert factors(Cosine("cosine", final), 4, 7) == pytest.approx(expected)


def test_it_is_that_of_torch_after_a_warm_up() -> None:
    """It falls over what the warm-up leaves."""

    def both(optimizer: torch.optim.Optimizer) -> LRScheduler:
        up = LinearLR(optimizer, 1 / 6, 1.0, 5)
        return SequentialLR(optimizer, [up, CosineAnnealingLR(optimizer, 22, 0.1)], [6])

    assert factors(Cosine("cosine", 0.1, 1.5), 4, 7) == pytest.approx(factors_of_torch(both, 28))
