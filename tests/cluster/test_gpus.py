"""A GPU for each job: the lock files are real, the GPUs are those that a stand-in lists."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digitpairs.cluster import gpus
from digitpairs.errors import UserError
from digitpairs.runs import device
from project import Project, results

JOB = """
import sys, time
from digitpairs.cluster import gpus
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
    monkeypatch.setattr(tempfile, "tempdir", None)  # what it read of the variable before
    # As it was in the end, too: a test may take a GPU.
    monkeypatch.setenv(gpus.VISIBLE, "")
    monkeypatch.delenv(gpus.VISIBLE)
    monkeypatch.setattr(gpus, "HELD", [])
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


def test_jobs_share_gpus_when_asked_each_gpu_gets_one_before_one_gets_a_second(
    job: Callable[..., Job],
) -> None:
    taken = [seen(job(2)) for _ in range(4)]
    assert sorted(taken[:2]) == sorted(taken[2:]) == list(GPUS)
    assert line(job(2)) == "each of 2 GPUs has 2 jobs: waiting for one to end"


def test_a_gpu_that_is_released_is_for_others_and_cuda_sees_what_it_saw(
    machine: Path, job: Callable[..., Job]
) -> None:
    said: list[str] = []
    other = seen(job())
    gpus.hold(1, said.append)
    taken = os.environ[gpus.VISIBLE]
    assert said == [f"GPU {taken}"]
    assert {taken, other} == set(GPUS)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(gpus.VISIBLE)  # a job of its own does not see what this one took
        waiting = job()
    assert line(waiting) == "each of 2 GPUs has 1 job: waiting for one to end"
    (lock,) = gpus.HELD
    gpus.release()
    assert not lock.is_locked
    assert gpus.VISIBLE not in os.environ
    assert gpus.HELD == []
    assert seen(waiting) == taken
    gpus.release()  # there is nothing to leave


def test_a_job_that_ends_up_on_the_cpu_leaves_its_gpu_to_others(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the choice of the device, with the real locks."""
    trouble = "torch cannot use a GPU here: too old"
    monkeypatch.setattr(device, "gpu_trouble", lambda: trouble)
    said: list[str] = []
    assert device.choose_device("auto", 1, said.append) == "cpu"
    assert said[1].endswith(trouble)
    assert (gpus.HELD, os.environ.get(gpus.VISIBLE)) == ([], None)
    with pytest.raises(UserError):
        device.choose_device("cuda", 1, said.append)
    assert (gpus.HELD, os.environ.get(gpus.VISIBLE)) == ([], None)


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
    assert "execution.device: 'cuda': torch cannot use a GPU here" in printed
    assert "Traceback" not in printed
    printed = half.snakemake(*gpu, "--config", "set=execution.runs_per_job=2")
    assert set(re.findall(r"^GPU (\S+)$", printed, re.MULTILINE)) <= set(GPUS)
    assert len(re.findall(r"^GPU (\S+)$", printed, re.MULTILINE)) == 2
    assert results(half) == results(finished)
