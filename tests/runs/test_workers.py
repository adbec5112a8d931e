"""How small a job may be: its start is a small share of it, and no core idles for that."""

import math

import pytest

from digitpairs.runs.workers import SHARE, Workers, on_cores


@pytest.mark.parametrize("threads", [1, 4])
def test_a_start_takes_no_more_than_its_share(threads: int) -> None:
    workers = Workers(8, threads, start=3.0)
    wall = workers.start + workers.least(1e6) / threads
    assert workers.start / wall == pytest.approx(SHARE)


def test_cores_of_this_machine_share_what_is_too_little_for_all() -> None:
    assert Workers(8, start=3.0).least(80.0) == pytest.approx(10.0)
    assert Workers(8, start=3.0).least(4.0) == 3.0  # a job trains no shorter than it starts


def test_on_a_cluster_a_core_without_a_job_is_of_use_to_others() -> None:
    assert Workers(8, start=3.0, own=False).least(80.0) == pytest.approx(17.0)


def test_an_unknown_start_makes_twice_as_many_jobs_as_there_are_workers() -> None:
    assert Workers(4, start=math.inf).least(80.0) == 10.0


@pytest.mark.parametrize(
    ("cores", "threads", "jobs", "got"), [(8, 1, 8, 1), (8, 3, 2, 3), (2, 4, 1, 2), (1, 1, 1, 1)]
)
def test_jobs_of_several_threads_are_fewer(cores: int, threads: int, jobs: int, got: int) -> None:
    assert (on_cores(cores, threads).jobs, on_cores(cores, threads).threads) == (jobs, got)


def test_a_job_takes_its_start_and_its_runs() -> None:
    assert Workers(1, 1, 2.0).wall((1.0, 5.0)) == 8.0
    assert Workers(1, 2, 2.0).wall((3.0, 5.0)) == 7.0  # no faster than its longest run
    assert Workers(1, 2, 2.0).wall((5.0, 5.0, 5.0)) == 9.5
