"""The search's grid under the parameter budget."""

from contents import problems, with_value
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.models.counts import parameters_of
from digitpairs.study.grid import configurations, width
from digitpairs.study.schema import Grid, Params, Search
from digitpairs.study.variants import resolve

WITHIN_BUDGET = {"mlp": 16, "convnet": 28, "siamese_mlp": 20, "siamese_convnet": 35}


def test_the_budget_leaves_99_configurations(full_params: Params) -> None:
    counts = {
        family: len(settings) for family, settings in configurations(full_params.search).items()
    }
    assert counts == WITHIN_BUDGET
    assert sum(counts.values()) == 99


def test_all_configurations_lie_within_the_budget(full_params: Params) -> None:
    for settings in configurations(full_params.search).values():
        counts = [parameters_of(setting.model) for setting in settings]
        assert all(90_000 <= count <= 110_000 for count in counts)


def test_configurations_are_distinct_and_of_their_family(full_params: Params) -> None:
    for family, settings in configurations(full_params.search).items():
        assert len(set(settings)) == len(settings)
        assert {setting.model.family for setting in settings} == {family}
        assert not any(setting.model.shared or setting.aux_weight for setting in settings)


def test_the_published_sizes_are_among_the_configurations(full_params: Params) -> None:
    for family, settings in configurations(full_params.search).items():
        assert resolve(full_params, family) in settings


def test_both_ends_of_the_budget_belong_to_it(full_params: Params) -> None:
    exactly = full_params.search.model_copy(
        update={"min_parameters": 98_902, "max_parameters": 98_902}
    )
    models = {setting.model.hidden for setting in configurations(exactly)["mlp"]}
    assert models == {(200, 100)}


choices = st.lists(st.integers(1, 400), min_size=1, max_size=4, unique=True)


@given(choices, choices, st.integers(1, 200_000), st.integers(1, 200_000))
def test_the_budget_cuts_nothing_else(
    first: list[int], second: list[int], one: int, other: int
) -> None:
    least, most = sorted([one, other])
    search = Search(
        seed=1000,
        folds=5,
        epochs=1,
        min_parameters=least,
        max_parameters=most,
        grids={"mlp": Grid(hidden=[first, second], learning_rate=[1e-4, 1e-3])},
    )
    expected = {
        (a, b, rate)
        for a in first
        for b in second
        for rate in (1e-4, 1e-3)
        if least <= 392 * a + a + a * b + b + 2 * b + 2 <= most
    }
    found = {(*s.model.hidden, s.learning_rate) for s in configurations(search)["mlp"]}
    assert found == expected


def test_a_grid_is_as_wide_as_all_its_choices(full_params: Params) -> None:
    everything = full_params.search.model_copy(
        update={"min_parameters": 1, "max_parameters": 10**9}
    )
    settings = configurations(everything)
    assert {family: width(grid) for family, grid in everything.grids.items()} == {
        family: len(settings[family]) for family in settings
    }


def test_configurations_are_counted_before_any_is_listed() -> None:
    """A grid of 10 to the 16 configurations."""
    path = ("search", "grids", "mlp", "hidden")
    (line,) = problems(with_value(path, [list(range(1, 101)) for _ in range(8)]))
    assert "search.grids.mlp: makes 10,000,000,000,000,000 configurations" in line
