"""Paired differences of variants from references among them, over seeds that both have."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from digitpairs.products.numbers.statistics import Summary, summarise
from digitpairs.runs.collect import per_run

MEASURE = "many_pairs_accuracy"  # at the final epoch, on the same pairs for all runs


@dataclass(frozen=True)
class Difference:
    """How far a variant is from its reference: `pairs` seeds, and their mean with its interval."""

    reference: str
    pairs: int
    of: Summary


def differences(results: pd.DataFrame, references: Collection[str] = ()) -> dict[str, Difference]:
    """Compare each variant of collected results with the reference before it, seed by seed.

    The first variant is a reference, named or not.

    Both see the same training pairs of a seed, so that the seeds' spread cancels. A seed on which
    one of the two diverged counts for neither. The interval is Student's t over the differences.
    """
    runs = per_run(results).pivot(index="seed", columns="variant", values=MEASURE)
    reference, *others = results["variant"].unique()
    found = {}
    for name in others:
        if name in references:
            reference = name
            continue
        apart = (runs[name] - runs[reference]).dropna()
        found[name] = Difference(reference, len(apart), summarise(apart))
    return found
