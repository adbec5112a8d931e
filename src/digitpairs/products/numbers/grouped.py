"""What the tables of groups of studies show: a row a variant of each, with its difference."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from digitpairs.products.numbers.differences import by_reference
from digitpairs.products.numbers.metrics import summary
from digitpairs.products.numbers.paper import protocols
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Study

MEASURED = [
    *("runs", "diverged", "parameters", "best_mean", "best_std", "final_mean", "final_std"),
    *("many_pairs_mean", "many_pairs_std"),
    *("digit_accuracy_mean", "argmax_accuracy_mean", "posterior_accuracy_mean"),
]
COLUMNS = [
    "group",
    "study",
    "variant",
    "learning_rate",
    *MEASURED,
    "sampling_std",
    "reference",
    "seeds",
    "difference",
    "low",
]
COLUMNS += ["high", "verdict"]
ABOVE, BELOW, OPEN = "above", "below", "open"  # where the interval of a difference lies, of zero


def grouped(studies: Mapping[str, Study], results: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """List the variants of studies, with their differences where a study compares.

    `results` are those of each study.
    """
    rows = [row for name, study in studies.items() for row in of_study(name, study, results[name])]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"seeds": "Int64"})


def of_study(name: str, study: Study, results: pd.DataFrame) -> list[dict[str, Any]]:
    """List the variants of one study."""
    compared = by_reference(results, study.references) if KINDS[study.kind].compares else {}
    differences = {
        variant: {
            "reference": reference,
            "seeds": one.seeds,
            "difference": one.of.mean,
            "low": one.of.low,
            "high": one.of.high,
            "verdict": ABOVE if one.of.low > 0 else BELOW if one.of.high < 0 else OPEN,
        }
        for reference, panel in compared.items()
        for variant, one in panel.items()
    }
    trained_by = protocols(results)
    rates = dict(results.groupby("variant", observed=True)["learning_rate"].first())
    return [
        {"group": study.group, "study": name, "variant": row["variant"]}
        | {"learning_rate": rates[row["variant"]]}
        | {key: row[key] for key in MEASURED}
        | {"sampling_std": sampling(row["final_mean"], trained_by[row["variant"]].test_pairs)}
        | differences.get(row["variant"], {})
        for row in summary(results).to_dict("records")
    ]


def sampling(accuracy: float, pairs: int) -> float:
    """Work out the binomial std of an accuracy over so many test pairs, drawn anew each time."""
    return float((accuracy * (1 - accuracy) / pairs) ** 0.5)
