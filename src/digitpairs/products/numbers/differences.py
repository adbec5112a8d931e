"""Paired differences of variants from references among them, over seeds that both have."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from digitpairs.products.numbers.statistics import Summary, summarise
from digitpairs.runs.collect import per_run

MEASURE = "many_pairs_accuracy"  # at the final epoch, on the same pairs for all runs
NOTHING = "nothing to compare: the search selected no other recipe"


@dataclass(frozen=True)
class Difference:
    """How far a variant is from its reference: the mean over `seeds`, with its interval.

    `missing` are the seeds of the study on which one of the two diverged, or was not trained.
    """

    seeds: int
    missing: int
    of: Summary

    @property
    def remark(self) -> str:
        """Say over how many seeds, where some are missing."""
        return f"{self.seeds} seed{'' if self.seeds == 1 else 's'}" if self.missing else ""


def by_reference(
    results: pd.DataFrame, references: Collection[str] = ()
) -> dict[str, dict[str, Difference]]:
    """Compare each variant of collected results with the reference before it, seed by seed.

    The first variant is a reference, named or not. One has nothing after it where the search
    selected what the study shows already.

    Both see the same training pairs of a seed, so that the seeds' spread cancels. A seed on which
    one of the two diverged counts for neither. The interval is Student's t over the differences.
    """
    runs = per_run(results).pivot(index="seed", columns="variant", values=MEASURE)
    reference, found = "", dict[str, dict[str, Difference]]()
    for name in results["variant"].unique():
        if not found or name in references:
            reference, found[name] = name, {}
            continue
        apart = (runs[name] - runs[reference]).dropna()
        missing = len(runs) - len(apart)
        found[reference][name] = Difference(len(apart), missing, summarise(apart))
    return found


def differences(results: pd.DataFrame, references: Collection[str] = ()) -> dict[str, Difference]:
    """List the differences of all variants that are no reference."""
    panels = by_reference(results, references).values()
    return {name: one for panel in panels for name, one in panel.items()}
