"""Trains a block of runs: many in one process, since importing torch costs more than an MLP run."""

import math
import multiprocessing
import platform
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from digitpairs import store
from digitpairs.errors import UserError
from digitpairs.plan import PlannedRun
from digitpairs.spec import TRAINING_MODULES, check_unchanged, fingerprint

Say = Callable[[str], None]


def ensure(
    runs: Sequence[PlannedRun],
    pairs_path: Callable[[int], str],
    device: str,
    threads: int,
    say: Say,
) -> list[dict[str, Any]]:
    """Return the records of `runs`, training those that have none or a bad one.

    `threads` runs go side by side, each in a process with one thread, so that their number
    changes no result.
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
    code = fingerprint(*TRAINING_MODULES)
    jobs = [(run, pairs_path(run.spec.seed), device, code) for run in missing.values()]
    if threads > 1 and len(jobs) > 1:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(threads, len(jobs)), mp_context=context) as pool:
            for (run, *_), line in zip(jobs, pool.map(train_one, jobs), strict=True):
                say(line)
                records[run.path] = store.read(Path(run.path), run.spec)
    else:
        for job in jobs:
            say(train_one(job))
            records[job[0].path] = store.read(Path(job[0].path), job[0].spec)
    return [records[run.path] for run in runs]


@cache
def load_code(code: str) -> None:
    """Import what trains, once a process; it has to be the code that the runs' names speak of."""
    from digitpairs import pairs, training  # noqa: F401

    check_unchanged(code, *TRAINING_MODULES)


def train_one(job: tuple[PlannedRun, str, str, str]) -> str:
    """Train one run, write its record, and describe it in a line."""
    run, pairs_file, device, code = job
    load_code(code)
    import torch

    from digitpairs import pairs, training

    if device == "cuda" and not torch.cuda.is_available():
        raise UserError("execution.device: 'cuda': torch finds no GPU here; set it to cpu")
    spec = run.spec
    sets = pairs.load(Path(pairs_file))
    train_set, test_set = pairs.for_run(sets, spec.seed, spec.folds, spec.fold)
    wall, cpu = time.perf_counter(), time.process_time()
    history = training.train(spec, train_set, test_set, device)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    record = {
        "status": history.status,
        "epochs": {
            name: [value if math.isfinite(value) else None for value in values]
            for name, values in history.epochs.items()
        },
        "provenance": {
            "device": torch.cuda.get_device_name()
            if device == "cuda"
            else f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
            "python": platform.python_version(),
            "torch": torch.__version__,
            "seconds": round(wall, 3),
            "cpu_seconds": round(cpu, 3),
        },
    }
    store.write(Path(run.path), spec, record)
    accuracy = history.epochs["test_accuracy"]
    best = max(accuracy)
    outcome = (
        f"accuracy {accuracy[-1]:.3f} (best {best:.3f} at epoch {accuracy.index(best) + 1})"
        if history.status == "finished"
        else f"DIVERGED at epoch {len(accuracy)}"
    )
    return f"{run.name} {spec.member}: {outcome}, {wall:.1f} s"
