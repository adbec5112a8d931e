"""The device that trains: a GPU where there is one that works, else the CPU."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digitpairs import memory
from digitpairs.cluster import gpus
from digitpairs.errors import UserError


def choose_device(wanted: str, jobs_per_gpu: int, say: Callable[[str], None]) -> str:
    """Choose `cpu` or `cuda`, and take a GPU for this job.

    `auto` takes the CPU where no GPU can be used, and says why if the machine has one. Raises
    UserError where `cuda` cannot be had.
    """
    if wanted == "cpu":
        return "cpu"
    gpus.hold(jobs_per_gpu, say)
    trouble = gpu_trouble()
    if trouble is None:
        return "cuda"
    gpus.release()  # for others: this job trains on the CPU, or not at all
    if wanted == "cuda":
        raise UserError(f"execution.device: 'cuda': {trouble}; set it to auto or cpu")
    if gpus.listed():
        say(f"WARNING: trains on the CPU, although this machine has a GPU: {trouble}")
    return "cpu"


def gpu_trouble() -> str | None:
    """Say why torch cannot use a GPU here; None where it can: one kernel is run to see."""
    import torch

    try:
        if not torch.cuda.is_available():
            torch.cuda.init()  # says why
        torch.zeros(1, device="cuda").add(1).item()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).strip() or repr(error)
        return f"torch cannot use a GPU here: {reason.splitlines()[0]}"
    return None


@contextmanager
def enough_memory() -> Iterator[None]:
    """Say what to do where a GPU has too little memory, or the machine."""
    import torch

    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        advice = "set it to cpu, or execution.runs_per_job to less"
        raise UserError(f"execution.device: too little memory on the GPU; {advice}") from error
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "DefaultCPUAllocator" not in str(error):
            raise
        raise UserError(f"too little memory. {memory.ADVICE}") from error
