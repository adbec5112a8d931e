"""A constant learning rate, after a warm-up if there is one."""

import pytest
import torch

from digitpairs.recipe import Constant
from digitpairs.training.schedule import factors
from schedulers import factors_of_torch


def test_without_a_warm_up_the_learning_rate_is_as_it_is() -> None:
    assert factors(Constant("constant"), 3, 2) == [1.0] * 6


@pytest.mark.parametrize(
    ("warmup", "first"),
    [
        (1.0, [0.25, 0.5, 0.75, 1.0]),
        (0.5, [0.5, 1.0]),
        (0.25, [1.0]),
        (0.1, []),
        (1.3, [0.2, 0.4, 0.6, 0.8, 1.0]),
    ],
)
def test_a_warm_up_rises_in_equal_steps_over_its_epochs(warmup: float, first: list[float]) -> None:
    """It has as many steps as are nearest to its epochs of 4 steps."""
    rest = [1.0] * (8 - len(first))
    assert factors(Constant("constant", warmup), 4, 2) == pytest.approx([*first, *rest])


def test_a_warm_up_is_that_of_torch() -> None:
    steps = 6
    expected = factors_of_torch(
        lambda optimizer: torch.optim.lr_scheduler.LinearLR(optimizer, 1 / steps, 1.0, steps - 1),
        12,
    )
    assert factors(Constant("constant", 1.5), 4, 3) == pytest.approx(expected)
