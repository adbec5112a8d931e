"""What Slurm adds: by size of block, by number of nodes, and for a plan of 10,000 runs.

On the Slurm of the tests (tests/cluster/slurm.py), all of whose nodes share this machine's cores,
in a clone of the last commit. Needs root, Debian's packages and `make cluster`.
"""

import json
import math
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import mean
from typing import Any

import pandas as pd
import yaml

from benchmarks import page, tables
from benchmarks.workflow import EVALUATION, Row, clone, environment, measured, run

PAGE = Path("docs/clusters.md")
ENGINE = "tests/cluster/slurm.py"
BLOCKS = (1, 5, 15)
NODES = (1, 2, 4, 6)
RUNS_PER_JOB = 2  # on them
COLUMNS = ("jobs", "wall", "first job after", "a job", "training in it", "noticed after")
PROFILE = ("snakemake", str(EVALUATION), "--profile", "profiles/slurm")
GRID = {"hidden": [[200], [100]], "learning_rate": [1e-4]}  # its winner is the published net
MLP = {"family": "mlp", "hidden": [200, 100], "learning_rate": 1e-4}
SMALL = {
    "pairs": {"train": 1000, "test": 1000},
    "training": {"seeds": 15, "epochs": 50},
    "variants": {"mlp": MLP},
}
LARGE = {  # 10,000 runs that take next to nothing
    "pairs": {"train": 40, "test": 10},
    "training": {"seeds": 100, "epochs": 1, "batch_size": 20},
    "variants": {
        "mlp": MLP,
        **{f"mlp_{k}": {**MLP, "hidden": [8], "learning_rate": k / 10_000} for k in range(1, 100)},
    },
}


def main(only: str | None) -> None:
    """Measure all parts or one, and write reports/benchmarks/cluster.csv."""
    for name, part in {"blocks": blocks, "nodes": nodes, "large": large}.items():
        if only not in (None, name):
            continue
        rows = []
        for row in part():
            rows.append({"part": name, **row})
            print(f"{row['measure']}: {row['value']:.6g} {row['unit']}", flush=True)
        print(tables.replace("cluster", name, rows, tables.machine()))
    print(renew())


def renew() -> Path:
    """Write the tables of the page anew from what was measured last."""
    page.fill(PAGE, sections())
    return PAGE


def blocks() -> Iterator[Row]:
    """15 runs of an MLP on two nodes of one core, in jobs of 1, 5 and 15 runs."""
    with slurm(2), project(SMALL) as root:
        for size in BLOCKS:
            yield from evaluation(root, size, f"runs a job: {size}")


def nodes() -> Iterator[Row]:
    """The same in 8 jobs of at most 2 runs, on 1 to 6 nodes of one core each."""
    with project(SMALL) as root:
        for number in NODES:
            with slurm(number):
                yield from evaluation(root, RUNS_PER_JOB, f"nodes: {number}")


def large() -> Iterator[Row]:
    """10,000 runs in 20 jobs of 500; and how fast 1,000 jobs of 10 are submitted."""
    with slurm(2), project(LARGE) as root:
        yield from evaluation(root, 500, "10,000 runs")
        folders = [path for path in root.glob("data/**/") if path.is_dir()]
        most = max(len(list(folder.iterdir())) for folder in folders)
        yield measured("10,000 runs, largest folder", most, "files")
        yield from submission(root)


def evaluation(root: Path, size: int, what: str) -> Iterator[Row]:
    """Train all runs of the evaluation anew in jobs of `size`, and measure these jobs."""
    forget(root)
    began = time.time()
    wall = time.perf_counter()
    command = [*PROFILE, "--config", f"set=execution.runs_per_job={size}"]
    printed = run(root, "bash", "-c", f"{shlex.join(command)} 2>&1")
    yield measured(f"{what}, wall", time.perf_counter() - wall)
    ids = dict(re.findall(r"Job (\d+) has been submitted with SLURM jobid (\d+)", printed))
    ended = re.findall(r"^\[(.+)\]\nFinished jobid: (\d+) \(Rule: train\)", printed, re.MULTILINE)
    seen = {ids[number]: datetime.strptime(text, "%c").timestamp() for text, number in ended}
    jobs = times()
    yield measured(f"{what}, jobs", len(seen), "jobs")
    yield measured(f"{what}, first job after", min(jobs[job][0] for job in seen) - began)
    inside = mean(jobs[job][2] - jobs[job][1] for job in seen)
    training = sum(seconds(path) for path in recorded(root)) / len(seen)
    yield measured(f"{what}, a job", inside)
    yield measured(f"{what}, training in it", training)
    yield measured(f"{what}, noticed after", mean(seen[job] - jobs[job][2] for job in seen))


