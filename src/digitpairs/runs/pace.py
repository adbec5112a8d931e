"""How long runs take: as long as on the machine whose times are shipped, times the pace here.

Times are wall times, not CPU times: at the pace at which recorded runs went, beside whatever else.
"""

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from statistics import median

from digitpairs.models.counts import multiply_adds_of
from digitpairs.runs import store
from digitpairs.spec import RunSpec, from_json

SAMPLE = 5  # records read a recipe: a store of 10,000 runs should not take long
# Runs that are alike and tell a pace: the median of three is not that of one slow first run.
FEWEST = 3
SHORTEST = 0.05  # seconds that a run should take to tell a pace: it pays for more than training
# What reading a record raises that is damaged, gone, or of another version of the code.
NO_RECORD = (store.BadRecord, OSError, ValueError, LookupError, TypeError, ArithmeticError)

SHIPPED = Path(__file__).with_name("pace.json")  # `make bench-workflow` writes it
ANY = "any"  # the family that stands for those that were not measured

Paces = dict[Hashable, float]  # times the shipped seconds, by what recorded runs have in common


@dataclass(frozen=True)
class Shipped:
    """What runs took on a machine: by family, seconds a batch and seconds a multiply-add."""

    machine: str
    families: dict[str, tuple[float, float]]


@cache
def shipped() -> Shipped:
    """Read the times that come with this code."""
    return Shipped(**json.loads(SHIPPED.read_text(encoding="utf-8")))


def recorded(folder: Path) -> Iterator[tuple[RunSpec, float]]:
    """Read runs and their pace from a few records a recipe, of runs on a CPU.

    Says nothing of a record that is damaged or has no times, such as one that was restored.
    """
    records = sorted(folder.glob("*/[!.]*.json"))  # no dot: not one that is being written
    for _, members in groupby(records, key=lambda path: path.parent):
        for path in list(members)[:SAMPLE]:
            try:
                spec = from_json(json.loads(path.read_text(encoding="utf-8"))["spec"])
                record = store.read(path, spec)
                if record["provenance"].get("kind", "cpu") != "cpu":
                    continue
                seconds = float(record["provenance"]["seconds"])
                epochs = len(record["epochs"]["train_loss"])  # fewer than planned if it diverged
                expected = seconds_shipped(spec, epochs)
            except NO_RECORD:
                continue
            if expected > SHORTEST:
                yield spec, seconds / expected


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
    recipe = (net, spec.recipe)
    shared = [(recipe, spec.batch_size), recipe, net, spec.model.family, ANY]
    return [*((spec.code, common) for common in shared), *shared]


def estimate(spec: RunSpec, known: Paces) -> float:
    """Estimate the seconds of a run on one core: as shipped where no run is recorded."""
    pace = next((known[key] for key in comparables(spec) if key in known), 1.0)
    return pace * seconds_shipped(spec, spec.epochs)


def seconds_shipped(spec: RunSpec, epochs: int) -> float:
    """Take the seconds of a run of so many epochs on the machine whose times are shipped."""
    families = shipped().families
    a_batch, a_multiply_add = families.get(spec.model.family, families[ANY])
    batches, multiply_adds = work(spec, epochs)
    return a_batch * batches + a_multiply_add * multiply_adds


def work(spec: RunSpec, epochs: int) -> tuple[float, float]:
    """Count batches and multiply-adds; those of training count thrice, for their gradients.

    A recipe that steps by the gradient at the worst place nearby takes each gradient twice.
    """
    if spec.folds:
        tested = spec.used_pairs / spec.folds
        trained = spec.used_pairs - tested
    else:
        tested, trained = spec.test_pairs or 0, spec.used_pairs
    gradients = 2 if spec.recipe.sharpness else 1
    passes = epochs * (3 * trained * gradients + tested)
    products = passes * multiply_adds_of(spec.model)
    for teacher in spec.teachers:  # they look at each training pair once an epoch
        passes += epochs * trained * teacher.copies
        products += epochs * trained * teacher.copies * multiply_adds_of(teacher.model)
    return passes / spec.batch_size, products
