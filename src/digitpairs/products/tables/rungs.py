"""A ladder in numbers: what each rung is, what it costs and what it gains."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from digitpairs.products.labels import either
from digitpairs.products.tables.cells import DASH, Cell, between, interval, plain
from digitpairs.study.schema import Study


def frame(found: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """A row a rung, as numbers/ladder.py found it."""
    return pd.DataFrame(
        [
            {
                "Rung": plain(labels[row["variant"]]),
                "Parameters": plain(f"{row['parameters']:,}"),
                "Epochs": plain(f"{row['epochs']:,}"),
                "Runs": runs(row),
                "CPU s a run": cost(row),
                "Test pairs": between(*(row[f"final_{part}"] for part in ("mean", "low", "high"))),
                "All pairs": between(*(row[f"pairs_{part}"] for part in ("mean", "low", "high"))),
                "Change": interval(
                    row["difference"], row["difference_low"], row["difference_high"]
                ),
            }
            for row in found.to_dict("records")
        ]
    )


def runs(row: Mapping[str, Any]) -> Cell:
    """Count the runs, with those that diverged."""
    more = f" (+ {row['diverged']} diverged)" if row["diverged"] else ""
    return plain(f"{row['runs']}{more}")


def cost(row: Mapping[str, Any]) -> Cell:
    """Write what a run takes, its teachers apart; a dash where nothing was recorded."""
    if pd.isna(row["cpu_seconds"]):
        return DASH
    own, taught = f"{row['cpu_seconds']:,.0f}", row["teacher_seconds"]
    return plain(f"{own} + {taught:,.0f} of {row['teachers']} teachers" if row["teachers"] else own)


def title(study: Study, found: pd.DataFrame) -> str:
    """Say what is shown, and by which intervals."""
    return (
        f"{study.title}. Test pairs: the final epoch on each seed's own test pairs, mean over "
        f"{either(found['runs'])} seeds with Student's t. All pairs: all ordered pairs of distinct "
        "test digits, by the net's own read-out; the interval takes digits and seeds as samples "
        "(crossed bootstrap). Change: of all pairs, from the rung before, paired by digit and "
        "seed. Intervals are of 95 %. CPU s: median over runs; a student's teachers count"
    )


def findings(found: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[str]:
    """Say how far the ladder goes, and which rungs are above the one before."""
    first, last = found.iloc[0], found.iloc[-1]
    yield (
        f"From {labels[first['variant']]} to {labels[last['variant']]} the error over all pairs "
        f"goes from {share(first)} to {share(last)} %."
    )
    above = [labels[row["variant"]] for _, row in found.iterrows() if row["difference_low"] > 0]
    count = len(found) - 1
    named = f": {'; '.join(above)}" if above else ""
    yield f"The change has its interval above zero for {len(above)} of {count} rungs{named}."


def share(row: pd.Series) -> str:
    """Write the pairs that are wrong in percent."""
    return f"{100 * (1 - row['pairs_mean']):.2f}"
