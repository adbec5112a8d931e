"""What runs cost by what they compute: the times that come with the code, from recorded runs.

`digitpairs plan` and the cutting of blocks take them where nothing is recorded yet.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from benchmarks import tables
from digitpairs import paths
from digitpairs.runs import pace, store
from digitpairs.runs.plan import in_common
from digitpairs.spec import RunSpec, from_json


def main(folder: Path) -> None:
    """Fit seconds a batch and seconds a multiply-add to the runs of each family; write both."""
    measured: dict[str, dict[Any, list[tuple[float, float, float]]]] = {}
    for spec, seconds in runs(folder / paths.RUNS):
        for family in (spec.model.family, pace.ANY):
            alike = measured.setdefault(family, defaultdict(list))[in_common(spec)]
            alike.append((*pace.work(spec, spec.epochs), seconds))
    families = {family: fit(alike) for family, alike in sorted(measured.items())}
    content = {"machine": tables.machine(), "families": families}
    pace.SHIPPED.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(pace.SHIPPED)


def runs(folder: Path) -> Any:
    """Read the finished runs and their seconds."""
    for path in sorted(folder.glob("*/[!.]*.json")):
        spec: RunSpec = from_json(json.loads(path.read_text(encoding="utf-8"))["spec"])
        record = store.read(path, spec)
        if record["status"] == "finished" and "seconds" in record["provenance"]:
            yield spec, record["provenance"]["seconds"]


def fit(alike: dict[Any, list[tuple[float, float, float]]]) -> list[float]:
    """Fit two costs, neither below zero, to the medians of runs that are alike.

    By least squares of the share that an estimate is wrong by.
    """
    medians = np.array([np.median(group, axis=0) for group in alike.values()])
    costs, _ = nnls(medians[:, :2] / medians[:, 2:], np.ones(len(medians)))
    return [float(f"{cost:.4g}") for cost in costs]
