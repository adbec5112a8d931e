"""Hyperparameters, published and selected (paper, Tables 1 and 2)."""

from collections.abc import Mapping

import pandas as pd

from digitpairs.products.labels import sizes
from digitpairs.products.tables.cells import Cell, plain, rate
from digitpairs.spec import Setting
from digitpairs.study.schema import Study

NOTE = "; *: the search's winner"


def cells(
    study: Study, results: pd.DataFrame, settings: Mapping[str, Setting]
) -> dict[str, dict[str, Cell]]:
    """Add sizes and learning rate."""
    return {
        name: {"Sizes": plain(sizes(setting.model)), "lr": rate(setting.learning_rate)}
        for name, setting in settings.items()
    }
