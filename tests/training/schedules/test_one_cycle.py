"""One cycle of the learning rate: up, then down."""

import pytest
from torch.optim.lr_scheduler import OneCycleLR

from digitpairs.recipe import OneCycle
from digitpairs.training.schedule import factors
from schedulers import factors_of_torch


def test_it_goes_up_over_the_warm_up_and_down_to_the_last_step() -> None:
    found = factors(OneCycle("one_cycle", warmup=1.5, start=0.2, final=0.1), 2, 3)
    assert found == pytest.approx([0.2, 0.6, 1.0, 0.775, 0.325, 0.1])


@pytest.mark.parametrize(("warmup", "start", "final"), [(1, 0.04, 0.001), (2.25, 0.5, 0.25)])
def test_it_is_that_of_torch(warmup: float, start: float, final: float) -> None:
    expected = factors_of_torch(
        lambda optimizer: OneCycleLR(
            optimizer,
            max_lr=1.0,
            total_steps=28,
            pct_start=warmup * 4 / 28,
            div_factor=1 / start,
            final_div_factor=start / final,
            cycle_momentum=False,
        ),
        28,
    )
    assert factors(OneCycle("one_cycle", warmup, start, final), 4, 7) == pytest.approx(expected)


def test_a_way_up_of_one_step_or_none_is_at_the_top() -> None:
    assert factors(OneCycle("one_cycle", warmup=1), 1, 3) == pytest.approx([1.0, 0.5, 0.0])
    assert factors(OneCycle("one_cycle", warmup=0), 1, 2) == pytest.approx([0.5, 0.0])


def test_a_way_up_may_take_the_whole_training() -> None:
    assert factors(OneCycle("one_cycle", warmup=3), 1, 3) == pytest.approx([0.04, 0.52, 1.0])
