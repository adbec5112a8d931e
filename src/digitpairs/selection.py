"""The search grid under the parameter budget, and the winner (paper, Training).

Only validation folds count: no test pair is looked at here.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from digitpairs.params import Search
from digitpairs.spec import Family, ModelSpec
from digitpairs.variants import Setting

if TYPE_CHECKING:
    import pandas as pd  # slow to import, and plans need the grid alone


def configurations(search: Search) -> dict[Family, list[Setting]]:
    """List each family's settings whose parameter count lies within the budget."""
    return {
        family: [
            Setting(model, rate)
            for channels in itertools.product(*grid.channels)
            for hidden in itertools.product(*grid.hidden)
            if search.min_parameters
            <= (model := ModelSpec(family, hidden, channels)).parameters
            <= search.max_parameters
            for rate in grid.learning_rate
        ]
        for family, grid in search.grids.items()
    }


def ranking(results: pd.DataFrame) -> pd.DataFrame:
    """Rank configurations within their family, best first.

    `results` has a row per configuration and fold, with the columns family, channels, hidden,
    learning_rate, parameters, status and final_accuracy. A configuration's score is its final
    validation accuracy averaged over the folds; ties go to fewer parameters, then to the smaller
    learning rate. One that diverged on any fold comes last.
    """
    keys = ["family", "channels", "hidden", "learning_rate", "parameters"]
    table = (
        results.assign(diverged=results["status"] == "diverged")
        .groupby(keys, sort=False)
        .agg(
            folds=("fold", "count"),
            diverged=("diverged", "sum"),
            accuracy=("final_accuracy", "mean"),
        )
        .reset_index()
    )
    # Sums of the same folds in another order differ in the last bits; a tie must stay one.
    table["accuracy"] = table["accuracy"].where(table["diverged"] == 0).round(9)
    table = table.sort_values(
        ["family", "diverged", "accuracy", "parameters", "learning_rate"],
        ascending=[True, True, False, True, True],
        kind="stable",
    )
    table["rank"] = table.groupby("family").cumcount() + 1
    return table.reset_index(drop=True)


def winners(ranked: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Take the first configuration of each family, as plain data for `selected.json`."""
    first = ranked[(ranked["rank"] == 1) & (ranked["diverged"] == 0)]
    return {
        row["family"]: {
            "channels": sizes(row["channels"]),
            "hidden": sizes(row["hidden"]),
            "learning_rate": row["learning_rate"],
            "parameters": row["parameters"],
            "accuracy": row["accuracy"],
        }
        for row in first.to_dict("records")
    }


def sizes(text: str) -> list[int]:
    """Read layer sizes written as "128-32"."""
    return [int(size) for size in text.split("-")] if text else []
