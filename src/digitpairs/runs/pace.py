"""How fast runs go: the pace of recorded runs, and what others will take at it.

Times are wall times, not CPU times: at the pace at which those runs went, beside whatever else.
"""

import json
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from statistics import median

from digitpairs.models.counts import multiply_adds_of
from digitpairs.runs import store
from digitpairs.spec import RunSpec, from_json

SAMPLE = 5  # records read a recipe: a store of 10,000 runs should not take long
# Runs that are alike and tell a pace: the median of three is not that of one slow first run.
FEWEST = 3
# What reading a record raises that is damaged, gone, or of another version of the code.
NO_RECORD = (store.BadRecord, OSError, ValueError, LookupError, TypeError, ArithmeticError)

Paces = dict[Hashable, float]  # seconds a multiply-add, by what recorded runs have in common


def recorded(folder: Path) -> Iterator[tuple[RunSpec, float]]:
    """Read runs and their seconds a multiply-add from a few records a recipe.

    Says nothing of a record that is damaged or has no times, such as one that was restored.
    """
    records = sorted(folder.glob("*/[!.]*.json"))  # no dot: not one that is being written
    for _, members in groupby(records, key=lambda path: path.parent):
        for path in list(members)[:SAMPLE]:
            try:
                spec = from_json(json.loads(path.read_text(encoding="utf-8"))["spec"])
                record = store.read(path, spec)
                seconds = float(record["provenance"]["seconds"])
                epochs = len(record["epochs"]["train_loss"])  # fewer than planned if it diverged
                pace = seconds / work(spec, epochs)
            except NO_RECORD:
                continue
            yield spec, pace


def paces(runs: Iterable[tuple[RunSpec, float]]) -> Paces:
    """Take the median pace of the runs that are alike, for each way to be comparable.

    The first run of a job pays for torch to start and kernels to be compiled, which takes longer
    than a short run trains. The median leaves that out, so that fewer than three tell nothing.
    """
    groups: dict[Hashable, list[float]] = defaultdict(list)
    for spec, pace in runs:
        for common in comparables(spec):
            groups[common].append(pace)
    return {common: median(group) for common, group in groups.items() if len(group) >= FEWEST}


def comparables(spec: RunSpec) -> list[Hashable]:
    """List what recorded runs may share with this one, the most similar first.

    Above all the code: another version may train several times as fast.
    """
    net = (spec.model, spec.aux_weight > 0)
    shared = [(net, spec.batch_size), net, spec.model.family, "any"]
    return [*((spec.code, common) for common in shared), *shared]


def estimate(spec: RunSpec, known: Paces) -> float:
    """Estimate the seconds of a run on one core; nan where too few runs are recorded."""
    pace = next((known[key] for key in comparables(spec) if key in known), math.nan)
    return pace * work(spec, spec.epochs)


def work(spec: RunSpec, epochs: int) -> float:
    """Count multiply-adds: the gradients of a training pair cost about two more passes."""
    if spec.folds:
        tested = spec.used_pairs / spec.folds
        trained = spec.used_pairs - tested
    else:
        tested, trained = spec.test_pairs or 0, spec.used_pairs
    return epochs * (3 * trained + tested) * multiply_adds_of(spec.model)