def submission(root: Path) -> Iterator[Row]:
    """How fast 1,000 jobs of 10 runs are submitted, none of which can start."""
    forget(root)
    subprocess.run(["scontrol", "update", "PartitionName=main", "State=DOWN"], check=True)
    settings = ("--jobs", "1000", "--config", "set=execution.runs_per_job=10")
    before, began = set(times()), time.time()
    with (root / "printed").open("w", encoding="utf-8") as printed:
        command = [*PROFILE, *settings]
        process = subprocess.Popen(
            command, cwd=root, env=environment(root), stdout=printed, stderr=printed
        )
        while len(submitted := [at[0] for job, at in times().items() if job not in before]) < 1000:
            if process.poll() is not None:
                sys.exit((root / "printed").read_text(encoding="utf-8"))
            time.sleep(1)
        process.kill()
    yield measured("1,000 jobs, first submitted after", min(submitted) - began)
    yield measured("1,000 jobs, last submitted after", max(submitted) - began)


@contextmanager
def slurm(number: int) -> Iterator[None]:
    """A cluster of so many nodes with one core each."""
    size = ["--nodes", str(number), "--cpus", "1"]
    subprocess.run([sys.executable, ENGINE, "start", *size], check=True)
    try:
        yield
    finally:
        subprocess.run([sys.executable, ENGINE, "stop"], check=True)


@contextmanager
def project(changes: Mapping[str, Mapping[str, Any]]) -> Iterator[Path]:
    """A clone with changed quick params, whose search is done and whose pairs are drawn."""
    params = yaml.safe_load(Path("params.quick.yaml").read_text(encoding="utf-8"))
    for name, section in changes.items():
        params[name] = section if name == "variants" else params[name] | section
    params["search"]["grids"] = {"mlp": GRID}
    params["studies"] = {"all": {"kind": "box", "title": "All", "variants": [*params["variants"]]}}
    with tempfile.TemporaryDirectory(prefix="digitpairs-") as folder:
        file = Path(folder, "params.yaml")
        file.write_text(json.dumps(params), encoding="utf-8")  # YAML, with no anchors
        with clone(file) as root:
            run(root, "snakemake", "--cores", 2, "data/results/searches/selected.json", "pairs")
            yield root


def forget(root: Path) -> None:
    """Forget the runs of the evaluation and what was collected of them."""
    for path in recorded(root):
        path.unlink()
    shutil.rmtree(root / "data/results/variants", ignore_errors=True)


def recorded(root: Path) -> list[Path]:
    """List the records of the evaluation."""
    return [path for path in root.glob("data/runs/*/*.json") if "-fold-" not in path.name]


def seconds(path: Path) -> float:
    """Read how long a run took."""
    return float(json.loads(path.read_text(encoding="utf-8"))["provenance"]["seconds"])


def times() -> dict[str, list[float]]:
    """Ask Slurm when each of its jobs was submitted, started and ended, to a second."""
    command = ["squeue", "--noheader", "--states=all", "--format=%i|%V|%S|%e"]
    lines = subprocess.check_output(command, text=True).splitlines()
    return {
        job: [
            math.nan if text == "N/A" else datetime.fromisoformat(text).timestamp() for text in at
        ]
        for job, *at in (line.split("|") for line in lines)
    }


def sections() -> dict[str, str]:
    """Write a table a part, one of the rest, and where they were measured."""
    found = tables.read("cluster")
    assert found is not None
    found[["what", "column"]] = found["measure"].str.rsplit(", ", n=1).to_list()
    known = found["column"].isin(COLUMNS)
    parts = {name: of_jobs(part) for name, part in found[known].groupby("part")}
    rest = [[row.measure, f"{row.value:.0f} {row.unit}"] for row in found[~known].itertuples()]
    places = found["machine"] + ", commit " + found["commit"].str.rstrip("+")  # parts dirty it
    where = f"Measured on {'; '.join(places.unique())}."
    return {**parts, "rest": page.table(["Measure", ""], rest), "where": where}


def of_jobs(part: pd.DataFrame) -> str:
    """Write a table of the jobs of an evaluation, a line for each that was measured."""
    rows = []
    for what, lines in part.groupby("what", sort=False):
        values = lines.set_index("column")["value"].loc[list(COLUMNS)]
        number, wall, first, job, training, noticed = values
        of_job = (job, training, noticed, job - training, job - training + noticed)
        whole = [f"{number:.0f}", f"{wall:.1f} s", f"{first:.0f} s"]  # Slurm tells whole seconds
        rows.append([str(what), *whole, *(f"{second:.1f} s" for second in of_job)])
    return page.table(["", *COLUMNS, "start", "overhead"], rows)
