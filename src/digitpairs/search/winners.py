"""Picks the winner of each grid: from a search's results to data/results/searches/selected.json.

Of a rung of a strategy those are picked that go on to the next.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.errors import UserError
from digitpairs.files import write_text
from digitpairs.identity import essentials
from digitpairs.runs.collect import per_run, read
from digitpairs.runs.plan import reached, rung_runs
from digitpairs.search.ranking import ranking, read_winners, winners
from digitpairs.search.unseen import check_unseen
from digitpairs.spec import Setting
from digitpairs.study.groups import promoted, rungs
from digitpairs.study.schema import Params
from digitpairs.study.searches import rungs_of
from digitpairs.study.variants import most_seeds


def select_winners(params: Params, suffix: str) -> None:
    """Write the winner of each grid of a search that has one, or those that pass a rung.

    Raises UserError where a run has seen what only evaluations may see.
    """
    results = per_run(read([paths.search(suffix)]))
    check_unseen(results, most_seeds(params))
    ranked = ranking(results)
    of_rung = rungs(params).get(suffix)
    won = passed(params, *of_rung, ranked) if of_rung else winners(ranked)
    write_text(Path(paths.winners(suffix)), json.dumps(won, indent=2) + "\n")


def passed(params: Params, grid: str, rung: int, ranked: pd.DataFrame) -> dict[str, Any]:
    """Take the best of a rung, as plain data: as many as the next one keeps, or the winner."""
    settings = entrants(params, grid, rung, ranked)
    if (ranked["diverged"] > 0).all():
        raise UserError(
            f"search.grids.{grid}: every trial of rung {rung + 1} diverged, so that none goes on; "
            "choose another space, such as smaller learning rates"
        )
    after = rungs_of(params.search.grids[grid])[rung + 1 :]
    best = ranked[ranked["diverged"] == 0].head(after[0].keep or 1 if after else 1)
    return {
        promoted(grid, rung, place) if after else grid: {
            **essentials(settings[row["group"]]),
            "parameters": row["parameters"],
            "accuracy": row["accuracy"],
        }
        for place, row in enumerate(best.to_dict("records"))
    }


def entrants(params: Params, grid: str, rung: int, ranked: pd.DataFrame) -> dict[str, Setting]:
    """Look up what a rung judges, by the group of its folds.

    Raises UserError where its results, as `ranking` has them, are of other trials.
    """
    source = known_source()
    settings = {
        rung_runs(params, source, grid, rung, setting)[0].spec.group: setting
        for setting in reached(params, grid, rung, read_winners(params) or {})
    }
    strangers = set(ranked["group"]) - settings.keys()
    if strangers or len(ranked) < len(settings):
        raise UserError(
            f"{paths.search('-' + promoted(grid, rung))}: holds other trials than reach this rung; "
            "give the same `snakemake` command again: it collects them anew"
        )
    return settings
