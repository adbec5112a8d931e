"""Who wins the search, were it made again: a row a grid and configuration, the best first.

Searches by different seeds share nothing: pairs, folds and weights are drawn anew. So they are a
sample of all searches, and each gives a configuration one mean accuracy over its folds.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import stdtr

from digitpairs.products.numbers.evidence import LEVEL, NAN, holm
from digitpairs.search.ranking import CONFIGURATION, ranking, setting_of
from digitpairs.spec import Setting, TrainingChanges, from_text

BEST, LIKE_BEST, BEHIND = "best", "not told apart", "behind"


def standings(folds: pd.DataFrame, published: Mapping[str, Setting]) -> pd.DataFrame:
    """Compare configurations over searches.

    `folds` has a row a fold of each search; `published` is what is compared by grid. Columns:
    - CONFIGURATION, and `setting`; `published`: whether it is the published one
    - `searches`, `mean`, `std` of its accuracy over them; `rank` is the mean of its ranks
    - `wins`: in how many searches it is first; `chosen`: in how many the one-standard-error rule
      takes it; `won`: whether it wins the first search, by the smallest seed
    - `behind`: mean difference from the best by mean; `p_holm`: of no such difference, by a paired
      t test over searches, adjusted within the grid; `standing`: best, not told apart, or behind.
    """
    searches = pd.concat([one_search(of) for _, of in folds.groupby("seed")], ignore_index=True)
    tables = dict(by_grid(searches))
    grids = dict.fromkeys([*published, *tables])  # in the order in which they are asked for
    parts = [of_grid(tables[grid], published.get(grid)) for grid in grids if grid in tables]
    return pd.concat(parts, ignore_index=True)


def by_grid(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Cut a table by grid, in the order in which they first stand."""
    return [(str(grid), rows) for grid, rows in table.groupby("variant", sort=False)]


def one_search(folds: pd.DataFrame) -> pd.DataFrame:
    """Rank the configurations of one search, and mark what the one-standard-error rule takes."""
    ranked = ranking(folds)
    ranked["chosen"] = False
    for _, rows in by_grid(ranked):
        ranked.loc[simplest(rows), "chosen"] = True
    return ranked.assign(seed=folds["seed"].iloc[0])


def simplest(ranked: pd.DataFrame) -> pd.Index:
    """Find the row of the fewest parameters within one standard error of the best.

    Of as many parameters, it is the one that ranks first. Nothing where all diverged.
    """
    best = ranked.sort_values("rank").iloc[0]
    within = ranked[ranked["accuracy"] >= best["accuracy"] - best["error"]]
    return within.sort_values(["parameters", "rank"]).index[:1]


def of_grid(searches: pd.DataFrame, published: Setting | None) -> pd.DataFrame:
    """Compare the configurations of one grid: `searches` has a row a configuration and search."""
    first = searches["seed"].min()
    table = (
        searches.assign(
            wins=(searches["rank"] == 1) & searches["accuracy"].notna(),
            won=(searches["rank"] == 1) & (searches["seed"] == first),
            tested=searches["accuracy"].fillna(NAN),
        )
        .groupby(CONFIGURATION, sort=False)
        .agg(
            spec=("spec", "first"),
            searches=("tested", "count"),
            mean=("tested", "mean"),
            std=("tested", "std"),
            rank=("rank", "mean"),
            wins=("wins", "sum"),
            chosen=("chosen", "sum"),
            won=("won", "any"),
        )
        .sort_values(
            ["searches", "mean", "parameters", "learning_rate"],  # one that diverged is not best
            ascending=[False, False, True, True],
        )
    )
    accuracies = searches.pivot_table(
        index=CONFIGURATION, columns="seed", values="accuracy", dropna=False, observed=True
    ).reindex(table.index)
    apart = accuracies - accuracies.iloc[0]
    p = [no_difference(row) for row in apart.to_numpy()[1:]]
    table = table.assign(behind=apart.mean(axis=1), p_holm=[NAN, *holm(p)]).reset_index()
    behind = (table["p_holm"] < LEVEL) | (table["searches"] < searches["seed"].nunique())
    table["standing"] = np.where(behind, BEHIND, LIKE_BEST)
    table.loc[0, "standing"] = BEST
    settings = [setting_of(from_text(spec)) for spec in table["spec"]]
    sought = replace(published, training=TrainingChanges()) if published else None
    return table.assign(setting=settings, published=[setting == sought for setting in settings])


def no_difference(differences: np.ndarray) -> float:
    """Test that paired differences have a mean of zero, by t; NaN of fewer than two."""
    known = differences[~np.isnan(differences)]
    if len(known) < 2:
        return NAN
    error = known.std(ddof=1) / len(known) ** 0.5
    if error == 0:
        return 1.0 if known[0] == 0 else 0.0
    return 2 * float(stdtr(len(known) - 1, -abs(known.mean() / error)))
