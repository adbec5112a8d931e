"""Accuracies, and the difference from the first variant, paired by seed."""

from collections.abc import Mapping

import pandas as pd

from digitpairs.products.numbers.differences import differences
from digitpairs.products.tables.cells import DASH, Cell, difference, rate
from digitpairs.spec import Setting

NOTE = (
    "; Difference: of the accuracy over many pairs from that of the first row, paired by seed, "
    "with its 95 % interval"
)


def cells(results: pd.DataFrame, settings: Mapping[str, Setting]) -> dict[str, dict[str, Cell]]:
    """Add learning rate and difference."""
    found = differences(results)
    return {
        name: {
            "lr": rate(setting.learning_rate),
            "Difference": difference(found[name].of) if name in found else DASH,
        }
        for name, setting in settings.items()
    }
