"""Memory that is free bounds jobs at once; a job that is killed is told of it, and goes on."""

import itertools
import re

import pytest

from digitpairs.memory import OF_A_PROCESS, SHARED
from project import Project, records, results, trained

pytestmark = pytest.mark.workflow

# What a batch does around its training. None of it is part of a run's identity.
COUNTED = """
train_well = train_batch


def at_work(sign):
    with open("at-work", "a") as file:
        file.write(sign)


def train_batch(batch):
    at_work("+")
    time.sleep(2)
    lines = train_well(batch)
    at_work("-")
    return lines
"""
KILLED = """
train_well = train_batch


def train_batch(batch):
    lines = train_well(batch)
    if not Path("killed").exists():
        Path("killed").touch()
        os.kill(os.getpid(), 9)
    return lines
"""
RUNS = 12  # see test_memory.py
TWO = SHARED + 2 * OF_A_PROCESS


@pytest.mark.parametrize(
    ("free", "given", "at_once"),
    [
        (TWO, [], 2),
        (0, [], 1),  # a job larger than what is free runs, alone
        (TWO, ["--resources", f"mem_mb={OF_A_PROCESS}"], 1),
        (0, ["--resources", f"mem_mb={2 * OF_A_PROCESS}"], 2),
    ],
)
def test_no_more_jobs_run_at_once_than_fit(
    free: int, given: list[str], at_once: int, half: Project, finished: Project
) -> None:
    half.append("src/digitpairs/memory.py", f"free = lambda: {free}")
    half.append("src/digitpairs/runs/block.py", COUNTED)
    half.edit(lambda params: params["execution"].update(runs_per_job=1))
    printed = half.snakemake("--cores", "4", *given)
    assert len(trained(printed)) == 4
    assert f"Jobs that train at once: {at_once}. There are cores for 4" in printed
    signs = (half.root / "at-work").read_text()
    assert max(itertools.accumulate(1 if sign == "+" else -1 for sign in signs)) == at_once
    assert results(half) == results(finished)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_killed_job_is_told_of_memory_and_the_same_command_goes_on(
    threads: int, half: Project, finished: Project
) -> None:
    half.append("src/digitpairs/runs/block.py", KILLED)
    half.edit(lambda params: params["execution"].update(threads=threads))
    command, before = ["--cores", "2"], records(half)
    printed = half.snakemake(*command, fails=True)
    assert "killed: the system does that most often when memory runs out" in printed
    assert "a smaller --cores or --resources mem_mb=N" in printed
    assert "Traceback" not in printed
    kept = records(half)
    assert before.items() < kept.items()
    printed = half.snakemake(*command)
    assert kept.items() <= records(half).items()
    assert len(trained(printed)) == RUNS - len(kept)
    assert results(half) == results(finished)


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        ([], f"mem_mb={OF_A_PROCESS}"),
        (["--config", "set=execution.threads=2"], f"mem_mb={3 * OF_A_PROCESS}"),
        (["--jobs", "9"], "mem_mb=1234"),
    ],
)
def test_a_job_asks_for_what_it_takes_and_on_a_cluster_for_what_the_profile_says(
    where: list[str], asked: str, half: Project
) -> None:
    """--jobs says how many there are at once elsewhere; without it, jobs run here."""
    options = ["--dry-run", "--quiet", "host", "--default-resources", "mem_mb=1234"]
    printed = half.snakemake(*options, *where)
    (train,) = re.findall(r"rule train:\n(?: .*\n)+", printed)
    assert f"{asked}," in train
