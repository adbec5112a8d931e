"""A strategy that cannot be: one line each, with the key and what to do."""

from pathlib import Path
from typing import Any

import pytest
from contents import Content, problems

from searched import GRID, content, searching

HALVES = {"low": 0.1, "high": 0.5}
ONE: Content = {"name": "random", "trials": 3, "rungs": [{}]}
WRONG: list[tuple[Content, str, str]] = [
    ({"strategy": None}, "space", "needs a strategy; add one, or list choices by their keys"),
    ({"base": "stak"}, "base", "'stak': a strategy starts from a variant; did you mean stack?"),
    ({"base": None}, "base", "None: a strategy starts from a variant"),
    (
        {"learning_rate": [1e-3]},
        "learning_rate",
        "is a choice of a grid; with a strategy write it into space",
    ),
    ({"strategy": {**ONE, "trials": 2}, "space": {}}, "strategy.trials", "2: only 1 that differ"),
    (
        {"strategy": {**ONE, "trials": 4}, "space": {"learning_rate": [1e-3, 2e-3]}},
        "strategy.trials",
        "4: only 3 that differ are in the space and within max_parameters; choose fewer, or",
    ),
    (
        {"strategy": {**ONE, "max_parameters": 10}},
        "strategy.trials",
        "3: only 0 that differ",
    ),
    ({"space": {"optimiser.name": ["sgd"]}}, "space.optimiser.name", "is no key of a variant; did"),
    ({"space": {"base": ["mlp"]}}, "space.base", "is no key of a variant"),
    ({"space": {"label": ["A"]}}, "space.label", "is no key of a variant"),
    (
        {"space": {"learning_rate": {"low": 1, "high": 1}}},
        "space.learning_rate.low",
        "1: has to be",
    ),
    (
        {"space": {"learning_rate": {"low": 0, "high": 1, "log": True}}},
        "space.learning_rate.low",
        "0: has to be above 0 where log is true",
    ),
    (
        {"space": {"training.epochs": {"low": 2, "high": 4, "log": True, "whole": True}}},
        "space.training.epochs.whole",
        "True: goes with even steps alone; set log or whole",
    ),
    (
        {"space": {"training.epochs": {"low": 2.5, "high": 4, "whole": True}}},
        "space.training.epochs.whole",
        "True: needs whole numbers as low and high",
    ),
    (
        {
            "strategy": {**ONE, "trials": 2, "rungs": [{"epochs": 2}]},
            "space": {"training.epochs": [4, 5]},
        },
        "strategy.rungs.0.epochs",
        "2: trains trials alike that differ in training.epochs; leave out that key",
    ),
    (
        {"space": {"training": [{"epochs": 4}, {"epochs": 5}]}},
        "space.training",
        "is a section; nam",
    ),
    ({"space": {"training.seeds": [2, 3]}}, "space.training.seeds", "is of evaluations alone"),
    ({"space": {"training.batchnorm": ["standard"]}}, "space.training.batchnorm", "is of evaluat"),
    (
        {"strategy": {**ONE, "rungs": [{}, {"keep": 2}]}},
        "strategy.rungs",
        "2 of them: 'random' nee",
    ),
    (
        {"strategy": {**ONE, "name": "halving"}},
        "strategy.rungs",
        "1 of them: 'halving' needs two rungs or more",
    ),
    (
        {"strategy": {**ONE, "rungs": [{"keep": 2}]}},
        "strategy.rungs.0.keep",
        "2: all trials enter the first rung; leave it out",
    ),
    (
        {"strategy": {**GRID["strategy"], "rungs": [{}, {}]}},
        "strategy.rungs.1.keep",
        "missing; say how many of the rung before go on",
    ),
    (
        {"strategy": {**GRID["strategy"], "rungs": [{}, {"keep": 6}]}},
        "strategy.rungs.1.keep",
        "6: has to be fewer than reach the rung before",
    ),
    (
        {"strategy": {**GRID["strategy"], "rungs": [{}, {"keep": 3}, {"keep": 3}]}},
        "strategy.rungs.2.keep",
        "3: has to be fewer than reach the rung before",
    ),
    (
        {"strategy": {**ONE, "rungs": [{"folds": 3}]}},
        "strategy.rungs.0.folds",
        "3: is more than search.folds",
    ),
    (
        {"space": {"readout": ["head", "argmax"], "loss.digits_only": [False]}},
        "readout",
        "some nets answer by a head and others by their digits, which are judged on different",
    ),
    ({"space": {"aux_weight": [1]}}, "space", "aux_weight: 1.0: weighs the digits beside"),
    (
        {"space": {"training.pairs": [201]}},
        "base",
        "has training.pairs: 201, more than pairs.train (200)",
    ),
]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_the_conflicts_are_of_is_sound() -> None:
    assert searching().search.grids["found"].strategy
    assert searching({"strategy": ONE}).search.grids["found"].space


