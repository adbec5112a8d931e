"""A learning rate that falls at once, every few epochs."""

import pytest
import torch
from torch.optim.lr_scheduler import LinearLR, LRScheduler, SequentialLR, StepLR

from digitpairs.recipe import Step
from digitpairs.training.schedule import factors
from schedulers import factors_of_torch


def test_it_falls_after_each_so_many_epochs() -> None:
    found = factors(Step("step", every=2, factor=0.5), 3, 5)
    assert found == [1.0] * 6 + [0.5] * 6 + [0.25] * 3


def test_it_may_fall_to_nothing() -> None:
    assert factors(Step("step", every=1, factor=0.0), 1, 3) == [1.0, 0.0, 0.0]


def test_it_is_that_of_torch() -> None:
    expected = factors_of_torch(lambda optimizer: StepLR(optimizer, 4 * 2, 0.3), 4 * 7)
    assert factors(Step("step", 2, 0.3), 4, 7) == pytest.approx(expected)


def test_it_is_that_of_torch_after_a_warm_up() -> None:
    """Epochs are counted from the end of the warm-up."""

    def both(optimizer: torch.optim.Optimizer) -> LRScheduler:
        up = LinearLR(optimizer, 1 / 6, 1.0, 5)
        return SequentialLR(optimizer, [up, StepLR(optimizer, 4 * 2, 0.3)], [6])

    assert factors(Step("step", 2, 0.3, 1.5), 4, 7) == pytest.approx(factors_of_torch(both, 28))
