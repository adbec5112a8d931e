"""Accuracies, and the difference from the reference of the study, paired by seed."""

from collections.abc import Iterator, Mapping

import pandas as pd

from digitpairs.products.numbers.differences import differences
from digitpairs.products.numbers.statistics import Summary
from digitpairs.products.tables.cells import DASH, Cell, difference, rate
from digitpairs.spec import Setting
from digitpairs.study.schema import Study

NOTE = (
    "; Difference: of the accuracy over many pairs from that of the row above that has a dash, "
    "paired by seed, with its 95 % interval"
)

Compared = dict[str, dict[str, Summary]]  # differences by the label of a reference and of a row


def cells(
    study: Study, results: pd.DataFrame, settings: Mapping[str, Setting]
) -> dict[str, dict[str, Cell]]:
    """Add learning rate and difference."""
    found = differences(results, study.references)
    return {
        name: {
            "lr": rate(setting.learning_rate),
            "Difference": difference(found[name].of) if name in found else DASH,
        }
        for name, setting in settings.items()
    }


def findings(study: Study, results: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[str]:
    """Say what the differences come to: a sentence for each reference, and one for all."""
    compared: Compared = {}
    for name, one in differences(results, study.references).items():
        if not pd.isna(one.of.low):  # else there is no interval
            compared.setdefault(labels[one.reference], {})[labels[name]] = one.of
    for reference, rows in compared.items():
        yield comparison(reference, rows)
    if len(compared) > 1:
        yield in_common(compared)


def comparison(reference: str, rows: Mapping[str, Summary]) -> str:
    """Say in how many rows accuracy is another than the reference's, and which row is best."""
    above, below = sum(of.low > 0 for of in rows.values()), sum(of.high < 0 for of in rows.values())
    best = max(rows, key=lambda label: rows[label].mean)
    mean, low, high = (
        f"{100 * value:+.2f}".replace("-", "−")
        for value in (rows[best].mean, rows[best].low, rows[best].high)
    )
    return (
        f"Against {reference}, the 95 % interval of the difference lies above zero in {above} of "
        f"{len(rows)} rows and below zero in {below}; the best is {best}, with {mean} points "
        f"[{low}, {high}]."
    )


def in_common(compared: Compared) -> str:
    """Say which rows gain against each reference, by their labels."""
    gains = [[label for label, of in rows.items() if of.low > 0] for rows in compared.values()]
    everywhere = [label for label in gains[0] if all(label in others for others in gains)]
    if not everywhere:
        return "No row lies above zero against each of them."
    *some, last = everywhere
    listed = f"{', '.join(some)} and {last}" if some else last
    return f"Above zero against each of them: {listed}."
