"""Paired differences of variants from one of them, over seeds that both have."""

from dataclasses import dataclass

import pandas as pd

from digitpairs.products.numbers.statistics import Summary, summarise
from digitpairs.runs.collect import per_run

MEASURE = "many_pairs_accuracy"  # at the final epoch, on the same pairs for all runs


@dataclass(frozen=True)
class Difference:
    """How far a variant is from the first one: `pairs` seeds, and their mean with its interval."""

    pairs: int
    of: Summary


def differences(results: pd.DataFrame) -> dict[str, Difference]:
    """Compare each variant with the first one of collected results, seed by seed.

    Both see the same training pairs of a seed, so that the seeds' spread cancels. A seed on which
    one of the two diverged counts for neither. The interval is Student's t over the differences.
    """
    runs = per_run(results).pivot(index="seed", columns="variant", values=MEASURE)
    first, *others = results["variant"].unique()
    found = {}
    for name in others:
        apart = (runs[name] - runs[first]).dropna()
        found[name] = Difference(len(apart), summarise(apart))
    return found
