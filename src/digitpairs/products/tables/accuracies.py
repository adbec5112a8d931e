"""Accuracies alone (paper, Table 3)."""

from collections.abc import Mapping

import pandas as pd

from digitpairs.products.tables.cells import Cell
from digitpairs.spec import Setting
from digitpairs.study.schema import Study

NOTE = ""


def cells(
    study: Study, results: pd.DataFrame, settings: Mapping[str, Setting]
) -> dict[str, dict[str, Cell]]:
    """Add no cell."""
    return {name: {} for name in settings}
