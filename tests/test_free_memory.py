"""How much memory jobs may take: what Linux says in files, of samples as they are found."""

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from digitpairs import memory

MACHINE = 32_000  # MB that are free on the machine
NO_LIMIT = "9223372036854771712"  # of version 1: the largest number of pages


@pytest.fixture(autouse=True)
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without control groups."""
    monkeypatch.setattr(memory, "OWN_GROUPS", tmp_path / "proc/self/cgroup")
    monkeypatch.setattr(memory, "MACHINE", tmp_path / "proc/vmstat")
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "cgroup")
    there = SimpleNamespace(available=MACHINE * 10**6 + 999)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: there)


def lay(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")


def version_2(group: str, limit: str, used: int, inactive: int, kills: int = 0) -> dict[str, str]:
    return {
        f"cgroup/{group}/memory.max": limit,
        f"cgroup/{group}/memory.current": str(used),
        f"cgroup/{group}/memory.stat": f"anon 5\nfile 9\nactive_file 1\ninactive_file {inactive}",
        f"cgroup/{group}/memory.events": f"low 0\nhigh 0\nmax 8\noom 2\noom_kill {kills}",
    }


def version_1(group: str, limit: str, used: int, inactive: int, kills: int = 0) -> dict[str, str]:
    stat = f"cache 7\ninactive_file 1\ntotal_cache 9\ntotal_inactive_file {inactive}"
    return {
        f"cgroup/memory/{group}/memory.limit_in_bytes": limit,
        f"cgroup/memory/{group}/memory.usage_in_bytes": str(used),
        f"cgroup/memory/{group}/memory.stat": stat,
        f"cgroup/memory/{group}/memory.oom_control": f"under_oom 0\noom_kill {kills}",
    }


OWN = "proc/self/cgroup"
STEP = "system.slice/slurmstepd.scope/job_7/step_0"
OF_A_STEP = {OWN: f"0::/{STEP}"}
OF_A_CONTAINER = {
    OWN: "9:name=systemd:/\n4:memory:/docker/c0ffee\n3:cpuset,cpu:/docker/c0ffee\n0::/",
}
GB = 10**9
SAMPLES = {
    "no files": ({}, MACHINE),
    "version 2, no limit": (
        {**OF_A_STEP, **version_2(STEP, "max", GB, 0)},
        MACHINE,
    ),
    "version 2, a limit of its own": (
        {
            **OF_A_STEP,
            **version_2(STEP, f"{4 * GB}", 3 * GB, GB // 2),
        },
        1500,
    ),
    "version 2, a limit of a group around it": (
        {
            **OF_A_STEP,
            **version_2(STEP, "max", GB, 0),
            **version_2("system.slice/slurmstepd.scope/job_7", f"{8 * GB}", 2 * GB, GB),
        },
        7000,
    ),
    "version 2 in a container, which sees its own group as the first": (
        {OWN: "0::/", **version_2("", f"{2 * GB}", GB, 0)},
        1000,
    ),
    "version 2, a limit above what is free": (
        {OWN: "0::/a", **version_2("a", f"{64 * GB}", GB, 0)},
        MACHINE,
    ),
    "version 2, full": ({OWN: "0::/a", **version_2("a", f"{GB}", 2 * GB, 0)}, 0),
    "version 1": ({**OF_A_CONTAINER, **version_1("docker/c0ffee", f"{3 * GB}", GB, GB // 4)}, 2250),
    "version 1, no limit": (
        {**OF_A_CONTAINER, **version_1("docker/c0ffee", NO_LIMIT, GB, 0)},
        MACHINE,
    ),
    "version 1 in a container, where its group is called otherwise": (
        {**OF_A_CONTAINER, **version_1("", f"{3 * GB}", GB, 0)},
        2000,
    ),
    "both versions, memory by 2": (
        {OWN: "4:cpu,cpuacct:/a\n0::/a", **version_2("unified/a", f"{2 * GB}", GB, 0)},
        1000,
    ),
    "numbers that are none": (
        {OWN: "0::/a", **version_2("a", "", GB, 0)},
        MACHINE,
    ),
}


@pytest.mark.parametrize(("files", "free"), SAMPLES.values(), ids=list(SAMPLES))
def test_free_is_what_the_tightest_limit_leaves(
    files: dict[str, str], free: int, tmp_path: Path
) -> None:
    lay(tmp_path, files)
    assert memory.free() == free


def test_kills_are_counted_where_they_are_nearest(tmp_path: Path) -> None:
    assert memory.kills() == 0  # nothing counts them
    lay(tmp_path, {"proc/vmstat": "nr_free_pages 12\noom_kill 5\noom_kills 6"})
    assert memory.kills() == 5
    lay(tmp_path, {OWN: "0::/a/b", **version_2("a", "max", 0, 0, kills=3)})
    assert memory.kills() == 3
    lay(tmp_path, {**OF_A_CONTAINER, **version_1("docker/c0ffee", NO_LIMIT, 0, 0, kills=2)})
    assert memory.kills() == 2


def test_why_a_process_was_killed_is_as_sure_as_the_systems_count(tmp_path: Path) -> None:
    before = memory.kills()
    assert "most often" in memory.why_killed(before)
    lay(tmp_path, {"proc/vmstat": "oom_kill 1"})
    assert memory.why_killed(before).startswith("memory ran out")


@pytest.mark.parametrize(("free", "jobs"), [(32_000, 39), (2150, 2), (600, 1), (550, 1), (0, 1)])
def test_jobs_at_once_are_those_that_fit(
    free: int, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free", lambda: free)
    bound = memory.for_jobs()
    assert max(1, bound // memory.OF_A_PROCESS) == jobs
    assert bound > 0  # else Snakemake would start any number at once
    assert memory.fewer_jobs(bound, jobs, 1) is None
    said = memory.fewer_jobs(bound, jobs + 1, 1)
    assert said is not None
    assert said.startswith(f"Jobs that train at once: {jobs}. There are cores for {jobs + 1}")


def test_a_job_of_several_processes_takes_as_much_more() -> None:
    """And one process that starts them, with the same imports."""
    assert [memory.of_job(threads) for threads in (1, 2, 3)] == [800, 2400, 3200]
    assert memory.fewer_jobs(4800, 4, 2) is None
    said = memory.fewer_jobs(4799, 4, 2)
    assert said is not None
    assert said.startswith("Jobs that train at once: 1. There are cores for 2")
    assert memory.fewer_jobs(100, 2, 4) is None  # Snakemake gives a job no more than the cores