@pytest.mark.parametrize(("changes", "key", "text"), WRONG)
def test_a_strategy_that_cannot_be_gets_one_line(changes: Content, key: str, text: str) -> None:
    if changes.get("space") and "strategy" not in changes:
        changes = {**changes, "strategy": {**ONE, "trials": 2}}
    (line,) = problems(content(changes))
    assert line.startswith(f"search.grids.found.{key}: {text}")


@pytest.mark.parametrize(
    ("space", "rungs", "text"),
    [
        # Right for the four epochs of an evaluation, and not for the two of a rung.
        (
            {"averaging": [{"epochs": 3}]},
            [{"epochs": 2}],
            "averaging.epochs: 3: is more than a run",
        ),
        (
            {"schedule": [{"name": "step", "every": 3}]},
            [{"epochs": 2}],
            "schedule.every: 3: never comes in a run of 2",
        ),
        # Right for a rung, and not for the winner.
        (
            {"averaging": [{"epochs": 6}]},
            [{"epochs": 8}],
            "averaging.epochs: 6: is more than a run",
        ),
    ],
)
def test_trials_are_held_against_rungs_and_evaluation(space: Any, rungs: Any, text: str) -> None:
    (line,) = problems(content({"space": space, "strategy": {**ONE, "trials": 2, "rungs": rungs}}))
    assert line.startswith(f"search.grids.found.space: {text}")


def test_a_rung_scales_the_warm_up_that_it_is_held_against() -> None:
    rungs = [{"epochs": 1}]  # of a warm-up of 2 of 4 epochs
    assert searching({"strategy": {**ONE, "rungs": rungs}})


def test_a_winner_is_held_against_the_protocol_of_its_evaluation() -> None:
    params = content({"space": {"averaging": [{"epochs": 2}]}, "strategy": {**ONE, "trials": 2}})
    params["training"]["batchnorm"] = "frozen_after_first_epoch"
    (line,) = problems(params)
    assert line.startswith("search.grids.found.space: averaging: takes BatchNorm's statistics")


def test_the_search_by_default_needs_a_grid_of_choices() -> None:
    found = content()
    found["search"]["grids"] = {"found": found["search"]["grids"]["found"]}
    lines = [line for line in problems(found) if line.startswith("search.grids: ")]
    assert lines == [
        "search.grids: each has a strategy; the search by default needs a grid of choices too"
    ]


STUDIES: list[tuple[str, list[str], str]] = [
    ("trials", ["found_selected", "mlp_selected"], "variants: shows the trials of one search;"),
    ("trials", ["mlp_selected"], "variants: 'mlp_selected': its grid has no strategy, so that it"),
    ("winners", ["found_selected"], "variants: 'found_selected': has rungs in place of repeats;"),
]


@pytest.mark.parametrize(("kind", "variants", "line"), STUDIES)
def test_a_study_of_a_search_shows_what_that_search_has(
    kind: str, variants: list[str], line: str
) -> None:
    found = content()
    found["search"]["repeats"] = 1
    study = {"kind": kind, "title": "Tried", "group": "further", "variants": variants}
    found["studies"]["shown"] = study
    assert [one for one in problems(found) if one.startswith(f"studies.shown.{line}")]
