"""Hyperparameters, published and selected (paper, Tables 1 and 2)."""

from collections.abc import Mapping
from typing import Any

from digitpairs.products.numbers.labels import rate, sizes

NOTE = "; *: the search's winner"


def cells(run: Mapping[str, Any]) -> dict[str, str]:
    """Add sizes and learning rate."""
    return {"Sizes": sizes(run), "lr": rate(run["learning_rate"])}
