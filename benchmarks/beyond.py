"""What runs of ladders, and searches by a strategy, cost: CPU seconds, from their records.

Reads what is trained already (data/runs) and trains nothing. Records that were put back from
results, as in a clone, do not know what they cost. Those of a GPU know other seconds.
"""

import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import page, tables
from digitpairs import paths
from digitpairs.pipeline.steps import AllRuns, all_runs
from digitpairs.runs import plan
from digitpairs.runs.plan import PlannedRun
from digitpairs.study import groups
from digitpairs.study.load import load
from digitpairs.study.schema import Params

PAGE = Path("docs/beyond.md")
ALL = "all, each run once"


def main(params: Path = Path("params.yaml")) -> None:
    """Write what runs cost: of variants that a study asks for single digits, and of searches."""
    given = load(params)
    known, asked = all_runs(given), plan.looked_at(given)
    named = {f"search {grid}": runs for grid, runs in searched(given, known).items()}
    named |= {name: runs for name, runs in known.evaluated.items() if name in asked}
    found = [one for one in map(row, named, named.values()) if one]
    if not found:
        print("no record of a ladder's runs says what it cost; give `snakemake` of its group first")
        return
    found.append(together(chain(*named.values())))
    print(tables.write(Path(paths.BEYOND).stem, found, trained_on(chain(*named.values()))))
    if params == Path("params.yaml"):
        page.fill(PAGE, {"costs": shown(tables.read(Path(paths.BEYOND).stem))})


def searched(params: Params, known: AllRuns) -> dict[str, list[PlannedRun]]:
    """List the runs of each grid that has a strategy; one that two rungs share counts once."""
    found: dict[str, dict[str, PlannedRun]] = {}
    for suffix, (grid, _) in groups.rungs(params).items():
        runs = {run.path: run for run in known.searched[suffix]}
        found.setdefault(grid, {}).update(runs)
    return {grid: list(runs.values()) for grid, runs in found.items()}


def shown(found: pd.DataFrame | None) -> str:
    """Write a line a variant and a search: what a run costs, and all of them."""
    if found is None:
        return page.UNKNOWN.capitalize() + "."
    head = ["What", "Runs", "CPU s a run", "of its teachers", "CPU hours, all"]
    rows = [
        [
            row["variant"],
            f"{row['runs']:,}",
            whole(row["cpu_seconds"]),
            whole(row["teacher_seconds"]),
            f"{row['total_seconds'] / 3600:,.2f}",
        ]
        for row in found.to_dict("records")
    ]
    return "\n".join(
        [
            page.table(head, rows),
            "",
            f"Trained on: {found['machine'].iloc[0]}. Runs of a GPU do not count.",
        ]
    )


def whole(seconds: float) -> str:
    """Write seconds; nothing where a sum alone is meant."""
    return "" if pd.isna(seconds) else f"{seconds:,.0f}"


def together(runs: Iterable[PlannedRun]) -> dict[str, Any]:
    """Sum the seconds of all runs, and of their teachers, each once."""
    known = [cost for cost in map(seconds, with_teachers(runs)) if cost is not None]
    return {"variant": ALL, "runs": len(known), "total_seconds": sum(known)}


def with_teachers(runs: Iterable[PlannedRun]) -> list[str]:
    """List the records of runs and of their teachers, each once."""
    return sorted(
        {path for run in runs for path in (run.path, *(one.path for one in run.spec.taught_by))}
    )


def trained_on(runs: Iterable[PlannedRun]) -> str:
    """Name the processors of the runs that count, and the versions of torch there."""
    about = [on_cpu(record) for record in with_teachers(runs)]
    return " and ".join(sorted({f"{one['device']}, torch {one['torch']}" for one in about if one}))


def row(name: str, runs: list[PlannedRun]) -> dict[str, Any] | None:
    """Medians over the runs of a variant that were trained here; None where there is none."""
    own, taught = [], []
    for run in runs:
        teachers = [seconds(one.path) for one in run.spec.taught_by]
        cost = seconds(run.path)
        if cost is not None and None not in teachers:
            own.append(cost)
            taught.append(sum(one for one in teachers if one is not None))
    if not own:
        return None
    medians = {"cpu_seconds": np.median(own), "teacher_seconds": np.median(taught)}
    return {"variant": name, "runs": len(own), **medians, "total_seconds": sum(own) + sum(taught)}


def seconds(record: str) -> float | None:
    """Read the CPU seconds of a run; None where its record does not say, or a GPU trained it."""
    about = on_cpu(record)
    return float(about["cpu_seconds"]) if about else None


def on_cpu(record: str) -> dict[str, Any] | None:
    """Read where a run was trained; None where that was a GPU, or its seconds are not known."""
    file = Path(record)
    if not file.exists():
        return None
    about: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["provenance"]
    return about if about.get("kind") == "cpu" and "cpu_seconds" in about else None
