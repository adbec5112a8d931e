"""Trains a block of runs: many in one process, since importing torch costs more than an MLP run."""

import math
import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from digitpairs import gpus, store
from digitpairs.errors import UserError
from digitpairs.plan import PlannedRun, cut
from digitpairs.spec import TRAINING_MODULES, RunSpec, check_unchanged, digest, fingerprint

Say = Callable[[str], None]

KERNELS = "data/plan/kernels"


@dataclass(frozen=True)
class Batch:
    """Runs that one process trains side by side, with the files of their pairs by seed."""

    runs: Sequence[PlannedRun]
    pairs: Mapping[int, str]
    device: str
    code: str


def ensure(
    runs: Sequence[PlannedRun],
    pairs_path: Callable[[int], str],
    device: str,
    threads: int,
    say: Say,
    jobs_per_gpu: int = 1,
) -> list[dict[str, Any]]:
    """Return the records of `runs`, training those that have none or a bad one.

    Runs that are alike are trained together, in batches no larger than what is fastest. `threads`
    batches go side by side, each in a process with one thread. On a machine with GPUs the job takes
    one, beside at most `jobs_per_gpu` - 1 others. None of it changes a result.
    """
    records: dict[str, dict[str, Any]] = {}
    missing: dict[str, PlannedRun] = {}
    for run in runs:
        record, trouble = store.read_or_set_aside(Path(run.path), run.spec)
        if trouble:
            say(f"WARNING: {trouble}")
        if record is None:
            missing[run.path] = run
        else:
            records[run.path] = record
    if missing:
        code = fingerprint(*TRAINING_MODULES)
        load_code(code)
        if device != "cpu":
            gpus.hold(jobs_per_gpu, say)
        device = settled(device)
        if device == "cpu":  # torch can not use what the driver lists
            gpus.release()
        work = [
            Batch(
                together,
                {run.spec.seed: pairs_path(run.spec.seed) for run in together},
                device,
                code,
            )
            for together in batches(missing.values(), device)
        ]
        for batch, lines in zip(work, trained(work, threads), strict=True):
            for line in lines:
                say(line)
            for run in batch.runs:
                records[run.path] = store.read(Path(run.path), run.spec)
    return [records[run.path] for run in runs]


def settled(device: str) -> str:
    """Choose the device: `auto` takes a GPU where torch finds one."""
    import torch

    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise UserError("execution.device: 'cuda': torch finds no GPU here; set it to auto or cpu")
    return "cuda" if found and device != "cpu" else "cpu"


def batches(runs: Iterable[PlannedRun], device: str) -> list[Sequence[PlannedRun]]:
    """Put runs together that can be trained side by side, in the order in which they came."""
    from digitpairs import training

    alike: dict[Any, list[PlannedRun]] = {}
    for run in runs:
        alike.setdefault(training.likeness(run.spec), []).append(run)
    return [
        batch
        for group in alike.values()
        for batch in cut(group, training.most_together(group[0].spec, device))
    ]


def trained(work: Sequence[Batch], threads: int) -> Iterable[list[str]]:
    """Train batches, `threads` at a time; yield what there is to say of each."""
    if threads == 1 or len(work) == 1:
        yield from map(train_batch, work)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(threads, len(work)), mp_context=context) as pool:
        yield from pool.map(train_batch, work)


@cache
def load_code(code: str) -> None:
    """Import what trains, once a process; it has to be the code that the runs' names speak of.

    numba keeps what it compiled by the file that a kernel stands in, and would miss an edit of what
    that file imports: so each version of the code has a cache of its own.
    """
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(KERNELS, code).absolute()))
    from digitpairs import training  # noqa: F401

    check_unchanged(code, *TRAINING_MODULES)


def train_batch(batch: Batch) -> list[str]:
    """Train runs side by side, write their records, and describe each in a line."""
    load_code(batch.code)
    from digitpairs import pairs, training

    sets = {seed: pairs.load(Path(path)) for seed, path in batch.pairs.items()}
    wall, cpu = time.perf_counter(), time.process_time()
    with seeded(batch.runs[0].spec), enough_memory():
        result = training.train([run.spec for run in batch.runs], sets, batch.device)
    share = 1 / len(batch.runs)
    wall, cpu = (time.perf_counter() - wall) * share, (time.process_time() - cpu) * share
    provenance = {
        **environment(batch.device),
        "form": result.form,
        "side_by_side": len(batch.runs),
        "seconds": round(wall, 3),
        "cpu_seconds": round(cpu, 3),
    }
    lines = []
    for run, history in zip(batch.runs, result.histories, strict=True):
        record = {
            "status": history.status,
            "epochs": {
                name: [value if math.isfinite(value) else None for value in values]
                for name, values in history.epochs.items()
            },
            "provenance": provenance,
        }
        store.write(Path(run.path), run.spec, record)
        lines.append(f"{run.name} {run.spec.member}: {outcome(history)}, {wall:.1f} s{result.note}")
    return lines


@contextmanager
def seeded(spec: RunSpec) -> Iterator[None]:
    """Seed torch's own generators by the run: for layers that draw, such as dropout.

    The paper's nets have none. One that has is trained alone, by its own modules.
    """
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(int(digest([spec.recipe, spec.member]), 16) % 2**63)
        yield


@contextmanager
def enough_memory() -> Iterator[None]:
    """Say what to do where a GPU has too little memory."""
    import torch

    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        advice = "set it to cpu, or execution.runs_per_job to less"
        raise UserError(f"execution.device: too little memory on the GPU; {advice}") from error


def outcome(history: Any) -> str:
    """Say how well a run did."""
    accuracy = history.epochs["test_accuracy"]
    if history.status == "diverged":
        return f"DIVERGED at epoch {len(accuracy)}"
    best = max(accuracy)
    return f"accuracy {accuracy[-1]:.3f} (best {best:.3f} at epoch {accuracy.index(best) + 1})"


def environment(device: str) -> dict[str, Any]:
    """Describe where a run is trained; none of it is part of its identity."""
    import numba
    import numpy as np
    import torch

    return {
        "device": torch.cuda.get_device_name() if device == "cuda" else processor(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


@cache
def processor() -> str:
    """Name the processor as Linux does, and the instructions that torch uses of it."""
    import torch

    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(names, platform.machine())} ({torch.backends.cpu.get_cpu_capability()})"
