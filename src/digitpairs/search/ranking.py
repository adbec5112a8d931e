"""Who wins the search (paper, Training). Only validation folds count: no test pair is seen here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, FiniteFloat

from digitpairs import paths

if TYPE_CHECKING:
    import pandas as pd  # slow to import, and plans need the winners alone


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


class Winner(BaseModel):
    """What `selected.json` says of a family's winner that runs depend on."""

    hidden: list[int]
    channels: list[int]
    learning_rate: FiniteFloat


def read_winners() -> dict[str, Any] | None:
    """Read the search's winners; None before they are known."""
    try:
        winners = json.loads(Path(paths.WINNERS).read_text(encoding="utf-8")).items()
        return {family: Winner(**winner).model_dump() for family, winner in winners}
    except (OSError, ValueError, AttributeError, TypeError):
        return None
