"""Hyperparameters, published and selected (paper, Tables 1 and 2)."""

from digitpairs.products.labels import sizes
from digitpairs.products.tables.cells import Cell, plain, rate
from digitpairs.spec import Setting

NOTE = "; *: the search's winner"


def cells(setting: Setting) -> dict[str, Cell]:
    """Add sizes and learning rate."""
    return {"Sizes": plain(sizes(setting.model)), "lr": rate(setting.learning_rate)}
