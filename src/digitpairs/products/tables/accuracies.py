"""Accuracies alone (paper, Table 3)."""

from digitpairs.products.tables.cells import Cell
from digitpairs.spec import Setting

NOTE = ""


def cells(setting: Setting) -> dict[str, Cell]:
    """Add no cell."""
    return {}
