"""Accuracies alone (paper, Table 3)."""

from collections.abc import Mapping
from typing import Any

NOTE = ""


def cells(run: Mapping[str, Any]) -> dict[str, str]:
    """Add no cell."""
    return {}
