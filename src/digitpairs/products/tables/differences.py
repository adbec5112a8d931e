"""Accuracies, and the difference from the reference of the study, paired by seed."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from digitpairs.products.numbers.differences import NOTHING, by_reference, differences
from digitpairs.products.numbers.statistics import Summary
from digitpairs.products.tables.cells import DASH, Cell, difference, rate
from digitpairs.runs.plan import Winners
from digitpairs.spec import Setting
from digitpairs.study.schema import Study

NOTE = (
    "; Difference: of the accuracy over many pairs from that of the row above that has a dash, "
    "paired by seed, with its 95 % interval over training seeds, for one set of test pairs"
)

Rows = list[tuple[str, Summary]]  # labels of a reference's rows, and their differences
Rates = Mapping[str, Collection[float]]  # by grid


def cells(
    study: Study, results: pd.DataFrame, settings: Mapping[str, Setting]
) -> dict[str, dict[str, Cell]]:
    """Add learning rate and difference."""
    found = differences(results, study.references)
    return {
        name: {
            "lr": rate(setting.learning_rate),
            "Difference": difference(found[name]) if name in found else DASH,
        }
        for name, setting in settings.items()
    }


def findings(study: Study, results: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[str]:
    """Say what the differences come to: a sentence for each reference, and one for all."""
    compared: dict[str, Rows] = {}
    for reference, panel in by_reference(results, study.references).items():
        # One without an interval says nothing.
        rows = [(labels[name], one.of) for name, one in panel.items() if not pd.isna(one.of.low)]
        if rows:
            compared[reference] = rows
            yield comparison(labels[reference], rows)
    if len(compared) > 1:
        yield in_common(list(compared.values()))


def remarks(
    study: Study, results: pd.DataFrame, labels: Mapping[str, str], tried: Rates, winners: Winners
) -> Iterator[str]:
    """Say which references have no row, and how many winners have a rate at an edge.

    `tried` are the learning rates of each grid. One or two have no middle.
    """
    for reference, panel in by_reference(results, study.references).items():
        if not panel:
            yield f"Against {labels[reference]}, there is {NOTHING}."
    rates = {grid: set(tried[grid]) for grid in tried if grid in winners}
    at_edge = [
        winners[grid]["learning_rate"] in (min(some), max(some))
        for grid, some in rates.items()
        if len(some) > 2
    ]
    if at_edge:
        yield (
            "Winners whose learning rate is the lowest or highest tried: "
            f"{sum(at_edge)} of {len(at_edge)}."
        )


def comparison(reference: str, rows: Rows) -> str:
    """Say in how many rows accuracy is another than the reference's, and which row is best."""
    above, below = sum(of.low > 0 for _, of in rows), sum(of.high < 0 for _, of in rows)
    best, most = max(rows, key=lambda row: row[1].mean)
    mean, low, high = (
        f"{100 * value:+.2f}".replace("-", "−") for value in (most.mean, most.low, most.high)
    )
    return (
        f"Against {reference}, the 95 % interval of the difference lies above zero in {above} of "
        f"{len(rows)} rows and below zero in {below}; the best is {best}, with {mean} points "
        f"[{low}, {high}]."
    )


def in_common(compared: Sequence[Rows]) -> str:
    """Say which rows gain against each reference, by their labels."""
    gains = [[label for label, of in rows if of.low > 0] for rows in compared]
    everywhere = [
        label for label in dict.fromkeys(gains[0]) if all(label in others for others in gains)
    ]
    if not everywhere:
        return "No row lies above zero against each of them."
    *some, last = everywhere
    listed = f"{', '.join(some)} and {last}" if some else last
    return f"Above zero against each of them: {listed}."
