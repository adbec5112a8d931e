"""The device that trains: a GPU where there is one that works, else the CPU."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from digitpairs import memory
from digitpairs.cluster import gpus
from digitpairs.errors import UserError, first_line

USED = 0.8  # of the memory that there is, by what tensors take
FULL = "too little memory is free on the GPU for the check before its first run: {}"


class GpuFull(UserError):
    """The memory of a GPU ran out."""


def choose_device(wanted: str, jobs_per_gpu: int, say: Callable[[str], None]) -> str:
    """Choose `cpu` or `cuda`, and take a GPU for this job.

    `auto` takes the CPU where no GPU can be used or one computes what it should not, and says why
    if the machine has one. Where only CUDA graphs are at fault it takes the GPU without them: this
    process steps eagerly from then on (training/cuda/graphs.py). Raises UserError where `cuda`
    cannot be had as it should be.
    """
    if wanted == "cpu":
        return "cpu"
    gpus.hold(jobs_per_gpu, say)
    trouble, of_graphs = gpu_trouble(), ""
    if trouble is None:
        trouble, of_graphs = self_checked(say)
    if trouble is None and (wanted == "auto" or not of_graphs):
        if of_graphs:
            step_eagerly()
            say(f"WARNING: trains without CUDA graphs, which takes longer: {of_graphs}")
        return "cuda"
    leave_gpu()  # this job trains on the CPU, or not at all
    if wanted == "cuda":
        advice = "set it to auto or cpu"
        if trouble is None:
            advice = "set it to auto, which then trains without graphs, or to cpu"
        raise UserError(f"execution.device: 'cuda': {trouble or of_graphs}; {advice}")
    if gpus.visible():
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
        return f"torch cannot use a GPU here: {first_line(error)}"
    return None


def self_checked(say: Callable[[str], None]) -> tuple[str | None, str]:
    """Say what is wrong with the GPU, None for nothing, and with CUDA graphs on it.

    Checks what runs would do before the first one of a machine, and remembers what it found.
    """
    import torch

    from digitpairs.selfcheck import remembered

    try:
        verdict = remembered.of_this_gpu(say)
    except torch.OutOfMemoryError as error:
        return FULL.format(first_line(error)), ""
    trouble = f"it computes what it should not: {verdict.trouble}" if verdict.trouble else None
    return trouble, verdict.of_graphs


def step_eagerly() -> None:
    """Let this process train without CUDA graphs."""
    from digitpairs.training.cuda import graphs

    graphs.step_eagerly(True)


def room(jobs_per_gpu: int, processes: int) -> int:
    """How many bytes of its GPU each of so many processes of this job may take.

    That is its share of what is free, and no more than its share of the whole where several jobs
    are to have this GPU. A part is left to the libraries, and to what lies between two tensors.
    """
    import torch

    free_gpu()  # what the check took is still kept for this process
    free, total = torch.cuda.mem_get_info()
    return int(USED * min(free, total // jobs_per_gpu) / processes)


@contextmanager
def enough_memory() -> Iterator[None]:
    """Say what to do where a GPU has too little memory (GpuFull), or the machine."""
    from digitpairs.training.cuda.memory import is_gpu_full

    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_gpu_full(error):
            advice = "for a single run; set it to cpu, or execution.jobs_per_gpu to 1"
            raise GpuFull(f"execution.device: too little memory on the GPU {advice}") from error
        if isinstance(error, RuntimeError) and "DefaultCPUAllocator" not in str(error):
            raise
        raise UserError(f"too little memory. {memory.ADVICE}") from error


def leave_gpu() -> None:
    """Leave the GPU to others, and what the check took of its memory: the lock alone is no room."""
    with suppress(Exception):  # a GPU that is at fault may raise whatever it likes
        free_gpu()
    gpus.release()


def free_gpu() -> None:
    """Give back what this process took of a GPU and no longer uses."""
    import torch

    gc.collect()  # a recording may be part of a circle
    torch.cuda.empty_cache()
