"""Who wins the search (paper, Training). Only validation folds count: no test pair is seen here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from digitpairs import paths
from digitpairs.identity import essentials
from digitpairs.spec import RunSpec, Setting, from_text
from digitpairs.study import groups

if TYPE_CHECKING:
    import pandas as pd  # slow to import, and plans need the winners alone

    from digitpairs.study.schema import Params


# What two configurations of a grid can differ in.
CONFIGURATION = [
    "variant",
    "family",
    "channels",
    "hidden",
    "shared",
    "options",
    "aux_weight",
    "recipe",
    "learning_rate",
    "parameters",
]


def ranking(results: pd.DataFrame) -> pd.DataFrame:
    """Rank configurations within their grid, best first.

    `results` has a row per configuration and fold, with the columns of CONFIGURATION, run, status,
    final_accuracy and many_pairs_accuracy; `variant` is the grid. A configuration's score is its
    final validation accuracy averaged over the folds: over a fold's pairs or, where nets answer by
    their digits, over all ordered pairs of the digits that it held out. Ties go to fewer
    parameters, then to the smaller learning rate. One that diverged on any fold comes last. `error`
    is the standard error of a score over the folds.
    """
    group = results["run"].str.split("/").str[0]  # what folds have in common: all of a spec
    table = (
        results.assign(diverged=results["status"] == "diverged", score=score(results), group=group)
        .groupby([*CONFIGURATION, "group"], sort=False)
        .agg(
            folds=("fold", "count"),
            diverged=("diverged", "sum"),
            accuracy=("score", "mean"),
            error=("score", "sem"),
            spec=("spec", "first"),
        )
        .reset_index()
    )
    # Sums of the same folds in another order differ in the last bits; a tie must stay one.
    table["accuracy"] = table["accuracy"].where(table["diverged"] == 0).round(9)
    table = table.sort_values(
        ["variant", "diverged", "accuracy", "parameters", "learning_rate"],
        ascending=[True, True, False, True, True],
        kind="stable",
    )
    table["rank"] = table.groupby("variant").cumcount() + 1
    return table.reset_index(drop=True)


def score(results: pd.DataFrame) -> pd.Series:
    """Score each fold: over all ordered pairs of its digits where nets answer by these."""
    return results["many_pairs_accuracy"].fillna(results["final_accuracy"])


def winners(ranked: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Take the first configuration of each grid, as plain data for `selected.json`."""
    first = ranked[(ranked["rank"] == 1) & (ranked["diverged"] == 0)]
    return {
        row["variant"]: {
            **essentials(setting_of(from_text(row["spec"]))),
            "parameters": row["parameters"],
            "accuracy": row["accuracy"],
        }
        for row in first.to_dict("records")
    }


def setting_of(spec: RunSpec) -> Setting:
    """What a fold's run trained, but for what its grid's base changes of the protocol.

    Teachers are as they were before they were planned.
    """
    teachers = tuple(replace(teacher, code="") for teacher in spec.teachers)
    return Setting(spec.model, spec.learning_rate, spec.aux_weight, spec.recipe, teachers=teachers)


@cache
def reader() -> TypeAdapter[dict[str, Setting]]:
    """What reads `selected.json`."""
    return TypeAdapter(dict[str, Setting])


def read_winners(params: Params) -> dict[str, Any] | None:
    """Read the settings of all searches' winners, by grid; None before any are known.

    Each is read from the file that its search writes now. What a search of other rungs left behind,
    or one for another group, says nothing.
    """
    files = {grid: groups.suffix_of(params, grid) for grid in params.search.grids}
    found = None
    for suffix in groups.suffixes(params):
        with suppress(OSError, ValueError):
            won = winners_in(Path(paths.winners(suffix)).read_bytes())
            here = {name: one for name, one in won.items() if file_of(name, files) == suffix}
            if here or not won:  # a search without a winner is known, too
                found = {**(found or {}), **here}
    return found


def file_of(name: str, files: Mapping[str, str]) -> str | None:
    """Say what the file's name ends in that a winner, or one that passed a rung, is read from."""
    rung, passed, _ = name.partition("#")
    return f"-{rung}" if passed else files.get(name)


@lru_cache(maxsize=32)
def winners_in(content: bytes) -> dict[str, Any]:
    """Read the winners in a file: its content is all, so that it can be remembered."""
    return {grid: essentials(one) for grid, one in reader().validate_json(content).items()}
