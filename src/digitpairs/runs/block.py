"""Trains a block of runs: many in one process, since torch takes long to import."""

import gc
import math
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from digitpairs import memory, paths
from digitpairs.errors import UserError
from digitpairs.identity import check_unchanged, imported
from digitpairs.models.registry import Family, family_of
from digitpairs.recipe import Recipe, parts
from digitpairs.runs import store
from digitpairs.runs.blockfile import Block
from digitpairs.runs.device import GpuFull, choose_device, enough_memory, free_gpu, room
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.provenance import EAGER, ENGINES, PLAIN, environment

if TYPE_CHECKING:
    from digitpairs.training.loop import History

Say = Callable[[str], None]


class Batch(NamedTuple):
    """Runs that one process trains side by side; `eager` on a GPU without CUDA graphs."""

    runs: Sequence[PlannedRun]
    device: str
    eager: bool = False


def train_block(block: Block, threads: int, say: Say) -> None:
    """Train the runs of a block that have no record or a bad one, and record each as it ends.

    Runs that have enough in common are trained together. `threads` batches go side by side, each
    in a process with one thread. None of it changes a result.
    """
    missing = {run.path: run for run in block.runs if not is_sound(run, say)}
    if not missing:
        return
    import_training()
    from digitpairs.runs.batches import batches
    from digitpairs.training.cuda import graphs

    device = choose_device(block.device, block.jobs_per_gpu, say)
    space = room(block.jobs_per_gpu, threads) if device == "cuda" else None
    work = [
        Batch(runs, device, graphs.eager()) for runs in batches(missing.values(), device, space)
    ]
    for lines in results_of(work, threads):
        for line in lines:
            say(line)


def is_sound(run: PlannedRun, say: Say) -> bool:
    """Whether a run has a sound record, with its weights where these are kept.

    A bad record is set aside.
    """
    record, trouble = store.read_or_set_aside(Path(run.path), run.spec)
    if trouble:
        say(f"WARNING: {trouble}; computing the run again")
    return record is not None and store.is_there(run)


def results_of(work: Sequence[Batch], threads: int) -> Iterable[list[str]]:
    """Train batches, `threads` at a time; yield what there is to say of each.

    Raises UserError where a process was killed.
    """
    if threads == 1 or len(work) == 1:
        yield from map(train_batch, work)
        return
    context, kills = multiprocessing.get_context("spawn"), memory.kills()
    with ProcessPoolExecutor(
        min(threads, len(work)), mp_context=context, initializer=end_with_parent
    ) as pool:
        try:
            yield from pool.map(train_batch, work)
        except BrokenProcessPool as error:
            why = memory.why_killed(kills)
            raise UserError(f"a process of this job was killed: {why}. {memory.ADVICE}") from error


def end_with_parent() -> None:
    """Let this worker end when the job's process does, even by a kill -9."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def import_training() -> None:
    """Import what trains, once a process, and keep it from the search for garbage.

    What torch makes when it is imported stays. To look through it again and again, and once more
    at the end, would take .4 s of a job.
    """
    if "torch" in sys.modules:
        return
    gc.disable()
    try:
        from digitpairs.pairs import pairset, pool  # noqa: F401
        from digitpairs.runs import batches  # noqa: F401
        from digitpairs.training import loop  # noqa: F401
    finally:
        gc.freeze()
        gc.enable()


@cache
def check_code(family: Family, recipe: Recipe, code: str) -> None:
    """Raise UserError where the code that trains a run here is not that of its spec."""
    from digitpairs.training import loop  # noqa: F401  (what is checked below is in memory now)

    for place in (family.place, *parts(recipe)):
        imported(place)
    check_unchanged(code, lambda: family.code(recipe))


def train_batch(batch: Batch) -> list[str]:
    """Train runs side by side, write their records, and describe each in a line.

    Where the memory of a GPU runs out, halves of them go one after the other.
    """
    try:
        return train_together(batch)
    except GpuFull:
        if len(batch.runs) == 1:
            raise
    free_gpu()  # here, where the error holds nothing any more
    half = -(-len(batch.runs) // 2)
    said = f"{len(batch.runs)} runs side by side are too many for the GPU's memory: now {half}"
    halves = batch.runs[:half], batch.runs[half:]
    return [said, *(line for runs in halves for line in train_batch(batch._replace(runs=runs)))]


def train_together(batch: Batch) -> list[str]:
    """Train runs side by side, write their records, and describe each in a line.

    Raises GpuFull, with nothing written, where they do not fit the memory of a GPU.
    """
    import_training()
    from digitpairs.pairs import pairset, pool
    from digitpairs.runs import kept
    from digitpairs.training import loop
    from digitpairs.training.cuda import graphs
    from digitpairs.training.cuda.repeatable import choose_repeatable

    graphs.step_eagerly(batch.eager)
    choose_repeatable()
    for run in batch.runs:
        check_code(family_of(run.spec.model), run.spec.recipe, run.spec.code)
    sets = {run.spec.seed: pairset.load(Path(run.pairs)) for run in batch.runs}
    first, digits = batch.runs[0], None
    if first.spec.fold is None:
        digits = pool.load(Path(paths.test_digits(first.pairs)))
    teachers = [kept.teachers_of(run.spec) for run in batch.runs]
    wall, cpu = time.perf_counter(), time.process_time()
    with enough_memory():
        specs = [run.spec for run in batch.runs]
        result = loop.train(specs, sets, batch.device, digits, teachers)
    share = 1 / len(batch.runs)
    wall, cpu = (time.perf_counter() - wall) * share, (time.process_time() - cpu) * share
    provenance = {
        **environment(batch.device),
        "engine": ENGINES.get(result.engine, result.engine) + (EAGER if batch.eager else ""),
        "side_by_side": len(batch.runs),
        "seconds": round(wall, 3),
        "cpu_seconds": round(cpu, 3),
    }
    lines = []
    for place, (run, history) in enumerate(zip(batch.runs, result.histories, strict=True)):
        if run.kept:  # before the record, after which none is missing
            kept.keep(run.spec, result.weights(place), sets[run.spec.seed])
        store.write(Path(run.path), run.spec, {**result_of(history), "provenance": provenance})
        lines.append(
            f"{run.name} {run.spec.member}: {outcome(history)}, {wall:.1f} s{note(result.engine)}"
        )
    return lines


def result_of(history: "History") -> dict[str, Any]:
    """What a record holds of a run, wherever it was computed. JSON has no NaN."""
    return {
        "status": history.status,
        "epochs": {
            name: [value if math.isfinite(value) else None for value in values]
            for name, values in history.epochs.items()
        },
        "measures": history.measures,
    }


def outcome(history: "History") -> str:
    """Say how well a run did."""
    accuracy = history.epochs["test_accuracy"]
    if history.status == "diverged":
        return f"DIVERGED at epoch {len(accuracy)}"
    best = max(accuracy)
    return f"accuracy {accuracy[-1]:.3f} (best {best:.3f} at epoch {accuracy.index(best) + 1})"


def note(engine: str) -> str:
    """Say where a net trains slowly."""
    slow = " (by its own modules: no faster engine knows all its layers)"
    return slow if engine == PLAIN else ""
