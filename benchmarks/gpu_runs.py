"""Runs on a GPU: all of the paper's in one process, from the command line, and by several jobs."""

import json
import os
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from benchmarks.cases import drawn
from benchmarks.gpu_row import Row, row
from benchmarks.workflow import EVALUATION, clone, run
from digitpairs import paths
from digitpairs.cluster import gpus
from digitpairs.digits.source import Source, read_source
from digitpairs.runs import batches, device, forecast
from digitpairs.runs.plan import PlannedRun, evaluation_runs
from digitpairs.study import load
from digitpairs.study.schema import Params
from digitpairs.training import loop

PARAMS = Path("params.yaml").resolve()
GROUP = "beyond"
ONE, TWO = "one", "two"  # folders of what was trained by one job, and by two on the same GPU
# One job for the search and one for the evaluation: a start of torch on a GPU takes seconds.
ONE_JOB = "execution.runs_per_job=1000"
TWO_JOBS = "execution.runs_per_job=200 execution.jobs_per_gpu=2"


def settings(more: str, on: str = "cuda") -> str:
    """Say what is changed of the params: MNIST where a folder of it is named, else embedded."""
    source = "folder" if os.environ.get("DIGITPAIRS_MNIST") else "embedded"
    return f"set=data.source={source} execution.device={on} {more}".rstrip()


@cache
def params() -> Params:
    """The params of the project."""
    return load.load(PARAMS)


def planned() -> list[PlannedRun]:
    """List all runs of the search and of the published variants, each once."""
    searched, evaluated = forecast.planned(params(), Source("embedded", ""), {})
    return list({one.path: one for one in [*searched, *evaluated]}.values())


def training(folder: Path) -> Iterator[Row]:
    """Train all runs in one process, a row a family; wall, without the first use of the GPU.

    What it takes to say which runs go side by side has a row of its own.
    """
    runs = planned()
    for seed in {one.spec.seed for one in runs}:
        drawn(seed)
    torch.zeros(1, device="cuda")
    room = device.room(1, 1)
    times: dict[str, list[float]] = {}
    start = time.perf_counter()
    stacks = batches.batches(runs, "cuda", room)
    yield row("counting what fits its memory", time.perf_counter() - start, "s")
    for batch in stacks:
        specs = [one.spec for one in batch]
        sets = {spec.seed: drawn(spec.seed) for spec in specs}
        start = time.perf_counter()
        engine = loop.train(specs, sets, "cuda").engine
        seconds = time.perf_counter() - start
        of = times.setdefault(f"{specs[0].model.family}, {engine}", [0, 0.0])
        of[0], of[1] = of[0] + len(specs), of[1] + seconds
    for what, (count, seconds) in times.items():
        yield row(what, seconds, "s", int(count))


def command_line(folder: Path) -> Iterator[Row]:
    """Wall of Snakemake from nothing to the collected results: winners' runs on top."""
    yield by_snakemake(folder / ONE, EVALUATION, "all runs", settings(ONE_JOB))


def two_jobs(folder: Path) -> Iterator[Row]:
    """The same by jobs that share a GPU two at a time; whether runs have the bits of one job's.

    Blocks are others then, and so are stacks.
    """
    if not records(folder / ONE):
        by_snakemake(folder / ONE, EVALUATION, "", settings(ONE_JOB))
    more = ("--profile", "profiles/gpu", "--resources", "gpu=2")
    with patch.dict(os.environ, one_gpu()):
        yield by_snakemake(folder / TWO, EVALUATION, "all runs", settings(TWO_JOBS), *more)
    one, two = records(folder / ONE), records(folder / TWO)
    both = one.keys() & two.keys()
    if not both:
        raise LookupError("no run was trained by one job and by two")
    same = sum(one[path]["epochs"] == two[path]["epochs"] for path in both)
    yield row("runs with the bits that one job gives them", same / len(both), "share", len(both))


def one_gpu() -> dict[str, str]:
    """Choose one of several GPUs for all jobs, which each would have their own: they lock none."""
    found = gpus.visible()
    return {gpus.VISIBLE: found[0]} if len(found) > 1 else {}


def new_clone(folder: Path) -> Iterator[Row]:
    """`snakemake --profile profiles/gpu` in a new clone, from nothing to the collected results."""
    with clone(PARAMS) as root:
        start = time.perf_counter()
        run(root, "snakemake", EVALUATION, "--profile", "profiles/gpu")
        yield row("profiles/gpu", time.perf_counter() - start, "s", len(records(root)))


def beyond(folder: Path) -> Iterator[Row]:
    """All seeds of our best recipe, with their teachers where it has any."""
    name = newest(params())
    if name is None:
        yield row("skipped: params.yaml has no such study", 0, "note")
        return
    yield by_snakemake(folder / GROUP, paths.variant(name), name, settings(ONE_JOB))
    students = [one.path for one in on_these_digits(folder / GROUP) if one.name == name]
    made = records(folder / GROUP)
    found = [made[path] for path in students if path in made and is_finished(made[path])]
    if not found:
        raise LookupError(f"{name}: no run finished")
    final = [one["epochs"]["test_accuracy"][-1] for one in found]
    yield row(f"{name}: mean accuracy", sum(final) / len(final), "accuracy", len(final))


def is_finished(record: dict[str, Any]) -> bool:
    """Whether a run did not diverge."""
    return bool(record["status"] == "finished")


def on_these_digits(folder: Path) -> list[PlannedRun]:
    """List the runs of all variants by the digits of a folder."""
    source = read_source(folder / paths.RAW)
    if source is None:
        raise LookupError(f"{folder}: has no digits")
    return evaluation_runs(params(), source, {})


def newest(known: Params) -> str | None:
    """Name the last variant of the study of our recipes; None where there is no such study."""
    studies = [study for study in known.studies.values() if study.group == GROUP]
    names = [name for study in studies for name in study.variants if name in known.variants]
    return names[-1] if names else None


def by_snakemake(folder: Path, target: Path | str, what: str, change: str, *more: str) -> Row:
    """Wall of a target, made in a folder of its own."""
    folder.mkdir(exist_ok=True)
    where = ("--directory", folder, "--configfile", PARAMS, "--config", change)
    cores = len(os.sched_getaffinity(0))
    start = time.perf_counter()
    run(Path.cwd(), "snakemake", target, "--cores", cores, *more, *where)
    return row(what, time.perf_counter() - start, "s", len(records(folder)))


def records(folder: Path) -> dict[str, Any]:
    """Read the records of a folder, by their paths in it."""
    return {
        str(path.relative_to(folder)): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("data/runs/*/*.json"))
    }
