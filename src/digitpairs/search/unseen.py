"""Holds a search apart from what its winners are judged by: no test digit, no evaluation's seed."""

import pandas as pd

from digitpairs.errors import UserError
from digitpairs.spec import from_text


def check_unseen(results: pd.DataFrame, evaluation_seeds: int) -> None:
    """Raise UserError for a run of a search that is no fold, or is of an evaluation's seed.

    `results` has a row a run, with its spec. The evaluation's seeds are those below
    `evaluation_seeds`. A fold is tested on training pairs that it held out.
    """
    for text in results["spec"].unique():
        spec = from_text(text)
        if spec.fold is None or spec.test_pairs is not None:
            raise UserError(
                f"{spec.path}: is judged on test digits; a search may see folds alone. Delete the "
                "search's results, and give the same command again"
            )
        if (seed := spec.seed_of("pairs")) < evaluation_seeds:
            raise UserError(
                f"{spec.path}: is of seed {seed}, which the evaluation uses; a search needs "
                f"seeds of its own, from {evaluation_seeds} on"
            )
