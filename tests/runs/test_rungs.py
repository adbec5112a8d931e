"""Rungs of a search: who is judged there, on which folds, for how many epochs."""

from pathlib import Path
from typing import Any

import pytest

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.identity import essentials
from digitpairs.pipeline.steps import all_runs_with, data_steps, default_steps
from digitpairs.runs import plan, sets
from digitpairs.runs.forecast import forecast
from digitpairs.spec import Setting
from digitpairs.study import groups
from digitpairs.study.grid import configurations
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from searched import Content, content, searching

GRID = "found"
SUFFIXES = [f"-{GRID}+{rung}" for rung in (1, 2, 3)]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def params() -> Params:
    return searching()


@pytest.fixture
def trials(params: Params) -> list[Setting]:
    return configurations(params)[GRID]


def going_on(trials: list[Setting], *rungs: list[int]) -> dict[str, Any]:
    """What the winners' files hold once trials of these places went on from a rung."""
    return {
        groups.promoted(GRID, rung, place): essentials(trials[at])
        for rung, passed in enumerate(rungs)
        for place, at in enumerate(passed)
    }


def test_rungs_are_named_by_their_grid_and_place(params: Params) -> None:
    assert groups.rungs(params) == {suffix: (GRID, at) for at, suffix in enumerate(SUFFIXES)}
    assert groups.suffixes_of(params, GRID) == SUFFIXES
    assert groups.suffix_of(params, GRID) == SUFFIXES[-1]
    assert groups.suffixes_of(params, "mlp") == [""]
    assert groups.promoted(GRID, 0, 1) == f"{GRID}+1#2"
    assert set(SUFFIXES) <= set(groups.suffixes(params))


def test_all_trials_reach_the_first_rung_and_those_that_pass_the_next(
    params: Params, trials: list[Setting]
) -> None:
    winners = going_on(trials, [4, 0, 2], [2, 4])
    reached = [plan.reached(params, GRID, rung, winners) for rung in range(3)]
    assert reached == [trials, [trials[4], trials[0], trials[2]], [trials[2], trials[4]]]


def test_before_a_rung_is_judged_nobody_reaches_the_next(
    params: Params, trials: list[Setting], source: Source
) -> None:
    assert plan.reached(params, GRID, 1, {}) == []
    assert plan.reached(params, GRID, 2, going_on(trials, [1, 2])) == []
    searched = plan.searches(params, source)
    assert [len(searched[suffix]) for suffix in SUFFIXES] == [6, 0, 0]
    searched = plan.searches(params, source, going_on(trials, [1, 2, 3], [3, 1]))
    assert [len(searched[suffix]) for suffix in SUFFIXES] == [6, 3 * 4, 2 * 6]


def test_a_rung_judges_on_its_sets_and_folds(
    params: Params, trials: list[Setting], source: Source
) -> None:
    def members(rung: int) -> list[str]:
        return [run.spec.member for run in plan.rung_runs(params, source, GRID, rung, trials[1])]

    assert members(0) == ["seed-1000-fold-0"]
    assert members(1) == [f"seed-{s}-fold-{f}" for s in (1000, 1001) for f in (0, 1)]
    assert members(2) == [f"seed-{s}-fold-{f}" for s in (1000, 1001, 1002) for f in (0, 1)]
    for run in plan.rung_runs(params, source, GRID, 2, trials[1]):
        assert (run.name, run.spec.folds, run.spec.test_pairs) == (GRID, 2, None)
        assert run.spec.batchnorm == "standard"
        assert run.pairs == sets.pairs_path(params, source, run.spec.seed)
        assert run.pairs in sets.pair_sets(params, source)


def test_fewer_epochs_shrink_the_warm_up(
    params: Params, trials: list[Setting], source: Source
) -> None:
    first, second = (
        plan.rung_runs(params, source, GRID, rung, trials[0])[0].spec for rung in (0, 1)
    )
    assert (first.epochs, first.recipe.schedule.warmup) == (2, 1)
    assert (second.epochs, second.recipe.schedule.warmup) == (4, 2)
    assert second.recipe == trials[0].recipe


