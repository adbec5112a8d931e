"""The verdicts alone: a row a claim, with the comparison that supports it least."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from digitpairs.products.numbers.claims import decisive
from digitpairs.products.numbers.verdicts import of_all
from digitpairs.products.tables.cells import markdown_of
from digitpairs.products.tables.render import row as line
from digitpairs.study.claims import ACCURACIES, PARAMETERS, Claim

COLUMNS = ("Claim", "Verdict", "Difference", "Final epoch", "Many pairs")
OTHERS = ("final_accuracy", "many_pairs_accuracy")

Row = dict[str, Any]


def markdown(found: pd.DataFrame, claims: Mapping[str, Claim]) -> str:
    """Write a row a claim of claims.csv: its verdict, weakest comparison, and other verdicts."""
    lines = [line(COLUMNS), line(["---"] * len(COLUMNS))]
    for name, group in decisive(found):
        of_claim = found[found["claim"] == name].set_index("measure")["verdict"]
        lines.append(
            line(
                [
                    markdown_of(claims[name].says),
                    f"**{group['claim_verdict'].iloc[0]}**",
                    effect(weakest(group.to_dict("records"))),
                    *(of_all(of_claim[[one]]) if one in of_claim else "–" for one in OTHERS),
                ]
            )
        )
    return "\n".join(lines) + "\n"


def weakest(comparisons: list[Row]) -> Row:
    """Pick the comparison that supports a claim least; what is missing supports it not at all."""
    sign = {"above": 1, "below": -1}.get(comparisons[0]["direction"])

    def support(row: Row) -> float:
        if pd.isna(row["effect"]):
            return float("-inf")
        return float(sign * row["effect"]) if sign else -abs(row["effect"])

    return min(comparisons, key=support)


def effect(row: Row) -> str:
    """Write a difference in points with its interval, or a share of parameters in per cent."""
    if pd.isna(row["effect"]):
        return "–"
    if row["measure"] == PARAMETERS:
        return f"{signed(row['effect'])} %"
    interval = rf" \[{signed(row['low'])}, {signed(row['high'])}\]"
    return signed(row["effect"]) + interval * (row["measure"] in ACCURACIES)


def signed(value: float) -> str:
    """Write a difference in hundredths with its sign."""
    return f"{100 * value:+.2f}".replace("-", "−")
