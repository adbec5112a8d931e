"""What each run and each step of the whole paper took, and what that takes on more cores.

For `benchmarks.cores`, which simulates more cores, and to check it: Snakemake itself, with jobs
that sleep for as long as training took (benchmarks/standin.py).
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks import cores, pace, standin, tables
from benchmarks.workflow import Row, measured, run, seconds, training_window
from digitpairs import paths

SLEEPERS = 8  # cores for jobs that sleep
BLOCK = Path("src/digitpairs/runs/block.py")  # what trains
STEPS = {  # a step of each kind
    "digits": ("digits",),
    "pairs": ("pairs",),
    "search": ("collect", "search"),
    "select": ("select", "select"),
    "variant": ("collect", "mlp"),
    "evaluation": ("tidy", "data"),
    "metric": ("metric", "evaluation.csv"),
    "figure": ("figure", "figure3"),
    "table": ("table", "table3"),
    "page": ("page",),
    "report_source": ("report-source",),
    "pdf": ("pdf",),
    "tidy": ("tidy", "reports"),
}


def scaling(root: Path) -> Iterator[Row]:
    """Keep what runs and steps took in `root`, simulate more cores, and check that for some."""
    record_runs(root)
    record_steps(root)
    pace.main(root)
    cores.main()
    yield from asleep(root)


def record_runs(root: Path) -> None:
    """Keep the seconds of each run, by what it is of."""
    files = (root / paths.RESULTS).glob("**/*.parquet")
    columns = [*cores.COLUMNS[:-1], "run"]
    runs = pd.concat([pd.read_parquet(file, columns=columns) for file in files]).drop_duplicates()
    runs["seconds"] = [taken(root / paths.RUNS / f"{run}.json") for run in runs["run"]]
    runs = runs[cores.COLUMNS].sort_values(cores.COLUMNS)
    runs.to_csv(tables.FOLDER / "runs.csv", index=False)


def taken(record: Path) -> float:
    """Read how long a run took."""
    return float(json.loads(record.read_text(encoding="utf-8"))["provenance"]["seconds"])


def record_steps(root: Path) -> None:
    """Keep the seconds of a step of each kind, and of a Snakemake that finds nothing to do."""
    commands = {cores.IDLE: ("snakemake",)}
    commands |= {step: ("digitpairs", *words) for step, words in STEPS.items()}
    rows = [{"step": step, "seconds": seconds(root, *words)[0]} for step, words in commands.items()]
    tables.write("steps", rows, tables.machine())


def asleep(root: Path) -> Iterator[Row]:
    """The whole paper by Snakemake, with jobs that sleep instead of training."""
    trained, code = root / "trained", (root / BLOCK).read_text(encoding="utf-8")
    (root / paths.RUNS).rename(trained)
    for folder in (paths.RESULTS, paths.RAW, paths.PAIRS, paths.STAMPS["data"]):
        shutil.rmtree(root / folder)
    shutil.rmtree(root / "logs/benchmarks")  # a file a block
    shutil.copy(standin.__file__, root / BLOCK)
    os.environ[standin.TRAINED] = str(trained)
    wall, _ = seconds(root, "snakemake", "--cores", SLEEPERS)
    blocks = len(list((root / "logs/benchmarks").glob("*.tsv")))
    yield measured(f"{SLEEPERS} cores asleep, wall", wall)
    yield measured(f"{SLEEPERS} cores asleep, training", training_window(root))
    yield measured(f"{SLEEPERS} cores asleep, jobs", blocks, "jobs")
    (root / BLOCK).write_text(code, encoding="utf-8")
    shutil.rmtree(trained)
    run(root, "dvc", "repro")  # what was made again has new stamps
