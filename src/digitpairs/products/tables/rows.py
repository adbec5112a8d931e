"""The rows that all kinds of tables have in common."""

from collections.abc import Mapping

import pandas as pd

from digitpairs.products.numbers.metrics import summary
from digitpairs.products.numbers.paper import PROTOCOL, protocols
from digitpairs.products.tables.cells import EMPTY, Cell, model, plain, plus_minus


def rows(
    results: pd.DataFrame, labels: Mapping[str, str], more: Mapping[str, Mapping[str, Cell]]
) -> pd.DataFrame:
    """A row per variant: accuracies beside the paper's, parameter counts.

    `more` are a kind's own cells of each variant. The paper's column is empty beside runs by
    another protocol, and has a dash where the paper has no such net. Without the paper's task there
    is no such column.
    """
    numbers = {row["variant"]: row for row in summary(results).to_dict("records")}
    trained_by, diverged = protocols(results), any(row["diverged"] for row in numbers.values())
    table = []
    for name, label in labels.items():
        row = numbers[name]
        paper = plus_minus(row["paper_mean"], row["paper_std"])
        cells = {
            "Model": model(label),
            **more[name],
            "Best epoch": plus_minus(row["best_mean"], row["best_std"]),
            "Final epoch": plus_minus(row["final_mean"], row["final_std"]),
            "Many pairs": plus_minus(row["many_pairs_mean"], row["many_pairs_std"]),
            "Paper": paper if trained_by[name] == PROTOCOL else EMPTY,
            "Parameters": plain(f"{row['parameters']:,}"),
        }
        if not trained_by[name].is_papers_task:
            del cells["Paper"]
        if diverged:
            cells["Diverged"] = plain(f"{row['diverged']}")
        table.append(cells)
    return pd.DataFrame(table)
