"""A GPU for each job: the lock files are real, the GPUs are those that a stand-in lists."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digitpairs.cluster import gpus
from project import Project, results

JOB = """
import sys, time
from digitpairs import gpus
gpus.hold(int(sys.argv[1]), lambda line: print(line, flush=True))
print(gpus.os.environ.get(gpus.VISIBLE), flush=True)
time.sleep(600)
"""
GPUS = ("GPU-a", "GPU-b")
Job = subprocess.Popen[str]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with two GPUs, by what nvidia-smi says."""
    (tmp_path / "bin").mkdir()
    lister = tmp_path / "bin/nvidia-smi"
    lister.write_text("#!/bin/sh\necho " + "\necho ".join(GPUS) + "\n")
    lister.chmod(0o755)
    monkeypatch.setenv("PATH", f"{lister.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv(gpus.VISIBLE, raising=False)
    return tmp_path


@pytest.fixture
def job(machine: Path) -> Iterator[Callable[[int], Job]]:
    """Begin a job that takes a GPU and keeps it until it is killed."""
    begun: list[Job] = []

    def job(jobs_per_gpu: int = 1) -> Job:
        command = [sys.executable, "-c", JOB, str(jobs_per_gpu)]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return begun[-1]

    yield job
    for process in begun:
        process.kill()
        process.communicate()


def line(job: Job) -> str:
    """The next line that a job prints."""
    assert job.stdout
    return job.stdout.readline().strip()


def seen(job: Job) -> str:
    """The GPU that a job has taken, as it says and as CUDA will see it."""
    said, visible = line(job), line(job)
    assert said == f"GPU {visible}"
    return visible


def test_each_job_has_a_gpu_of_its_own_and_a_killed_one_leaves_its_to_the_next(
    job: Callable[..., Job],
) -> None:
    first, second = job(), job()
    taken = [seen(first), seen(second)]
    assert sorted(taken) == list(GPUS)
    third = job()
    assert line(third) == "each of 2 GPUs has 1 job: waiting for one to end"
    second.kill()
    assert seen(third) == taken[1]


def test_jobs_share_gpus_when_asked(job: Callable[..., Job]) -> None:
    assert sorted(seen(job(2)) for _ in range(4)) == ["GPU-a", "GPU-a", "GPU-b", "GPU-b"]
    assert line(job(2)) == "each of 2 GPUs has 2 jobs: waiting for one to end"


@pytest.mark.parametrize("chosen", ["1", ""])
def test_a_choice_of_the_scheduler_or_the_user_stands(
    chosen: str, job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(gpus.VISIBLE, chosen)
    assert [line(job()) for _ in range(3)] == [chosen] * 3


def test_without_a_gpu_none_is_taken(
    job: Callable[..., Job], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "bin/nvidia-smi").write_text("#!/bin/sh\necho no driver; exit 9\n")
    assert line(job()) == "None"
    (machine / "bin/nvidia-smi").unlink()
    assert line(job()) == "None"


@pytest.mark.workflow
def test_the_profile_gives_each_job_a_gpu(machine: Path, half: Project, finished: Project) -> None:
    gpu = ["--profile", "profiles/gpu", "--resources", "gpu=2"]
    printed = half.snakemake(*gpu, fails=True)
    assert "execution.device: 'cuda': torch finds no GPU here" in printed
    assert "Traceback" not in printed
    printed = half.snakemake(*gpu, "--config", "set=execution.runs_per_job=2")
    assert set(re.findall(r"^GPU (\S+)$", printed, re.MULTILINE)) <= set(GPUS)
    assert len(re.findall(r"^GPU (\S+)$", printed, re.MULTILINE)) == 2
    assert results(half) == results(finished)
