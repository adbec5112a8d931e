"""Who trains, read from what Snakemake was started with."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from digitpairs import memory
from digitpairs.cluster import gpus
from digitpairs.pipeline import workforce
from digitpairs.pipeline.workforce import SUBMITTED, workers_of
from digitpairs.runs.workers import Workers, on_cores
from digitpairs.study.schema import Execution


def workflow(cores: int | None, jobs: int | None = None, **resources: int) -> Any:
    found = {name: SimpleNamespace(value=number) for name, number in resources.items()}
    settings = SimpleNamespace(cores=cores)
    return SimpleNamespace(nodes=jobs, resource_settings=settings, global_resources=found)


def execution(**changes: Any) -> Execution:
    told = {"runs_per_job": "auto", "device": "auto", "threads": 1, "jobs_per_gpu": 1}
    return Execution(**(told | changes))


@pytest.fixture(autouse=True)
def no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "listed", list)
    monkeypatch.delenv(gpus.VISIBLE, raising=False)


def test_cores_here_train() -> None:
    assert workers_of(workflow(8), execution()) == on_cores(8, 1)
    assert workers_of(workflow(8), execution(threads=3)) == on_cores(8, 3)
    assert workers_of(workflow(None), execution()) == on_cores(1, 1)  # snakemake --lint


def test_no_more_jobs_train_than_fit_into_the_memory() -> None:
    here = workers_of(workflow(8, mem_mb=3 * memory.OF_A_PROCESS + 1), execution())
    assert here == replace(on_cores(8, 1), jobs=3)
    here = workers_of(workflow(8, mem_mb=6 * memory.OF_A_PROCESS + 1), execution(threads=2))
    assert here == replace(on_cores(8, 2), jobs=2)  # of three processes each
    assert workers_of(workflow(8, mem_mb=1), execution()).jobs == 1
    assert workers_of(workflow(8, mem_mb=80 * memory.OF_A_PROCESS), execution()) == on_cores(8, 1)


def test_jobs_elsewhere_train_whatever_cores_are_here() -> None:
    assert workers_of(workflow(2, 100), execution()) == Workers(100, 1, SUBMITTED, own=False)


def test_gpus_train_where_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "listed", lambda: ["a", "b", "c"])
    assert workers_of(workflow(16), execution()) == Workers(3, 1, math.inf)
    assert workers_of(workflow(16), execution(jobs_per_gpu=2)) == Workers(6, 1, math.inf)
    assert workers_of(workflow(4), execution(jobs_per_gpu=2)) == Workers(4, 1, math.inf)
    assert workers_of(workflow(16), execution(device="cpu")) == on_cores(16, 1)


@pytest.mark.parametrize(
    ("chosen", "workers"),
    [("", on_cores(16, 1)), ("2", Workers(1, 1, math.inf)), ("0,2", Workers(2, 1, math.inf))],
)
def test_gpus_that_were_chosen_are_counted(
    chosen: str, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpus, "listed", lambda: list("abcdefgh"))
    monkeypatch.setenv(gpus.VISIBLE, chosen)
    assert workers_of(workflow(16), execution()) == workers


def test_a_resource_says_how_many_jobs_have_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workforce.gpus, "visible", pytest.fail)
    assert workers_of(workflow(16, gpu=2), execution(device="cuda")) == Workers(2, 1, math.inf)
