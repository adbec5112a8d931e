"""All runs made by default before the search has winners, 690 of the paper's, on one GPU."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks import tables
from benchmarks.cases import drawn
from benchmarks.workflow import EVALUATION, run
from digitpairs.digits.source import Source
from digitpairs.runs import batches, forecast
from digitpairs.runs.plan import PlannedRun
from digitpairs.study import load
from digitpairs.training import loop

PARAMS = Path("params.yaml")
# One job for the search and one for the evaluation: a start of torch on a GPU takes seconds.
SETTINGS = "set=data.source=embedded execution.device=cuda execution.runs_per_job=1000"
TRAINING, COMMAND = "training", "command line"


def main() -> None:
    """Train all runs, a row a batch; then again by Snakemake. Writes reports/benchmarks/gpu.csv."""
    if not torch.cuda.is_available():
        sys.exit("error: torch finds no GPU here; docs/performance.md keeps what was measured last")
    rows = [*trained(planned()), command_line()]
    seconds = sum(row["seconds"] for row in rows if row["part"] == TRAINING)
    print(f"training {seconds:.1f} s, command line {rows[-1]['seconds']:.1f} s")
    print(tables.write("gpu", rows, f"{torch.cuda.get_device_name()}, torch {torch.__version__}"))


def planned() -> list[PlannedRun]:
    """List all runs of the search and of the published variants, each once."""
    searched, evaluated = forecast.planned(load.load(PARAMS), Source("embedded", ""), {})
    return list({one.path: one for one in [*searched, *evaluated]}.values())


def trained(runs: list[PlannedRun]) -> Iterator[dict[str, Any]]:
    """Train runs in one process, batch by batch; wall seconds, without the first use of the GPU."""
    for seed in {one.spec.seed for one in runs}:
        drawn(seed)
    torch.zeros(1, device="cuda")
    for batch in batches.batches(runs, "cuda"):
        specs = [one.spec for one in batch]
        sets = {spec.seed: drawn(spec.seed) for spec in specs}
        start = time.perf_counter()
        engine = loop.train(specs, sets, "cuda").engine
        yield {
            "part": TRAINING,
            "family": specs[0].model.family,
            "engine": engine,
            "runs": len(specs),
            "seconds": time.perf_counter() - start,
        }


def command_line() -> dict[str, Any]:
    """Wall seconds of Snakemake from nothing to the collected results: winners' runs on top."""
    root = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="digitpairs-") as folder:
        where = ("--directory", folder, "--configfile", PARAMS, "--config", SETTINGS)
        start = time.perf_counter()
        run(root, "snakemake", EVALUATION, "--cores", os.cpu_count(), *where)
        seconds = time.perf_counter() - start
        count = len(list(Path(folder).glob("data/runs/*/*.json")))
    return {"part": COMMAND, "family": "", "engine": "", "runs": count, "seconds": seconds}