def test_folds_that_two_rungs_share_are_one_run(
    params: Params, trials: list[Setting], source: Source
) -> None:
    second, third = (
        {run.path for run in plan.rung_runs(params, source, GRID, rung, trials[2])}
        for rung in (1, 2)
    )
    assert second < third


def test_each_step_of_a_rung_reads_who_passed_the_one_before(
    params: Params, trials: list[Setting], source: Source
) -> None:
    won = going_on(trials, [0, 1, 2])
    graph = data_steps(params, all_runs_with(params, source, won))
    before = [set(graph[f"search{suffix}"].inputs) for suffix in SUFFIXES]
    assert before == [
        {paths.SOURCE},
        {paths.SOURCE, paths.winners(SUFFIXES[0])},
        {paths.SOURCE, paths.winners(SUFFIXES[1])},
    ]
    kept = [graph[f"select{suffix}"].params for suffix in SUFFIXES]
    assert kept == [[GRID, 0, 3], [GRID, 1, 2], [GRID, 2, 1]]
    for suffix in SUFFIXES:
        step = graph[f"select{suffix}"]
        assert (step.inputs, step.outputs) == ((paths.search(suffix),), (paths.winners(suffix),))
    other = data_steps(params, all_runs_with(params, source, going_on(trials, [0, 1, 3])))
    changed = [graph[f"search{suffix}"] != other[f"search{suffix}"] for suffix in SUFFIXES]
    assert changed == [False, True, False]


def with_studies(grouped: bool) -> Params:
    found = content()
    study: Content = {"kind": "forest", "title": "Found", "variants": ["stack", "found_selected"]}
    found["studies"]["found"] = study | ({"group": "further"} if grouped else {})
    return check(found)


@pytest.mark.parametrize("grouped", [True, False])
def test_the_rungs_of_a_groups_grid_are_not_made_by_default(grouped: bool, source: Source) -> None:
    params = with_studies(grouped)
    graph = data_steps(params, all_runs_with(params, source, {}))
    made = default_steps(params, graph)
    for suffix in SUFFIXES:
        for kind in ("search", "select"):
            assert f"{kind}{suffix}" in graph
            assert (f"{kind}{suffix}" in made) is not grouped


@pytest.mark.parametrize("grouped", [True, False])
def test_a_forecast_counts_the_rungs_that_are_known(
    grouped: bool, source: Source, trials: list[Setting]
) -> None:
    params, group = with_studies(grouped), "further" if grouped else None

    def planned(winners: dict[str, Any]) -> int:
        lines = forecast(params, source, winners, 2, group).lines
        return sum(line.planned for line in lines if line.name == f"search {GRID}")

    assert planned({}) == 6
    # On the second rung are twelve, of other epochs; of the third, two trials on one more set.
    assert planned(going_on(trials, [0, 1, 2])) == 6 + 12
    assert planned(going_on(trials, [0, 1, 2], [1, 0])) == 6 + 12 + 2 * 2
    if grouped:
        names = [line.name for line in forecast(params, source, {}, 2).lines]
        assert f"search {GRID}" not in names


def test_a_students_teachers_are_counted_while_it_is_missing(source: Source) -> None:
    params = searching()
    lines = {line.name: line for line in forecast(params, source, {}, 2).lines}
    # Three seeds each of the stack and its student, and a second copy of the stack each.
    assert lines["in no study"].planned == 3 + 3 + 3


def test_pair_sets_are_drawn_for_the_rung_with_most(params: Params) -> None:
    assert sets.seeds(params)[-3:] == [1000, 1001, 1002]


def test_a_grid_without_a_strategy_has_no_rung(params: Params, source: Source) -> None:
    with pytest.raises(ValueError, match="has no strategy"):
        plan.rung_runs(params, source, "mlp", 0, configurations(params)["mlp"][0])
    assert not [name for name in groups.rungs(params) if "mlp" in name]
