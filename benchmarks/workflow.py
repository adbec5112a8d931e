"""What the workflow costs as a user runs it: the whole paper, nothing to do, a large plan.

In a clone in a scratch directory, with its own data, by the real commands. The clone is of the last
commit: what is not committed is not measured.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks import tables
from digitpairs.pipeline.step import stamp_path
from digitpairs.runs import blockfile

CORES = 2
REPETITIONS = 5
LARGE_REPETITIONS = 3  # each may take a minute
LARGE = 10_000  # runs of the large plan
EVALUATION = stamp_path("evaluation")  # the target that has the results of all variants
SCRATCH = Path(".quick/benchmarks")  # where other params than the paper's leave their table
ESTIMATE = f"""
from pathlib import Path
from digitpairs.digits.source import read_source
from digitpairs.runs.forecast import forecast
from digitpairs.search.ranking import read_winners
from digitpairs.study.load import load
found = forecast(load(Path("params.yaml")), read_source(), read_winners(), {CORES})
print(found.lines[-1].missing, found.wall)
"""

Row = dict[str, Any]


def main(params: Path) -> None:
    """Measure all and write reports/benchmarks/workflow.csv; of other params, .quick/benchmarks."""
    rows, load = [], os.getloadavg()[0]
    print("The whole paper first: it prints nothing until it is done.", flush=True)
    from benchmarks.recorded import scaling

    papers = params.resolve() == Path("params.yaml").resolve()
    parts = (whole, idle, *([scaling] if papers else []), forecast, large)
    with clone(params) as root:
        for part in parts:
            for row in part(root):
                rows.append(row)
                print(f"{row['measure']}: {row['value']:.6g} {row['unit']}", flush=True)
        digits = json.loads((root / "data/raw/source.json").read_text(encoding="utf-8"))["source"]
    rows = [{**row, "params": params.name, "digits": digits, "load": load} for row in rows]
    folder = tables.FOLDER if papers else SCRATCH
    print(tables.write("workflow", rows, tables.machine(), folder))


@contextmanager
def clone(params: Path) -> Iterator[Path]:
    """Clone the repository without results, with these params; deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="digitpairs-") as folder:
        root = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", Path.cwd(), root], check=True)
        shutil.rmtree(root / "reports")
        (root / "dvc.lock").unlink(missing_ok=True)
        content = yaml.safe_load(params.read_text(encoding="utf-8"))
        # A download would be timed with the rest, and may not be there.
        content["data"]["source"] = "folder" if os.environ.get("DIGITPAIRS_MNIST") else "embedded"
        (root / "params.yaml").write_text(
            yaml.safe_dump(content, sort_keys=False), encoding="utf-8"
        )
        yield root


def whole(root: Path) -> Iterator[Row]:
    """The whole paper from nothing: wall time, CPU time, and how much of this the runs took."""
    wall, total = seconds(root, "snakemake", "--cores", CORES)
    records = [
        json.loads(path.read_text(encoding="utf-8")) for path in root.glob("data/runs/*/*.json")
    ]
    training = sum(record["provenance"]["cpu_seconds"] for record in records)
    yield measured("whole paper, wall", wall)
    yield measured("whole paper, CPU", total)
    yield measured("whole paper, CPU of training", training)
    alone = sum(record["provenance"]["seconds"] for record in records)
    yield measured("whole paper, seconds of the runs", alone)
    yield measured("whole paper, training", training_window(root))
    yield measured("whole paper, runs", len(records), "runs")
    run(root, "dvc", "repro")  # nothing is trained: this writes dvc.lock


def training_window(root: Path) -> float:
    """Seconds from the pairs to the last record."""
    last = max(path.stat().st_mtime for path in root.glob("data/runs/*/*.json"))
    return last - (root / "data/made/pairs.json").stat().st_mtime


def idle(root: Path) -> Iterator[Row]:
    """Commands that find nothing to do."""
    commands = ("snakemake",), ("snakemake", "--dry-run"), ("dvc", "status")
    for repetition in range(REPETITIONS):
        for command in commands:
            wall, _ = seconds(root, *command)
            yield measured(f"nothing to do, {' '.join(command)}", wall, "s", repetition)


def forecast(root: Path) -> Iterator[Row]:
    """What `digitpairs plan` says of every sixth recipe, forgotten, and what it then takes."""
    for results in root.glob("data/results/**/*.parquet"):
        results.unlink()  # else the runs would be put back from there
    for recipe in sorted((root / "data/runs").iterdir())[::6]:
        shutil.rmtree(recipe)
    runs, estimate = map(float, run(root, sys.executable, "-c", ESTIMATE).split())
    yield measured("a part again, runs", runs, "runs")
    yield measured("a part again, estimate", estimate)
    wall, _ = seconds(root, "snakemake", "--cores", CORES)
    yield measured("a part again, wall", wall)
    yield measured("a part again, wall by estimate", wall / estimate, "×")


def large(root: Path) -> Iterator[Row]:
    """A dry run on 10,000 missing runs of the evaluation, its digits and winners known."""
    variants = pd.read_csv(root / "reports/metrics/evaluation.csv")["variant"].nunique()
    most = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))["search"]["seed"]
    seeds = min(-(-LARGE // variants), most)
    shutil.rmtree(root / "data/results/variants")
    for pattern in ("data/runs/*/seed-*.json", "data/plan/blocks/*.json"):
        for path in root.glob(pattern):
            if "-fold-" not in path.name:
                path.unlink()
    for repetition in range(LARGE_REPETITIONS):
        change = f"set=training.seeds={seeds}"
        wall, _ = seconds(root, "snakemake", "--dry-run", "--config", change)
        yield measured("large plan, snakemake --dry-run", wall, "s", repetition)
    blocks = map(blockfile.read, root.glob("data/plan/blocks/*.json"))
    planned = {run.path for block in blocks for run in block.runs}
    yield measured("large plan, runs", len(planned), "runs")


def measured(measure: str, value: float, unit: str = "s", repetition: int = 0) -> Row:
    """Make a row."""
    return {"measure": measure, "repetition": repetition, "value": value, "unit": unit}


def seconds(root: Path, *command: object) -> tuple[float, float]:
    """Wall and CPU seconds of a command and all that it starts."""
    wall, cpu = time.perf_counter(), children_seconds()
    run(root, *command)
    return time.perf_counter() - wall, children_seconds() - cpu


def children_seconds() -> float:
    """CPU seconds of all ended children, in user and system mode."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def environment(root: Path) -> dict[str, str]:
    """Variables with which a command of this environment runs the code in `root`."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(root / "src"),
        "DVC_NO_ANALYTICS": "1",
    }


def run(root: Path, *command: object) -> str:
    """Run a command of this environment on the code in `root`; return what it printed."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=root, env=environment(root), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed in {root}:\n{done.stdout}{done.stderr}")
    return done.stdout
