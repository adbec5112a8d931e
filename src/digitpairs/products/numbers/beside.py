"""Our numbers beside those that the paper printed: a row for each net of its tables."""

from dataclasses import asdict

import pandas as pd

from digitpairs.products.numbers import verdicts
from digitpairs.products.numbers.evidence import unpaired
from digitpairs.products.numbers.metrics import TRAINED, evaluation
from digitpairs.products.numbers.paper import PROTOCOL, protocols, published
from digitpairs.products.numbers.statistics import Summary, summarise

MARGIN = 0.015  # of accuracy: about one standard deviation of the paper's runs
COLUMNS = [
    *("variant", "where", "runs", "best_mean", "best_std", "paper_mean", "paper_std"),
    *("difference", "low", "high", "p", "equivalence_p", "margin", "verdict"),
    *("parameters", "paper_parameters"),
]


def beside(results: pd.DataFrame) -> pd.DataFrame:
    """Compare means of the best epoch with the paper's, where the protocol is the paper's.

    Of the paper, only means, standard deviations and counts are known.
    """
    rows, trained_by = [], protocols(results)
    for name, group in evaluation(results).groupby("variant", sort=False):
        printed = published(tuple(group.iloc[0][TRAINED]), trained_by[name])
        if printed is None:
            continue
        ours, runs = summarise(group["best_accuracy"]), group["best_accuracy"].notna().sum()
        theirs = Summary(printed.mean, printed.std, float("nan"), float("nan"))
        of = unpaired(ours, theirs, (runs, PROTOCOL.seeds), MARGIN)
        tested = {key: value for key, value in asdict(of).items() if key not in ("seeds", "effect")}
        rows.append(
            {
                "variant": name,
                "where": printed.where,
                "runs": runs,
                "best_mean": ours.mean,
                "best_std": ours.std,
                "paper_mean": printed.mean,
                "paper_std": printed.std,
                "difference": of.effect,
                **tested,
                "margin": MARGIN,
                "verdict": verdicts.against_paper(of),
                "parameters": group["parameters"].iloc[0],
                "paper_parameters": printed.parameters,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS).astype({"paper_parameters": "Int64"})
