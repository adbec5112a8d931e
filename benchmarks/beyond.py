"""What runs of ladders cost, from their records: CPU seconds by variant, its teachers' apart.

Reads what is trained already (data/runs) and trains nothing. Records that were put back from
results, as in a clone, do not know what they cost.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import tables
from digitpairs import paths
from digitpairs.pipeline.steps import all_runs
from digitpairs.runs import plan
from digitpairs.runs.plan import PlannedRun
from digitpairs.study.load import load


def main(params: Path = Path("params.yaml")) -> None:
    """Write what a run of each variant costs that a study asks for single digits."""
    given = load(params)
    known, asked = all_runs(given).evaluated, plan.looked_at(given)
    rows = [row(name, runs) for name, runs in known.items() if name in asked]
    found = [one for one in rows if one]
    if not found:
        print("no record of a ladder's runs says what it cost; give `snakemake` of its group first")
        return
    print(tables.write(Path(paths.BEYOND).stem, found, tables.machine()))


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
    return {"variant": name, "runs": len(own), **medians}


def seconds(record: str) -> float | None:
    """Read the CPU seconds of a run; None where its record does not say."""
    file = Path(record)
    if not file.exists():
        return None
    provenance = json.loads(file.read_text(encoding="utf-8"))["provenance"]
    return float(provenance["cpu_seconds"]) if "cpu_seconds" in provenance else None
