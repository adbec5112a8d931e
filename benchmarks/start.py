"""CPU seconds in which a job starts: all that its process takes, but for what its runs tell of.

Jobs as Snakemake starts them, each of one run, in turns, in a scratch directory with the paper's
params and the embedded digits. The first turn is thrown away: in it numba compiles.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks import tables
from benchmarks.workflow import environment
from digitpairs.pipeline.steps import all_runs
from digitpairs.runs.blockfile import Block, validator
from digitpairs.runs.plan import PlannedRun
from digitpairs.study.load import load
from digitpairs.study.schema import Params

REPETITIONS = 7
EPOCHS = 2  # of a run: its training does not count
PARAMS = Path("params.yaml")
RECORDED = "nothing: its run is recorded"


def main() -> None:
    """Measure all kinds of jobs and write reports/benchmarks/start.csv."""
    print(tables.write("start", measured(REPETITIONS), tables.machine()))


def measured(repetitions: int) -> list[dict[str, Any]]:
    """Start a job of each kind so many times; a row a start."""
    rows = []
    settings, variables = (
        yaml.safe_load(PARAMS.read_text(encoding="utf-8")),
        environment(Path.cwd()),
    )
    settings["data"]["source"] = "embedded"
    with tempfile.TemporaryDirectory(prefix="digitpairs-") as folder, chdir(folder):
        PARAMS.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        for step in ("digits", "pairs"):
            cpu_seconds(variables, step)
        kinds = kinds_of_jobs(load(PARAMS))
        for repetition in range(-1, repetitions):
            for kind, run in kinds.items():
                row = {"kind": kind, "repetition": repetition, "load": os.getloadavg()[0]}
                rows.append({**row, "cpu_seconds": start(run, kind != RECORDED, variables)})
    return [row for row in rows if row["repetition"] >= 0]


def kinds_of_jobs(params: Params) -> dict[str, PlannedRun]:
    """Name a run of each kind of job."""
    planned = all_runs(params)
    folds = {run.name: run for run in planned.searched[""]}
    siamese = planned.evaluated["siamese_convnet"][0]
    runs = {
        "a fold of an MLP": folds["mlp"],
        "an MLP, evaluated": planned.evaluated["mlp"][0],
        "a fold of a ConvNet": folds["convnet"],
        "a siamese ConvNet, evaluated": siamese,
        RECORDED: siamese,
    }
    return {kind: replace(run, spec=replace(run.spec, epochs=EPOCHS)) for kind, run in runs.items()}


def start(run: PlannedRun, anew: bool, variables: dict[str, str]) -> float:
    """CPU seconds of a job of this run, but for its training; `anew`: without its record."""
    record, block = Path(run.path), Path("block.json")
    block.write_bytes(validator().dump_json(Block([run], "cpu", 1)))
    if anew:
        record.unlink(missing_ok=True)
    used = cpu_seconds(variables, "block", str(block), "--threads", "1")
    if anew:
        used -= json.loads(record.read_text(encoding="utf-8"))["provenance"]["cpu_seconds"]
    return used


def cpu_seconds(variables: dict[str, str], *words: str) -> float:
    """CPU seconds of a command of `digitpairs`."""
    command = [str(Path(sys.executable).parent / "digitpairs"), *words]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime
