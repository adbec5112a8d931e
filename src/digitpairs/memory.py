"""How much memory jobs may take at once, and why the system killed one.

A container, or an allocation on a cluster, may have less than its machine. Linux keeps such a limit
in files of a control group (cgroup), of version 1 or 2.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

# In MB. A process that trains 15 runs side by side on a CPU had 1.25 GB resident at most. Of these,
# 550 were the code of torch and others, which the processes of a machine share; 700 were its own.
OF_A_PROCESS = 800
SHARED = 550

OWN_GROUPS = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")
MACHINE = Path("/proc/vmstat")

ADVICE = (
    "Free memory, or let fewer jobs run at once by a smaller --cores or --resources mem_mb=N, of "
    f"which each process that trains takes {OF_A_PROCESS} (on a cluster: more mem_mb in its "
    "profile). "
    "Finished runs are kept: the same command goes on"
)


class Files(NamedTuple):
    """How the files of a control group are called, and in memory.stat what can be freed."""

    limit: str
    used: str
    freed: str
    kills: str


VERSION_1 = Files(
    "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file", "memory.oom_control"
)
VERSION_2 = Files("memory.max", "memory.current", "inactive_file", "memory.events")


def of_job(threads: int) -> int:
    """How many MB a job takes that trains in so many processes, and starts them from one more."""
    return OF_A_PROCESS * (threads + (threads > 1))


def for_jobs() -> int:
    """How many MB there are for jobs. Never 0: to Snakemake, a job would then take 0 as well."""
    return max(1, free() - SHARED)


def fewer_jobs(available: int, cores: int, threads: int) -> str | None:
    """Say that memory lets fewer jobs train at once than cores do; None where it does not."""
    jobs = max(1, available // of_job(threads))
    if jobs >= max(1, cores // threads):
        return None
    return (
        f"Jobs that train at once: {jobs}. There are cores for {cores // threads}, but "
        f"memory for no more: {available} MB (--resources mem_mb=N says otherwise)."
    )


def free() -> int:
    """How many MB can be had: on this machine, and in each control group of this process."""
    import psutil

    left: list[int] = [psutil.virtual_memory().available]
    for group, files in own_groups():
        with suppress(OSError, ValueError):  # no such file; "max", which is no limit
            limit, used = (
                int((group / file).read_text(encoding="utf-8"))
                for file in (files.limit, files.used)
            )
            left.append(limit - used + number(group / "memory.stat", files.freed))
    return max(0, min(left) // 10**6)


def kills() -> int:
    """How many processes were killed for lack of memory: in our control group, or the machine."""
    for file in (*(group / files.kills for group, files in own_groups()), MACHINE):
        with suppress(OSError, ValueError):
            return number(file, "oom_kill")
    return 0


def why_killed(before: int) -> str:
    """Say why a process was killed, as far as it is known. `before`: the `kills` when it began."""
    if kills() > before:
        return "memory ran out, as the system's count of such kills says"
    return "the system does that most often when memory runs out"


def own_groups() -> Iterator[tuple[Path, Files]]:
    """Control groups that may bound the memory of this process, each before those around it."""
    try:
        lines = OWN_GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            root, files = GROUPS / "memory", VERSION_1
        elif not controllers:
            both = GROUPS / "unified"  # where version 1 is there too
            root, files = both if both.exists() else GROUPS, VERSION_2
        else:
            continue
        group = root / path.lstrip("/")
        yield group, files
        while group != root:
            group = group.parent
            yield group, files


def number(file: Path, name: str) -> int:
    """Read a number by its name. Raises OSError or ValueError where there is none."""
    for line in file.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    raise ValueError(f"{file}: no {name}")
