"""A row of what a GPU was measured by."""

from collections.abc import Callable
from typing import Any

Row = dict[str, Any]

WRITTEN: dict[str, Callable[[float], str]] = {  # by unit
    "s": lambda value: f"{value / 60:.1f} min" if value >= 120 else f"{value:.2f} s",
    "holds": lambda value: "yes" if value else "NO",
    "error": "{:.1e}".format,
    "share": "{:.1%}".format,
    "accuracy": "{:.4f}".format,
    "pace": lambda value: f"{value / 1e12:.2f} T multiply-adds a second",
    "note": lambda value: "",
    "failed": lambda value: "failed",
}


def row(what: str, value: float, unit: str, runs: int = 0) -> Row:
    """Make a row, of a unit above or of `difference`, which has `low` and `high` as well."""
    return {"what": what, "runs": runs, "value": float(value), "unit": unit, "low": "", "high": ""}


def cell(one: Row) -> str:
    """Write a row's value."""
    if one["unit"] == "difference":
        return f"{one['value']:+.4f} ({one['low']:+.4f} to {one['high']:+.4f})"
    return WRITTEN[one["unit"]](one["value"])
