"""The results of all variants: a row each or, where the terminal is narrow, two."""

from typing import Any

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.text import Text

from digitpairs.products.labels import either
from digitpairs.products.tables.cells import plus_minus
from digitpairs.products.terminal.screen import cell_text, fits, table, text

ACCURACIES = {"Best epoch": "best", "Final epoch": "final", "Many pairs": "many_pairs"}
GAP = "  "


def summary(console: Console, found: pd.DataFrame) -> RenderableType:
    """Show summary.csv."""
    accuracies = ACCURACIES
    if found["paper_mean"].notna().any():  # not of runs by another protocol, or of another task
        accuracies = {**ACCURACIES, "Paper": "paper"}
    rows = [numbers(row, accuracies) for row in found.to_dict("records")]
    if found["diverged"].any():
        rows = [
            row | {"Diverged": str(count)}
            for row, count in zip(rows, found["diverged"], strict=True)
        ]
    names, parameters = found["variant"], [f"{count:,}" for count in found["parameters"]]
    wide = table(console, {"Variant": "left", **dict.fromkeys([*rows[0], "Parameters"], "right")})
    for name, row, count in zip(names, rows, parameters, strict=True):
        wide.add_row(*(text(console, cell) for cell in (name, *row.values(), count)))
    below = text(console, caption(found, "Paper" in accuracies), "dim")
    if fits(console, wide):
        return Group(wide, "", below)
    return Group(*narrow(console, list(names), rows, parameters), "", below)


def numbers(row: dict[str, Any], accuracies: dict[str, str]) -> dict[str, str]:
    """Write the accuracies of a variant."""
    return {
        name: cell_text(plus_minus(row[f"{key}_mean"], row[f"{key}_std"]))
        for name, key in accuracies.items()
    }


def narrow(
    console: Console, names: list[str], rows: list[dict[str, str]], parameters: list[str]
) -> list[Text]:
    """Write two lines a variant: what it is called and how large it is, and its numbers."""
    cells = [{key: text(console, cell).plain for key, cell in row.items()} for row in rows]
    widths = {key: max(len(key), *(len(row[key]) for row in cells)) for key in cells[0]}
    sizes = [f"{GAP}{count} parameters" for count in parameters]
    headed = [len(name) + len(size) for name, size in zip(names, sizes, strict=True)]
    whole = max(sum(widths.values()) + len(GAP) * (len(widths) - 1), *headed)

    def line(row: dict[str, str], style: str = "") -> Text:
        numbers = GAP.join(row[key].rjust(widths[key]) for key in widths)
        return text(console, numbers.rjust(whole), style)

    lines = [line({key: key for key in widths}, "bold"), text(console, "─" * whole)]
    for name, row, size in zip(names, cells, sizes, strict=True):
        lines += [text(console, f"{name}{size.rjust(whole - len(name))}", "bold"), line(row)]
    return lines


def caption(found: pd.DataFrame, papers: bool) -> str:
    """Say what the numbers are."""
    seeds = either(found["runs"] + found["diverged"])
    chosen = ", as the paper's numbers are" if papers else ""
    return (
        f"Test accuracy, mean and standard deviation over {seeds} seeds. The best epoch is chosen "
        f"on the test set{chosen}. Many pairs: the final epoch on pairs of all test digits."
    )
