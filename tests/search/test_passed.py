"""Who goes on from a rung, and what a search may not have seen: by the real `digitpairs select`."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from collected import collected
from digitpairs import paths
from digitpairs.cli.main import main
from digitpairs.digits.source import Source
from digitpairs.errors import UserError
from digitpairs.identity import essentials
from digitpairs.models.counts import parameters_of
from digitpairs.pipeline import stamps
from digitpairs.pipeline.steps import steps
from digitpairs.runs import collect, plan
from digitpairs.runs.plan import PlannedRun
from digitpairs.search.ranking import read_winners
from digitpairs.search.winners import select_winners
from digitpairs.spec import Setting
from digitpairs.study.grid import configurations, rival
from digitpairs.study.groups import promoted
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from digitpairs.study.variants import resolve
from searched import content

GRID = "found"
FIRST, SECOND, LAST = (f"-{promoted(GRID, rung)}" for rung in range(3))
Score = Callable[[int], float]  # of a trial, by its place


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Source) -> None:
    """A folder with digits of a known source."""
    monkeypatch.chdir(tmp_path)
    paths.RAW.mkdir(parents=True)
    Path(paths.SOURCE).write_text(json.dumps(vars(source) | {"source": source.name}))


@pytest.fixture
def params() -> Params:
    found = content()
    Path("params.yaml").write_text(yaml.safe_dump(found, sort_keys=False))
    return check(found)


@pytest.fixture
def trials(params: Params) -> list[Setting]:
    return configurations(params)[GRID]


def judge(
    params: Params,
    source: Source,
    rung: int,
    entrants: Sequence[Setting],
    score: Score,
    diverged: Sequence[int] = (),
) -> None:
    """Write the collected results of a rung, as if its trials had come to these scores."""
    parts = [
        collected(
            run, [score(place)] * run.spec.epochs, "diverged" if place in diverged else "finished"
        )
        for place, setting in enumerate(entrants)
        for run in plan.rung_runs(params, source, GRID, rung, setting)
    ]
    write(rung, parts)


def write(rung: int, parts: list[pd.DataFrame]) -> None:
    results = pd.concat(parts, ignore_index=True)
    collect.write(results, paths.search(f"-{promoted(GRID, rung)}"))


def went_on(suffix: str) -> dict[str, Any]:
    return dict(json.loads(Path(paths.winners(suffix)).read_text()))


def test_the_best_of_each_rung_go_on_and_one_wins(
    params: Params, trials: list[Setting], source: Source
) -> None:
    judge(params, source, 0, trials, lambda place: [0.5, 0.9, 0.6, 0.8, 0.7, 0.4][place])
    select_winners(params, FIRST)
    names = [promoted(GRID, 0, place) for place in range(3)]
    assert list(went_on(FIRST)) == names
    assert [went_on(FIRST)[name]["accuracy"] for name in names] == [0.9, 0.8, 0.7]
    passed = plan.reached(params, GRID, 1, read_winners(params) or {})
    assert passed == [trials[1], trials[3], trials[4]]

    judge(params, source, 1, passed, lambda place: [0.7, 0.9, 0.8][place])
    select_winners(params, SECOND)
    passed = plan.reached(params, GRID, 2, read_winners(params) or {})
    assert passed == [trials[3], trials[4]]

    judge(params, source, 2, passed, lambda place: [0.7, 0.8][place])
    select_winners(params, LAST)
    assert list(went_on(LAST)) == [GRID]
    won = plan.evaluated(params, read_winners(params) or {})[f"{GRID}_selected"]
    assert won == trials[4]


def test_what_a_search_of_other_rungs_left_behind_is_no_winner(
    params: Params, trials: list[Setting]
) -> None:
    paths.SEARCHES.mkdir(parents=True)
    won, passed = {GRID: essentials(trials[1])}, {f"{GRID}+1#1": essentials(trials[2])}
    Path(paths.winners(FIRST)).write_text(json.dumps(won | passed))
    Path(paths.winners("")).write_text(json.dumps(won))
    assert read_winners(params) == passed
    Path(paths.winners(LAST)).write_text(json.dumps(won))
    assert read_winners(params) == won | passed

    found = content()
    found["search"]["grids"][GRID] = {"base": "stack", "learning_rate": [1e-3]}
    Path(paths.winners(LAST)).write_text(json.dumps({GRID: essentials(trials[3])}))
    assert read_winners(check(found)) == won  # the file of grids without a strategy


def test_those_that_go_on_are_as_they_were_before_the_rung(
    params: Params, trials: list[Setting], source: Source
) -> None:
    """The first rung trains for half as long, and warms up for half as long."""
    judge(params, source, 0, trials, lambda place: 0.9 - place / 10)
    select_winners(params, FIRST)
    (first, *_) = plan.reached(params, GRID, 1, read_winners(params) or {})
    assert first == trials[0] == resolve(params, rival(params, GRID))
    assert (first.training.epochs, first.recipe.schedule.warmup) == (4, 2)


def test_fewer_parameters_go_on_from_a_tie(
    params: Params, trials: list[Setting], source: Source
) -> None:
    judge(params, source, 0, trials, lambda place: 0.8)
    select_winners(params, FIRST)
    counts = [went_on(FIRST)[promoted(GRID, 0, place)]["parameters"] for place in range(3)]
    known = sorted(parameters_of(trial.model) for trial in trials)
    assert counts == known[:3] < known[3:]


def test_a_trial_that_diverges_does_not_go_on(
    params: Params, trials: list[Setting], source: Source
) -> None:
    judge(params, source, 0, trials, lambda place: 0.9 - place / 10, diverged=[0, 1, 2, 3])
    select_winners(params, FIRST)
    assert plan.reached(params, GRID, 1, read_winners(params) or {}) == trials[4:]


def test_a_rung_on_which_all_diverge_says_so(
    params: Params, trials: list[Setting], source: Source
) -> None:
    judge(params, source, 0, trials, lambda place: 0.9, diverged=range(6))
    with pytest.raises(UserError, match=r"search\.grids\.found: every trial of rung 1 diverged"):
        select_winners(params, FIRST)
    assert not Path(paths.winners(FIRST)).exists()


def test_a_rung_of_other_trials_lets_nobody_pass(
    params: Params, trials: list[Setting], source: Source
) -> None:
    stale = rf"{paths.search(SECOND).replace('+', '.')}: holds other trials than reach this rung"
    judge(params, source, 1, trials[:3], lambda place: 0.8)
    with pytest.raises(UserError, match=stale):  # the rung before is missing
        select_winners(params, SECOND)
    for passing in (trials[:2], [*trials[:2], trials[4]], trials[:4]):
        won = {
            promoted(GRID, 0, place): essentials(setting) for place, setting in enumerate(passing)
        }
        Path(paths.winners(FIRST)).write_text(json.dumps(won))
        with pytest.raises(UserError, match=stale):
            select_winners(params, SECOND)
    assert not Path(paths.winners(SECOND)).exists()


# What a search may not have seen.


def select(name: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Give the command; its exit status."""
    monkeypatch.setattr(sys, "argv", ["digitpairs", "select", name])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_a_search_without_results_names_the_missing_file(
    params: Params, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Readers of Parquet raise errors that have no file name of their own."""
    assert select(f"select{FIRST}", monkeypatch) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1
    assert f"{paths.search(FIRST)} is not there; an earlier step makes it" in said


def collect_all(params: Params, suffix: str, parts: list[pd.DataFrame]) -> None:
    """Write the results of a search as its step does, with a stamp."""
    with stamps.stamped(steps(params), "digits"):
        pass
    with stamps.stamped(steps(params), f"search{suffix}"):
        collect.write(pd.concat(parts, ignore_index=True), paths.search(suffix))


def on_test_pairs(run: PlannedRun) -> PlannedRun:
    return replace(run, spec=replace(run.spec, folds=None, fold=None, test_pairs=200))


def with_test_pairs(run: PlannedRun) -> PlannedRun:
    return replace(run, spec=replace(run.spec, test_pairs=200))


def of_an_evaluations_seed(run: PlannedRun) -> PlannedRun:
    return replace(run, spec=replace(run.spec, seed=2))


def of_the_pairs_of_seed_0(run: PlannedRun) -> PlannedRun:
    return replace(run, spec=replace(run.spec, varies="weights"))


@pytest.mark.parametrize(
    ("violate", "text"),
    [
        (on_test_pairs, "is judged on test digits; a search may see folds alone"),
        (with_test_pairs, "is judged on test digits; a search may see folds alone"),
        (of_the_pairs_of_seed_0, "is of seed 0, which the evaluation uses"),
        (
            of_an_evaluations_seed,
            "is of seed 2, which the evaluation uses; a search needs seeds of its own, from 3 on",
        ),
    ],
)
@pytest.mark.parametrize("of_rung", [True, False])
def test_a_planted_violation_fails_the_search(
    violate: Callable[[PlannedRun], PlannedRun],
    text: str,
    of_rung: bool,
    params: Params,
    trials: list[Setting],
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    suffix = FIRST if of_rung else ""
    runs = (
        [run for one in trials for run in plan.rung_runs(params, source, GRID, 0, one)]
        if of_rung
        else plan.search_runs(params, source)
    )
    sound = [collected(run, [0.8]) for run in runs]
    place = len(runs) // 2
    planted = violate(runs[place])
    one = [*sound[:place], collected(planted, [0.9]), *sound[place + 1 :]]
    collect_all(params, suffix, one)
    assert select(f"select{suffix}", monkeypatch) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: {planted.path}: {text}") and said.count("\n") == 1
    assert not Path(paths.winners(suffix)).exists()

    collect_all(params, suffix, sound)
    assert select(f"select{suffix}", monkeypatch) == 0
    assert Path(paths.winners(suffix)).exists()
