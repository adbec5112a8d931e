"""Claims: what each comes to, and the evidence."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from digitpairs.products.labels import comparison, either
from digitpairs.products.numbers.claims import decisive, other_verdicts
from digitpairs.products.numbers.evidence import LEVEL
from digitpairs.products.numbers.verdicts import RULE
from digitpairs.products.tables.cells import DASH, EMPTY, Cell, accuracy, interval, p_value, plain
from digitpairs.study.claims import ACCURACIES, PARAMETERS, Claim

MEASURES = {
    "best_accuracy": "test accuracy at the best epoch",
    "final_accuracy": "test accuracy at the final epoch",
    "many_pairs_accuracy": "accuracy over many pairs",
}
COLUMNS = ["Claim", "Source", "Effect", "Margin", "p", "Verdict"]

Row = Mapping[str, Any]
Labels = Mapping[str, str]


def rows(found: pd.DataFrame, claims: Mapping[str, Claim], labels: Labels) -> pd.DataFrame:
    """A row a claim and, where it has several comparisons, one more for each; by claims.csv."""
    most, blank = found["seeds"].max(), dict.fromkeys(COLUMNS, EMPTY)
    table = []
    for name, group in decisive(found):
        said = {"Claim": plain(claims[name].says), "Source": plain(claims[name].source)}
        verdict = {"Verdict": plain(group["claim_verdict"].iloc[0])}
        several = len(group) > 1
        if several:
            table.append(blank | said | verdict)
        for row in group.to_dict("records"):
            compared = {"Claim": plain(f"– {comparison(row['variant'], row['reference'], labels)}")}
            table.append(blank | (compared if several else said) | evidence(row, most))
    return pd.DataFrame(table, columns=COLUMNS)


def evidence(row: Row, most: float) -> dict[str, Cell]:
    """Write what a comparison comes to, and over how many seeds where some are missing."""
    sampled = row["measure"] in ACCURACIES
    remark = f"{row['seeds']:.0f} seeds" if sampled and row["seeds"] < most else ""
    effect = interval(row["effect"], row["low"], row["high"], remark)
    if row["measure"] == PARAMETERS:
        effect = plain(f"{100 * row['effect']:+.1f} %".replace("-", "−"))
    return {
        "Effect": effect,
        "Margin": accuracy(row["margin"]) if sampled else EMPTY,
        "p": p_value(row["p_holm"]) if sampled else DASH,
        "Verdict": plain(row["verdict"]),
    }


def findings(found: pd.DataFrame, claims: Mapping[str, Claim]) -> Iterator[str]:
    """Say which claims would have another verdict by another measure of accuracy."""
    for measure, others in other_verdicts(found):
        said = [f"{claims[name].says.rstrip('.')} ({one})" for name, one in others.items()]
        yield f"By {MEASURES[measure]} these verdicts would be others: {'; '.join(said)}."


def title(found: pd.DataFrame) -> str:
    """Say what is shown, and by which rule."""
    seeds = either(found["seeds"].dropna())
    used = [
        words
        for key, words in MEASURES.items()
        if (found["measure"][found["decides"]] == key).any()
    ]
    over = f" over {seeds} seeds" if seeds else ""
    return (
        f"Claims, decided by {' or '.join(used) or 'what is counted'}{over}. Effect: the mean of "
        "the differences by seed, with its 95 % BCa bootstrap interval; of parameters, the share; "
        "of the search, the accuracy on its folds behind the winner. p: of the exact permutation "
        "test that flips signs, or where a claim is that two are equal of two one-sided t tests at "
        f"the margin; adjusted after Holm for all comparisons that decide. {RULE}{few(found)}"
    )


def few(found: pd.DataFrame) -> str:
    """Say where so few seeds are compared that no difference could be confirmed."""
    rows = found[found["decides"].astype(bool) & found["seeds"].gt(0)]
    tested = rows[rows["direction"] != "equal"]
    least = 2 ** (1 - tested["seeds"].max()) * len(rows)
    if not len(tested) or least < LEVEL:
        return ""
    return (
        f". With so few seeds and so many comparisons no p can be below {min(least, 1):.2f}: no "
        "difference can be confirmed"
    )
