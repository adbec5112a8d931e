"""CPU seconds of a run by each loop, and this machine's fastest matrix product beside them.

All in one process on one thread, in turns: what else the machine does, or its clock, strikes all
sides alike. The first turn is thrown away: in it numba compiles and torch imports its optimizers.
"""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from benchmarks import tables
from benchmarks.cases import Case, cases, drawn
from benchmarks.loops import plain_fast, reference
from benchmarks.products import of_mlps, square
from digitpairs.runs import pace
from digitpairs.training import loop

REPETITIONS = 5
PRODUCT = "matrix product"
SIDES = (1024, 2048)  # of the square matrices
REFERENCE, PLAIN, OURS, ALONE = "reference", "plain fast", "ours", "products alone"


def main() -> None:
    """Measure all nets and write reports/benchmarks/training.csv."""
    torch.set_num_threads(1)
    rows = []
    for case in cases():
        warm_up(case)
        for repetition in range(REPETITIONS):
            load = os.getloadavg()[0]
            found = [*peak(), *trained(case)]
            rows += [{"repetition": repetition, "load": load, **row} for row in found]
        print(f"{case.label}: measured", flush=True)
    print(tables.write("training", rows, tables.machine()))


def warm_up(case: Case) -> None:
    """Do all once that is measured, for one epoch."""
    list(trained(replace(case, spec=replace(case.spec, epochs=1))))


def trained(case: Case) -> list[dict[str, Any]]:
    """Train a net by each loop; of MLPs, do the matrix products alone as well."""
    spec, block, pairs = case.spec, case.block, drawn(0)
    sets = {run.seed: pairs for run in block}
    engines: dict[str, tuple[int, Callable[[], object]]] = {
        REFERENCE: (1, lambda: reference(spec, pairs)),
        PLAIN: (1, lambda: plain_fast(spec, pairs)),
        OURS: (len(block), lambda: loop.train(block, sets)),
    }
    if not spec.model.channels:
        engines[ALONE] = len(block), of_mlps(spec, len(block))
    return [
        {
            "model": case.label,
            "engine": engine,
            "runs": runs,
            "epochs": spec.epochs,
            "multiply_adds": round(runs * pace.work(spec, spec.epochs)[1]),
            "cpu_seconds": cpu_seconds(train),
        }
        for engine, (runs, train) in engines.items()
    ]


def peak() -> list[dict[str, Any]]:
    """Multiply square matrices of float32, of each size as many as take equally long."""
    rows = []
    for side in SIDES:
        times = 2 * (max(SIDES) // side) ** 3
        work = {"multiply_adds": times * side**3, "cpu_seconds": cpu_seconds(square(side, times))}
        rows.append({"model": PRODUCT, "engine": f"{side}x{side}", **work})
    return rows


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds that this process spends on some work."""
    start = time.process_time()
    work()
    return time.process_time() - start
