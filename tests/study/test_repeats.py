"""Studies of the search and its repeats: what is asked for, what is planned, what is refused."""

from copy import deepcopy
from typing import Any

import pytest
from contents import QUICK, Content, problems

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.pipeline import targets
from digitpairs.pipeline.steps import all_runs_with, data_steps, default_steps, steps, upstream
from digitpairs.runs import plan, sets
from digitpairs.runs.forecast import forecast, planned
from digitpairs.study import groups
from digitpairs.study.load import check

SOURCE = Source("shapes", "0" * 12)
STUDY = {
    "kind": "ranks",
    "title": "Again",
    "group": "again",
    "variants": ["mlp_selected", "siamese_mlp_selected"],
}


@pytest.fixture
def content() -> Content:
    """The quick params, with three repeats of the search that a study shows."""
    content = deepcopy(QUICK)
    content["search"]["repeats"] = 3
    content["studies"]["again"] = deepcopy(STUDY)
    content["studies"]["again_table"] = STUDY | {"kind": "winners"}
    return content


def test_repeats_have_the_next_seeds_and_are_else_the_same_folds(content: Content) -> None:
    params = check(content)
    found = plan.searches(params, SOURCE)
    once = [run for run in found[""] if run.name in ("mlp", "siamese_mlp")]
    assert len(once) == 2 * 2  # a configuration and two folds of each
    for seed in (1001, 1002, 1003):
        again = [run for run in found["-again"] if run.spec.seed == seed]
        assert [(run.name, run.spec.fold, run.spec.model) for run in again] == [
            (run.name, run.spec.fold, run.spec.model) for run in once
        ]
    assert len(found["-again"]) == 3 * len(once)
    assert {run.path for run in found["-again"]}.isdisjoint(run.path for run in found[""])


def test_each_repeat_has_a_pair_set_of_its_own(content: Content) -> None:
    params = check(content)
    assert sets.seeds(params) == [0, 1, 2, 1000, 1001, 1002, 1003]
    for run in plan.searches(params, SOURCE)["-again"]:
        assert run.pairs == sets.pairs_path(params, SOURCE, run.spec.seed)


def test_without_such_a_study_nothing_is_repeated(content: Content) -> None:
    del content["studies"]["again"], content["studies"]["again_table"]
    params = check(content)
    assert sets.seeds(params) == [0, 1, 2, 1000]
    assert list(plan.searches(params, SOURCE)) == [""]


def test_by_default_nothing_is_repeated(content: Content) -> None:
    params, before = check(content), check(QUICK)
    assert planned(params, SOURCE, {})[0] == planned(before, SOURCE, {})[0]
    graph = steps(params)
    apart = {"search-again", "figure-again", "table-again_table"}
    assert apart < graph.keys() and apart.isdisjoint(default_steps(params, graph))


def test_a_group_trains_the_search_and_its_repeats_and_no_variant(content: Content) -> None:
    params = check(content)
    searched, evaluated = planned(params, SOURCE, {}, "again")
    assert evaluated == []
    assert len(searched) == len(plan.searches(params, SOURCE)[""]) + 3 * 4
    lines = {line.name: line.planned for line in forecast(params, SOURCE, {}, 2, "again").lines}
    assert lines["search mlp"] == (1 + 3) * 2


def test_no_winner_is_taken_from_repeats(content: Content) -> None:
    """They would stand beside those of the search, by the same names."""
    params = check(content)
    graph = data_steps(params, all_runs_with(params, SOURCE, None))
    assert "search-again" in graph and "select-again" not in graph
    assert groups.owners(params) == {}


def test_products_read_the_search_and_its_repeats_alone(content: Content) -> None:
    params = check(content)
    graph = steps(params)
    for name in ("figure-again", "table-again_table"):
        assert graph[name].inputs == (paths.SOURCE, paths.search(""), paths.search("-again"))
        assert upstream(graph, name) == {"digits", "search", "search-again"}
    files = [*targets.product(params, "again"), *targets.product(params, "again_table")]
    assert files == [*paths.figure("again"), *paths.table("again_table")]


@pytest.mark.parametrize(
    ("key", "value"), [("repeats", 2), ("epochs", 3), ("folds", 3), ("seed", 2000)]
)
def test_what_decides_the_repeats_makes_their_step_due(
    content: Content, key: str, value: int
) -> None:
    before = data_steps(check(content), all_runs_with(check(content), SOURCE, None))
    content["search"][key] = value
    params = check(content)
    after = data_steps(params, all_runs_with(params, SOURCE, None))
    assert before["search-again"].digest != after["search-again"].digest


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        ({"group": None}, "studies.again.group: missing", "name one"),
        ({"variants": ["mlp"]}, "studies.again.variants: 'mlp'", "no winner of the search"),
        ({"repeats": 0}, "studies.again.kind: 'ranks'", "set search.repeats to 1 or more"),
        ({"repeats": -1}, "search.repeats: -1", "greater than or equal to 0"),
    ],
)
def test_a_study_of_repeats_needs_repeats_winners_and_a_group(
    content: Content, change: dict[str, Any], line: str, reason: str
) -> None:
    del content["studies"]["again_table"]
    content["search"]["repeats"] = change.pop("repeats", 3)
    content["studies"]["again"].update(change)
    (problem,) = problems(content)
    assert problem.startswith(line) and reason in problem


def test_repeats_are_not_among_the_results_of_a_groups_own_search(content: Content) -> None:
    content["search"]["grids"]["faster"] = {"base": "mlp", "learning_rate": [1e-3, 1e-2]}
    content["studies"]["mine"] = {
        "kind": "box",
        "title": "Mine",
        "group": "again",
        "variants": ["mlp", "faster_selected"],
    }
    problem, _ = problems(content)
    assert problem.startswith("studies.again.group: 'again': trains variants")


def test_a_study_of_repeats_owns_no_grid(content: Content) -> None:
    """A winner that only it names is searched, and evaluated, by default as before."""
    params = check(content)
    assert {groups.suffix_of(params, grid) for grid in params.search.grids} == {""}
    assert groups.repeated(params) == {"-again": ["mlp", "siamese_mlp"]}
