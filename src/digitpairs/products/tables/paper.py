"""Our numbers beside those of the paper's tables."""

from collections.abc import Mapping

import pandas as pd

from digitpairs.products.numbers.beside import MARGIN
from digitpairs.products.numbers.verdicts import DIFFERENT, SAME, UNDECIDED
from digitpairs.products.tables.cells import interval, model, plain, plus_minus

TITLE = (
    "Our numbers beside the paper's: best test accuracy, mean and standard deviation over the "
    "seeds, and the difference with its 95 % interval by Welch, from means, standard deviations "
    f"and counts alone. {SAME.capitalize()}: shown to lie within {MARGIN:.3f} of each other (two "
    f"one-sided t tests, p < .05). Else {DIFFERENT}: p < .05 of no difference. "
    f"{UNDECIDED.capitalize()}: neither"
)
COLUMNS = ["Model", "Paper, in", "Paper", "Ours", "Difference", "Verdict", "Parameters"]


def rows(found: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """A row a net: `found` is paper.csv."""
    return pd.DataFrame(
        [
            {
                "Model": model(labels[row["variant"]]),
                "Paper, in": plain(row["where"]),
                "Paper": plus_minus(row["paper_mean"], row["paper_std"]),
                "Ours": plus_minus(row["best_mean"], row["best_std"]),
                "Difference": interval(row["difference"], row["low"], row["high"]),
                "Verdict": plain(row["verdict"]),
                "Parameters": plain(parameters(row)),
            }
            for row in found.to_dict("records")
        ],
        columns=COLUMNS,
    )


def parameters(row: Mapping[str, float]) -> str:
    """Say how many parameters ours has, and what the paper printed where that is another number."""
    ours, theirs = row["parameters"], row["paper_parameters"]
    if pd.isna(theirs) or theirs == ours:
        return f"{ours:,}" + ("" if pd.isna(theirs) else ", both")
    return f"{ours:,}, paper {theirs:,.0f}"
