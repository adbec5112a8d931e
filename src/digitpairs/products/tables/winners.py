"""Who wins the search, how often, and what cannot be told from the best."""

from collections.abc import Iterator, Mapping

import pandas as pd

from digitpairs.products.labels import configuration
from digitpairs.products.numbers.standings import BEHIND, by_grid
from digitpairs.products.tables.cells import Cell, interval, plain, plus_minus
from digitpairs.study.schema import Study


def title(study: Study, found: pd.DataFrame) -> str:
    """Say what is shown, and by which rules."""
    return (
        f"{study.title} The search was made {found['searches'].max()} times. No two share pairs, "
        "folds or weights. Accuracy: on the folds, mean and standard deviation over the searches. "
        "Shown is what wins a search, what the one-standard-error rule takes (the fewest "
        "parameters within one standard error of the best), the best by mean, and what is "
        "published (*). Behind: the mean difference from the best by mean; told apart from it "
        "where p < .05 by a paired t "
        "test over the searches, adjusted after Holm within the grid"
    )


def frame(found: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """A row a configuration that is shown; `found` are standings, `labels` those of the grids."""
    return pd.DataFrame(
        [
            {
                "Grid": plain(labels[row["variant"]]),
                "Configuration": plain(configuration(row["setting"]) + "*" * row["published"]),
                "Accuracy": plus_minus(row["mean"], row["std"]),
                "Behind": behind(row["behind"]),
                "Wins": plain(f"{row['wins']}"),
                "One SE": plain(f"{row['chosen']}"),
                "Mean rank": plain(f"{row['rank']:.1f}"),
                "Standing": plain(row["standing"]),
            }
            for row in shown(found).to_dict("records")
        ]
    )


def behind(difference: float) -> Cell:
    """Write how far a configuration is behind the best."""
    return plain("0") if difference == 0 else interval(difference, float("nan"), float("nan"))


def shown(found: pd.DataFrame) -> pd.DataFrame:
    """Pick what wins or is chosen, the best and the published."""
    best = ~found.duplicated("variant")
    return found[best | found["published"] | (found["wins"] > 0) | (found["chosen"] > 0)]


def findings(found: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[str]:
    """Say of each grid how many configurations win, and how many may be the best."""
    for grid, rows in by_grid(found):
        winners, like = (rows["wins"] > 0).sum(), (rows["standing"] != BEHIND).sum()
        best = rows.iloc[0]
        named = configuration(best["setting"])
        yield (
            f"{labels[grid]}: in {best['searches']} searches, {winners} of {len(rows)} "
            f"configurations win at least once. {named} is best by mean and wins {best['wins']}. "
            f"{like - 1} others cannot be told from it."
        )
