"""Means over seeds on a GPU beside those of a CPU: the same seeds, pairs and initial weights.

With MNIST (DIGITPAIRS_MNIST) the CPU's are the committed results. Without it the digits are the
embedded ones, and a CPU's results of these are made here, by all cores.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.gpu_row import Row, row
from benchmarks.gpu_runs import (
    EVALUATION,
    ONE,
    ONE_JOB,
    by_snakemake,
    is_finished,
    on_these_digits,
    records,
    settings,
)
from digitpairs import paths
from digitpairs.products.numbers.statistics import summarise
from digitpairs.runs.plan import PlannedRun

COMMITTED = Path(paths.metric("evaluation.csv"))
MEASURES = {"best_accuracy": max, "final_accuracy": lambda values: values[-1]}
CPU = "cpu"


def means(folder: Path) -> Iterator[Row]:
    """The paired differences of each variant's seeds, with 95 % intervals (Student's t)."""
    if not records(folder / ONE):
        by_snakemake(folder / ONE, EVALUATION, "", settings(ONE_JOB))
    runs = on_these_digits(folder / ONE)
    on_gpu = accuracies(runs, records(folder / ONE))
    if os.environ.get("DIGITPAIRS_MNIST"):
        yield row("the CPU's: committed", 0, "note")
        on_cpu = pd.read_csv(COMMITTED)
    else:
        yield by_snakemake(folder / CPU, EVALUATION, "the CPU's: made here", settings("", CPU))
        on_cpu = accuracies(runs, records(folder / CPU))
    yield from differences(on_gpu, on_cpu)


def accuracies(runs: list[PlannedRun], found: Mapping[str, Any]) -> pd.DataFrame:
    """Pick the accuracies of planned runs among records, a line a variant and seed."""
    return pd.DataFrame(
        [
            {
                "variant": one.name,
                "seed": one.spec.seed,
                **{
                    name: of(found[one.path]["epochs"]["test_accuracy"])
                    for name, of in MEASURES.items()
                },
            }
            for one in runs
            if one.path in found and is_finished(found[one.path])
        ],
        columns=["variant", "seed", *MEASURES],
    )


def differences(on_gpu: pd.DataFrame, on_cpu: pd.DataFrame) -> Iterator[Row]:
    """Compare the seeds that both have, a row a variant and measure, and count the intervals."""
    keys = ["variant", "seed"]
    gpu, cpu = (table.set_index(keys)[list(MEASURES)] for table in (on_gpu, on_cpu))
    both = (gpu - cpu).dropna()
    outside = count = 0
    for variant, group in both.groupby(level="variant", sort=False):
        for measure in MEASURES:
            one = summarise(group[measure])
            what = f"{variant}, {measure.removesuffix('_accuracy')} epoch: GPU less CPU"
            made = row(what, one.mean, "difference", len(group))
            yield {**made, "low": one.low, "high": one.high}
            outside += bool(one.low > 0 or one.high < 0)
            count += 1
    if not count:
        raise LookupError("no variant was trained on both")
    yield row("intervals that leave out zero (0.05 would by chance)", outside / count, "share")
