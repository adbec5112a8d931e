"""Blocks by cost: all runs once, the search first, several a worker, none too small."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitpairs.runs.cut import SEARCH, Part, by_cost, parts, urgency
from digitpairs.runs.plan import STACK, PlannedRun
from digitpairs.runs.workers import Workers
from digitpairs.spec import ModelSpec, RunSpec, Teacher

CONVNET = ModelSpec("convnet", (50,), (4,))
Costs = dict[str, float]


@pytest.fixture
def planned(mlp_run: RunSpec) -> Callable[..., list[PlannedRun]]:
    """Plan so many runs of a net, or folds."""

    def plan(number: int, model: ModelSpec = mlp_run.model, **changes: Any) -> list[PlannedRun]:
        spec = replace(mlp_run, model=model, **changes)
        return [PlannedRun("net", replace(spec, seed=seed), "pairs") for seed in range(number)]

    return plan


def costs(runs: list[PlannedRun], seconds: float) -> Costs:
    return {run.path: seconds for run in runs}


def sums(blocks: list[list[PlannedRun]], seconds: Costs) -> list[float]:
    return [sum(seconds[run.path] for run in block) for block in blocks]


def test_a_number_cuts_in_the_order_given(planned: Callable[..., list[PlannedRun]]) -> None:
    runs = planned(5)
    seconds = {run.path: float(at) for at, run in enumerate(runs)}
    assert parts(runs, 2, seconds, Workers(8)) == [
        Part((runs[0], runs[1]), (0.0, 1.0)),
        Part((runs[2], runs[3]), (2.0, 3.0)),
        Part((runs[4],), (4.0,)),
    ]


def test_blocks_get_smaller_as_less_is_left(planned: Callable[..., list[PlannedRun]]) -> None:
    runs = planned(400, CONVNET)
    seconds = costs(runs, 1.0)
    blocks = list(by_cost(runs, seconds, Workers(4, start=1.5)))  # at least 8.5 s each
    assert [run for block in blocks for run in block] == runs
    found = sums(blocks, seconds)
    assert found[0] == 50  # an eighth of all, for 4 workers
    assert all(before >= after for before, after in pairwise(found[:-2]))
    assert all(8 <= size <= 17 for size in found[-12:])  # what is left is shared evenly
    assert len(blocks) > 2 * 4


def test_the_search_goes_first_and_the_longest_of_each(
    planned: Callable[..., list[PlannedRun]],
) -> None:
    folds, short, long = planned(20, folds=5, fold=1), planned(20), planned(20, CONVNET)
    seconds = costs(folds, 2.0) | costs(short, 1.0) | costs(long, 30.0)
    blocks = list(by_cost([*short, *long, *folds], seconds, Workers(2, start=1.0)))
    assert [run for block in blocks for run in block] == [*folds, *long, *short]
    for block in blocks:  # none is of both
        assert len({run.spec.fold is None for run in block}) == 1
    first, *_, last = parts([*short, *long, *folds], "auto", seconds, Workers(2, start=1.0))
    assert urgency(first) == SEARCH + first.seconds
    assert urgency(last) == last.seconds < SEARCH


def test_runs_that_train_side_by_side_stay_together(
    planned: Callable[..., list[PlannedRun]],
) -> None:
    """A stack costs less than its runs one after another."""
    runs = planned(4 * STACK["cpu"])
    blocks = list(by_cost(runs, costs(runs, 0.5), Workers(2, start=1.5)))  # a stack: 7.5 of 8.5 s
    assert len(blocks) > 1
    assert all(len(block) % STACK["cpu"] == 0 for block in blocks)
    blocks = list(by_cost(runs, costs(runs, 5.0), Workers(7, start=1.5)))  # a stack: 75 of 8.5 s
    assert any(len(block) % STACK["cpu"] for block in blocks)


def test_an_unknown_start_makes_few_blocks(planned: Callable[..., list[PlannedRun]]) -> None:
    runs = planned(300)
    for workers in (1, 2, 4):
        blocks = list(by_cost(runs, costs(runs, 1.0), Workers(workers, start=float("inf"))))
        assert workers <= len(blocks) <= 2 * workers


def test_nothing_makes_no_block() -> None:
    assert parts([], "auto", {}, Workers(4)) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # a constant
@given(
    seconds=st.lists(st.floats(0.001, 300.0), min_size=1, max_size=60),
    searched=st.integers(0, 60),
    jobs=st.integers(1, 64),
    threads=st.integers(1, 4),
    start=st.sampled_from([0.0, 0.5, 2.5, 15.0, float("inf")]),
    own=st.booleans(),
)
def test_each_run_is_in_one_block_and_only_the_last_of_a_phase_is_small(
    mlp_run: RunSpec,
    seconds: list[float],
    searched: int,
    jobs: int,
    threads: int,
    start: float,
    own: bool,
) -> None:
    specs = [
        replace(mlp_run, seed=at, folds=5 if at < searched else None)
        for at, _ in enumerate(seconds)
    ]
    runs = [
        PlannedRun("net", replace(spec, fold=0) if spec.folds else spec, "pairs") for spec in specs
    ]
    costs = {run.path: cost for run, cost in zip(runs, seconds, strict=True)}
    workers = Workers(jobs, threads, start, own)
    blocks = list(by_cost(runs, costs, workers))
    assert sorted(run.path for block in blocks for run in block) == sorted(costs)
    # Half of the least, where pieces do not come out even; fewer only where a phase has no more.
    least = workers.least(sum(seconds))
    for is_fold in (True, False):
        of_phase = [block for block in blocks if (block[0].spec.fold is not None) is is_fold]
        for block in of_phase[:-1]:
            assert sum(costs[run.path] for run in block) >= least / 2 - 1e-6


@pytest.mark.parametrize("size", ["auto", 100])
def test_students_come_after_what_may_teach_them_in_blocks_of_their_own(
    size: Any, planned: Callable[..., list[PlannedRun]]
) -> None:
    taught = {"teachers": (Teacher(CONVNET, 1e-3, 2, 20),)}
    folds, seeds = planned(3, folds=5, fold=1), planned(3)
    pupils, folds_pupils = planned(3, **taught), planned(3, folds=5, fold=1, **taught)
    runs = [*pupils, *folds_pupils, *seeds, *folds]
    blocks = parts(runs, size, costs(runs, 1.0), Workers(1, start=100.0))
    assert [list(part.runs) for part in blocks] == [folds, folds_pupils, seeds, pupils]
