"""What many runs cost beside training: made-up records are collected, put back and shown.

Each part is a process of its own, so that its CPU time and its peak of memory are its own. All
runs lie in one file: the workflow holds so many at once for a search, or for metrics and figures.
"""

import multiprocessing
import os
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import chdir
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks import tables
from digitpairs.digits.source import Source
from digitpairs.models.registry import family_of
from digitpairs.pipeline.steps import digest_of
from digitpairs.products.figures import curves, plotting
from digitpairs.products.numbers import make
from digitpairs.runs import collect, plan, restore, store
from digitpairs.runs.plan import PlannedRun
from digitpairs.study.load import load
from digitpairs.study.schema import Params, Study
from digitpairs.study.variants import resolve_all

RUNS = 10_000
RESULTS = Path("data/results/searches/search.parquet")
SOURCE = Source("mnist", "0123456789ab")
GB = 1e9


def main() -> None:
    """Measure all and write reports/benchmarks/scale.csv."""
    rows, load_before = [], os.getloadavg()[0]
    params = enlarged(load(Path("params.yaml")))
    runs = planned(params)
    with tempfile.TemporaryDirectory(prefix="digitpairs-") as folder, chdir(folder):
        alone(partial(record, runs))  # as training does
        for name, part in {
            "plan": partial(planning, params),
            "collect": partial(collecting, runs),
            "look for lost records": nothing_lost,
            "put all records back": restoring,
            "metrics": partial(metrics, params),
            "a figure of all variants": figure,
        }.items():
            seconds, memory = alone(part)
            rows.append({"part": name, "runs": len(runs), "cpu_seconds": seconds, "gb": memory})
            print(f"{name}: {seconds / len(runs) * 1e3:.3f} ms a run, {memory:.2f} GB", flush=True)
    rows = [{**row, "load": load_before} for row in rows]
    print(tables.write("scale", rows, tables.machine()))


def enlarged(params: Params) -> Params:
    """Give each variant so many seeds that there are 10,000 runs of the evaluation."""
    seeds = -(-RUNS // len(resolve_all(params)))
    training = params.training.model_copy(update={"seeds": seeds})
    return params.model_copy(update={"training": training})


def alone(part: Callable[[], None]) -> tuple[float, float]:
    """Do a part in a process of its own: its CPU seconds, and the GB that it took on top."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=measure, args=(part, theirs))
    process.start()
    theirs.close()
    found: tuple[float, float] = ours.recv()  # EOFError where the part failed
    process.join()
    return found


def measure(part: Callable[[], None], to: Connection) -> None:
    """Do a part and tell what it took."""
    before, began = peak(), time.process_time()
    part()
    to.send((time.process_time() - began, (peak() - before) / GB))


def peak() -> float:
    """How many bytes this process has held at most; Linux counts in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def planned(params: Params) -> list[PlannedRun]:
    """Plan the runs of the evaluation, but for winners."""
    return plan.evaluation_runs(params, SOURCE, {})


def record(runs: Sequence[PlannedRun]) -> None:
    """Write a record of each run."""
    for run in runs:
        store.write(Path(run.path), run.spec, made_up(run))


def made_up(run: PlannedRun) -> dict[str, Any]:
    """A record as training writes one, with numbers drawn at random."""
    draw = random.Random(run.spec.seed)
    siamese = family_of(run.spec.model).siamese
    names = collect.MEASURES if siamese else collect.ANSWER_MEASURES
    return {
        "status": "finished",
        "epochs": {name: [draw.random() for _ in range(run.spec.epochs)] for name in names},
        "measures": {"many_pairs_accuracy": draw.random()},
        "provenance": {**dict.fromkeys(collect.ENVIRONMENT, "as it was"), "seconds": 1.5},
    }


def planning(params: Params) -> None:
    """Plan all runs, with the digest that says whether a step is due."""
    digest_of(planned(params))


def collecting(runs: Sequence[PlannedRun]) -> None:
    """Read, join and write, as `digitpairs collect` does."""
    collect.write(collect.collect(runs, store.read_all(runs)), str(RESULTS))


def nothing_lost() -> None:
    """Look whether a record is lost, as each start does."""
    assert restore.restore_from(RESULTS) == 0


def restoring() -> None:
    """Put all records back."""
    shutil.rmtree("data/runs")
    assert restore.restore_from(RESULTS) > 0


def metrics(params: Params) -> None:
    """Write all metrics of the evaluation."""
    for name in ("evaluation.csv", "curves.csv", "summary.csv"):
        make.make_metric(params, name, [str(RESULTS)])


def figure() -> None:
    """Draw a line a variant, by epoch."""
    results = collect.read([str(RESULTS)])
    names = [str(name) for name in results["variant"].unique()]
    study = Study.model_validate({"kind": "curves", "title": "All", "variants": names})
    with plotting.style():
        plotting.save(curves.draw(study, results, dict(zip(names, names, strict=True))), "all", [])
