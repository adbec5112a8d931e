"""Jobs on Slurm that a Snakemake which was killed has left behind."""

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PREFIX = "digitpairs_"  # of our jobs' names: slurm-jobname-prefix in profiles/slurm
SECONDS = 5  # between two looks


@dataclass(frozen=True)
class Job:
    """A job of this directory: its id and whether it still waits for its turn."""

    id: str
    pending: bool


def await_orphans(folder: Path, say: Callable[[str], None]) -> None:
    """Cancel orphans that have not started, and wait for the others: they leave records.

    The caller holds the lock of `folder`, so no living Snakemake is at work there and waits for
    these jobs. To go on beside them would harm no record, but train runs twice.
    """
    try:
        orphans = jobs(folder)
    except (OSError, subprocess.SubprocessError) as error:
        reason = getattr(error, "stderr", None) or error
        say(f"WARNING: jobs of an earlier Snakemake are not looked for; squeue: {reason}")
        return
    if pending := [job.id for job in orphans if job.pending]:
        say(f"Cancelling jobs of an earlier Snakemake that have not started: {', '.join(pending)}")
    if others := " ".join(job.id for job in orphans if not job.pending):
        say(f"Waiting for running jobs of an earlier Snakemake: {others} (to end them: scancel)")
    while orphans:
        if pending := [job.id for job in orphans if job.pending]:
            with suppress(OSError, subprocess.SubprocessError):
                # Not one that has started since it was listed.
                ask("scancel", "--state=PENDING", *pending)
        time.sleep(SECONDS)
        with suppress(OSError, subprocess.SubprocessError):  # asked again soon
            orphans = jobs(folder)


def jobs(folder: Path) -> list[Job]:
    """List the user's jobs that the project has in `folder`. Raises as `ask` does."""
    listed = ask("squeue", "--me", "--noheader", "--format=%i|%T|%j|%Z")
    found = (line.split("|", 3) for line in listed.splitlines())
    return [
        Job(number, state == "PENDING")
        for number, state, name, place in found
        if name.startswith(PREFIX) and Path(place) == folder
    ]


def ask(*command: str) -> str:
    """Return what a command of Slurm prints. Raises OSError or SubprocessError where it fails."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout
