"""How and where runs were trained: a row a variant, or a grid of the search."""

import json
from collections.abc import Iterable
from typing import Any

import pandas as pd

from digitpairs.products.numbers.paper import PROTOCOL, protocol
from digitpairs.runs.collect import ENVIRONMENT

# Of a spec, what is the same for all runs of a row.
SAID = ("epochs", "batch_size", "batchnorm", "shuffle", "folds")
COLUMNS = [
    *("part", "variant", "runs", "diverged", "configurations", "train_pairs", "test_pairs"),
    *(*SAID, "seeds", "digits", "target", "varies", "by_the_paper", *ENVIRONMENT),
]
EVALUATION, SEARCH = "evaluation", "search"


def trained(results: pd.DataFrame) -> pd.DataFrame:
    """Say of each variant, and of each grid of the search, how many runs were trained, and how.

    Where runs of a row were computed differently, a cell lists what there is.
    """
    runs = results.drop_duplicates(["variant", "run"])
    groups = runs.groupby(["variant", runs["fold"] >= 0], sort=False, observed=True)
    rows = [row(str(name), group, folds) for (name, folds), group in groups]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"folds": "Int64", "test_pairs": "Int64"})


def row(name: str, runs: pd.DataFrame, folds: bool) -> dict[str, Any]:
    """Describe the runs of a variant, or the folds of a grid."""
    specs, by = list(map(json.loads, runs["spec"])), protocol(runs["spec"])
    known = list(map(json.loads, runs["provenance"]))
    return {
        "part": SEARCH if folds else EVALUATION,
        "variant": name,
        "runs": len(runs),
        "diverged": int((runs["status"] == "diverged").sum()),
        "configurations": runs["run"].str.rpartition("/")[0].nunique(),
        "train_pairs": by.train_pairs,
        "test_pairs": by.test_pairs,
        **{key: specs[0][key] for key in SAID},
        "seeds": len({spec["seed"] for spec in specs}),
        "digits": by.digits,
        "target": by.target,
        "varies": by.varies,
        "by_the_paper": not folds and by == PROTOCOL,
        **{key: listed(str(one.get(key, "?")) for one in known) for key in ENVIRONMENT},
    }


def listed(values: Iterable[str]) -> str:
    """List what there is, each once."""
    return "; ".join(sorted(set(values)))
