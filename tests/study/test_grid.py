"""The search's grid under the parameter budget."""

from dataclasses import replace
from typing import Any

import pytest
from contents import QUICK, problems, with_value
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.models.counts import parameters_of
from digitpairs.spec import Setting
from digitpairs.study.grid import configurations, rival, width
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from digitpairs.study.searches import Grid
from digitpairs.study.variants import resolve

PARAMS = check(QUICK)
WITHIN_BUDGET = {"mlp": 16, "convnet": 28, "siamese_mlp": 20, "siamese_convnet": 35}


def searching(params: Params, **search: Any) -> Params:
    """Params with another search."""
    return params.model_copy(update={"search": params.search.model_copy(update=search)})


def test_the_budget_leaves_99_configurations(paper_params: Params) -> None:
    counts = {grid: len(settings) for grid, settings in configurations(paper_params).items()}
    assert counts == WITHIN_BUDGET
    assert sum(counts.values()) == 99


def test_all_configurations_lie_within_the_budget(paper_params: Params) -> None:
    for settings in configurations(paper_params).values():
        counts = [parameters_of(setting.model) for setting in settings]
        assert all(90_000 <= count <= 110_000 for count in counts)


def test_configurations_are_distinct_and_of_their_family(paper_params: Params) -> None:
    for family, settings in configurations(paper_params).items():
        assert len(set(settings)) == len(settings)
        assert {setting.model.family for setting in settings} == {family}
        assert not any(setting.model.shared or setting.aux_weight for setting in settings)


def test_the_published_sizes_are_among_the_configurations(paper_params: Params) -> None:
    for family, settings in configurations(paper_params).items():
        assert resolve(paper_params, family) in settings


def test_both_ends_of_the_budget_belong_to_it(paper_params: Params) -> None:
    exactly = searching(paper_params, min_parameters=98_902, max_parameters=98_902)
    models = {setting.model.hidden for setting in configurations(exactly)["mlp"]}
    assert models == {(200, 100)}


choices = st.lists(st.integers(1, 400), min_size=1, max_size=4, unique=True)


@given(choices, choices, st.integers(1, 200_000), st.integers(1, 200_000))
def test_the_budget_cuts_nothing_else(
    first: list[int], second: list[int], one: int, other: int
) -> None:
    least, most = sorted([one, other])
    grids = {"mlp": Grid(hidden=[first, second], learning_rate=[1e-4, 1e-3])}
    params = searching(PARAMS, min_parameters=least, max_parameters=most, grids=grids)
    expected = {
        (a, b, rate)
        for a in first
        for b in second
        for rate in (1e-4, 1e-3)
        if least <= 392 * a + a + a * b + b + 2 * b + 2 <= most
    }
    found = {(*s.model.hidden, s.learning_rate) for s in configurations(params)["mlp"]}
    assert found == expected


def test_a_grid_is_as_wide_as_all_its_choices(paper_params: Params) -> None:
    everything = searching(paper_params, min_parameters=1, max_parameters=10**9)
    settings = configurations(everything)
    assert {family: width(grid) for family, grid in everything.search.grids.items()} == {
        family: len(settings[family]) for family in settings
    }


def test_configurations_are_counted_before_any_is_listed() -> None:
    """A grid of 10 to the 16 configurations."""
    path = ("search", "grids", "mlp", "hidden")
    (line,) = problems(with_value(path, [list(range(1, 101)) for _ in range(8)]))
    assert "search.grids.mlp: makes 10,000,000,000,000,000 configurations" in line


BASE = ("search", "grids", "tuned")


def tuned(**grid: Any) -> list[Setting]:
    """The settings of a grid that starts from a variant."""
    return configurations(check(with_value(BASE, {"base": "siamese_mlp_shared", **grid})))["tuned"]


def test_a_grid_ranges_over_parts_of_a_recipe_from_its_base() -> None:
    start = resolve(PARAMS, "siamese_mlp_shared")
    settings = tuned(
        optimizer=[{"name": "sgd", "momentum": 0.9}, {"name": "lion"}], learning_rate=[1e-3, 1e-2]
    )
    assert [(s.recipe.optimizer.name, s.learning_rate) for s in settings] == [
        ("sgd", 1e-3),
        ("sgd", 1e-2),
        ("lion", 1e-3),
        ("lion", 1e-2),
    ]
    assert {s.model for s in settings} == {start.model}


def test_a_grid_keeps_what_it_does_not_name_of_its_base() -> None:
    (setting,) = tuned(aux_weight=[2])
    assert setting == replace(resolve(PARAMS, "siamese_mlp_shared"), aux_weight=2.0)


def test_a_grid_without_sizes_has_no_budget() -> None:
    start = resolve(PARAMS, "siamese_mlp_shared")
    assert not 90_000 <= parameters_of(start.model) <= 110_000
    assert tuned(learning_rate=[1e-3])


@pytest.mark.parametrize(
    ("grid", "line"),
    [
        ({"learning_rate": [1e-3]}, "'tuned': is no family, so that it needs a base"),
        (
            {"base": "siamese_mpl"},
            "base: 'siamese_mpl': unknown variant; did you mean siamese_mlp?",
        ),
        ({"base": "mlp", "channels": [[8]]}, "channels: [[8]]: a mlp has no channels"),
        ({"base": "mlp", "readout": ["argmax"]}, "readout: 'argmax': only siamese nets"),
        ({"base": "mlp", "learning_rate": [1e-3, 1e-3]}, "a choice is given twice"),
    ],
)
def test_what_a_grid_with_a_base_cannot_do_gets_one_line(grid: Any, line: str) -> None:
    (found,) = problems(with_value(BASE, grid))
    assert found.startswith("search.grids.tuned")
    assert line in found


def test_a_winner_is_compared_with_its_base_or_the_variant_of_its_family() -> None:
    params = check(with_value(BASE, {"base": "siamese_mlp_shared", "learning_rate": [1e-3]}))
    assert (rival(params, "tuned"), rival(params, "mlp")) == ("siamese_mlp_shared", "mlp")
