"""A GPU for each job on a machine with several.

Snakemake counts GPUs (`--resources gpu=4`) but does not say which job has which. So each job locks
a file until it ends. The kernel releases the lock, however the job ends.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

VISIBLE = "CUDA_VISIBLE_DEVICES"
SECONDS = 1.0  # between two looks for a free GPU
HELD: list[FileLock] = []  # until this process ends


def hold(jobs_per_gpu: int, say: Callable[[str], None]) -> None:
    """Take a GPU until this process ends, and show CUDA no other.

    Waits where each GPU has `jobs_per_gpu` jobs. Takes none where there is none, or where a
    scheduler or the user has chosen. To be called before CUDA starts in this process.
    """
    if VISIBLE in os.environ or not (gpus := listed()):
        return
    folder = Path(tempfile.gettempdir(), f"digitpairs-gpus-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    waiting = False
    while True:
        for share in range(jobs_per_gpu):  # each GPU gets a job before one gets a second
            for gpu in gpus:
                lock = FileLock(folder / f"{gpu}.{share}")
                try:
                    lock.acquire(timeout=0)
                except Timeout:
                    continue
                HELD.append(lock)
                os.environ[VISIBLE] = gpu
                say(f"GPU {gpu}")
                return
        if not waiting:
            jobs = "1 job" if jobs_per_gpu == 1 else f"{jobs_per_gpu} jobs"
            say(f"each of {len(gpus)} GPUs has {jobs}: waiting for one to end")
        waiting = True
        time.sleep(SECONDS)


def release() -> None:
    """Leave the GPU that `hold` took to others. This process trains on the CPU."""
    if HELD:
        HELD.pop().release()
        del os.environ[VISIBLE]


def visible() -> list[str]:
    """Name the GPUs that jobs may take: those that the user or a scheduler chose, or all."""
    if VISIBLE in os.environ:
        return [name for name in os.environ[VISIBLE].split(",") if name.strip()]
    return listed()


def listed() -> list[str]:
    """Name the machine's GPUs by their UUIDs; none without NVIDIA's driver."""
    return queried("uuid")


def driver() -> str:
    """Name the version of NVIDIA's driver; empty without one."""
    return next(iter(queried("driver_version")), "")


def queried(what: str) -> list[str]:
    """Ask NVIDIA's driver for something about each GPU; nothing without one."""
    command = ["nvidia-smi", f"--query-gpu={what}", "--format=csv,noheader"]
    try:
        return subprocess.check_output(command, text=True, timeout=60).split()
    except (OSError, subprocess.SubprocessError):
        return []
