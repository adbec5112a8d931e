"""A GPU's memory: what runs take beside what was counted, and a stack that does not fit."""

from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.cases import PAIRS, Case, cases, digits, drawn
from benchmarks.gpu_row import Row, row
from digitpairs import paths
from digitpairs.models.registry import family_of
from digitpairs.pairs import pairset, pool
from digitpairs.pairs.target import answers_of
from digitpairs.runs import batches, device, footprint, store
from digitpairs.runs.block import Batch, train_batch
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import RunSpec
from digitpairs.training import loop

EPOCHS = 2
RUNS, LITTLE = 16, 0.6  # of a stack that is trained again, in so much of what it took
NEAR = 1e-3  # of a loss: what two epochs make of rounding
FILE = "pairs.parquet"


def memory(folder: Path) -> Iterator[Row]:
    """Hold each net's peak against the count, then train a stack in too little memory."""
    for net in cases():
        spec = replace(net.spec, epochs=EPOCHS)
        height = batches.most_together(spec, "cuda", device.room(1, 1))
        share = peak(spec, height) / footprint.needed(spec, height)
        yield row(f"{net.label}: taken of what was counted", share, "share", height)
        yield row(f"{net.label}: fits what was left", device.USED * share <= 1, "holds", height)
    yield from halved(folder)


def peak(spec: RunSpec, height: int) -> int:
    """Count the most bytes that torch takes of the GPU to train a stack."""
    device.free_gpu()
    torch.cuda.reset_peak_memory_stats()
    specs = [replace(spec, seed=seed) for seed in range(height)]
    loop.train(specs, {seed: drawn(0) for seed in range(height)}, "cuda")
    return torch.cuda.max_memory_reserved()


def halved(folder: Path) -> Iterator[Row]:
    """Train a stack as a job does, and again in too little memory: it goes on by halves."""
    net = chosen()
    code = family_of(net.spec.model).code(net.spec.recipe)
    spec = replace(net.spec, epochs=EPOCHS, code=code)
    runs = [PlannedRun(net.label, replace(spec, seed=seed), FILE) for seed in range(RUNS)]
    with chdir(folder):
        pairset.save(Path(FILE), drawn(0), answers_of(spec.model.task))
        around = pool.pool_of(digits("test")).take(np.arange(PAIRS))
        pool.save(Path(paths.test_digits(FILE)), around)
        device.free_gpu()
        torch.cuda.reset_peak_memory_stats()
        _, usual = trained(runs)
        with at_most(LITTLE * torch.cuda.max_memory_reserved()):
            said, by_halves = trained(runs)
    told = any("are too many for the GPU's memory" in line for line in said)
    yield row("a stack that does not fit is halved", told, "holds", RUNS)
    off = np.abs(by_halves / usual - 1).max()
    yield row("what halves change of a loss", off, "error", RUNS)
    yield row("which is rounding", bool(off <= NEAR), "holds", RUNS)


def chosen() -> Case:
    """A net whose stacks are large."""
    return next(net for net in cases() if net.spec.model.channels)


def trained(runs: Sequence[PlannedRun]) -> tuple[list[str], Any]:
    """Train runs side by side; return what is said, and the losses that are recorded."""
    said = train_batch(Batch(runs, "cuda"))
    records = [store.read(Path(run.path), run.spec)["epochs"] for run in runs]
    losses = [record["train_loss"] + record["test_loss"] for record in records]
    return said, np.array(losses, float)


@contextmanager
def at_most(count: float) -> Iterator[None]:
    """Let torch take no more bytes than this in this block."""
    device.free_gpu()
    total = torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory
    torch.cuda.set_per_process_memory_fraction(count / total)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
