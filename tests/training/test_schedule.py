"""What all schedules share."""

import math
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpairs import recipe
from digitpairs.recipe import Constant, Cosine, OneCycle, Recipe, Step, parts
from digitpairs.training.schedule import factors

SHARE = st.floats(0, 1)


@st.composite
def trainings(draw: st.DrawFn) -> tuple[recipe.Schedule, int, int]:
    """A schedule, steps an epoch, and epochs: at least those of the warm-up."""
    epochs = draw(st.integers(1, 12))
    warmup = draw(st.floats(0, epochs) | st.sampled_from([0, epochs]))
    schedule = draw(
        st.sampled_from([Constant("constant", warmup)])
        | st.builds(Step, st.just("step"), st.integers(1, 15), SHARE, st.just(warmup))
        | st.builds(Cosine, st.just("cosine"), SHARE, st.just(warmup))
        | st.builds(OneCycle, st.just("one_cycle"), st.just(warmup), SHARE, SHARE)
    )
    return schedule, draw(st.integers(1, 30)), epochs


@given(trainings())
def test_each_step_has_a_factor_from_0_to_1(training: tuple[recipe.Schedule, int, int]) -> None:
    schedule, steps_per_epoch, epochs = training
    found = factors(schedule, steps_per_epoch, epochs)
    assert len(found) == steps_per_epoch * epochs
    assert all(type(factor) is float and math.isfinite(factor) for factor in found)
    assert all(0 <= factor <= 1 for factor in found)


@given(trainings())
def test_factors_rise_over_the_warm_up_to_1_and_never_after_it(
    training: tuple[recipe.Schedule, int, int],
) -> None:
    schedule, steps_per_epoch, epochs = training
    found = factors(schedule, steps_per_epoch, epochs)
    up = round(schedule.warmup * steps_per_epoch)
    assert all(low <= high for low, high in pairwise(found[:up]))
    assert all(high >= low for high, low in pairwise(found[up:]))
    assert not up or found[up - 1] == 1.0


@pytest.mark.parametrize(
    "schedule",
    [Constant("constant"), Step("step", 1), Cosine("cosine"), OneCycle("one_cycle", 1.0)],
)
def test_the_code_of_a_schedule_is_what_its_recipe_names(
    schedule: recipe.Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("digitpairs.training.schedules.")]:
        monkeypatch.delitem(sys.modules, name)
    factors(schedule, 2, 2)
    used = [
        f"{name.removeprefix('digitpairs.').replace('.', '/')}.py"
        for name in sys.modules
        if name.startswith("digitpairs.training.schedules.")
    ]
    assert used == [part for part in parts(Recipe(schedule=schedule)) if "/schedules/" in part]
