"""A budget of variance: how much of the spread over seeds each of its sources makes.

A reference is a net whose seeds draw everything. Variants after it draw one thing alone
(`training.varies`), and all else is that of seed 0.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from scipy.special import chdtri, stdtrit

from digitpairs import paths
from digitpairs.products.numbers.metrics import TRAINED, evaluation
from digitpairs.spec import from_text

SEEDS, TEST_PAIRS, PROCESSOR = "seeds", "test pairs", "processor"
WORDS = {
    SEEDS: "all that a seed draws",
    "pairs": "pairs, to train and to test on",
    TEST_PAIRS: "the {test:,} test pairs alone",
    "weights": "initial weights",
    "order": "order of the pairs",
    PROCESSOR: "rounding of another processor",
}
POWER, LEVEL = 0.8, 0.05


def budget(results: pd.DataFrame) -> pd.DataFrame:
    """Compare sources of spread: a row a reference and source, references in their order.

    Columns: `variant` (the reference), `source` (a key of WORDS), `runs`, `test` pairs; `std`,
    `low`, `high` of the final epoch's test accuracy, a 95 % interval where runs are a sample;
    `share` of the reference's variance; `many_std` over many pairs.

    - test pairs: the binomial standard deviation of as many independent pairs. Pairs share no
      digit, so that they are independent.
    - processor: half of the variance of the difference of a run from the same run on another
      processor, the one of the committed results that is furthest.
    """
    runs = evaluation(results)
    rows = []
    for reference, parts in references(results).items():
        whole = runs[runs["variant"] == reference]
        first = from_text(results.loc[results["variant"] == reference, "spec"].iloc[0])
        test = first.test_pairs or 0
        found = [row_of(runs[runs["variant"] == name], source) for name, source in parts.items()]
        found = [row_of(whole, SEEDS), *found, {"source": TEST_PAIRS, "std": binomial(whole, test)}]
        if (moved := by_processor(whole)) is not None:
            found.append({"source": PROCESSOR, "std": moved})
        variance = whole["final_accuracy"].var()
        for row in sorted(found, key=lambda row: [*WORDS].index(row["source"])):
            share = row["std"] ** 2 / variance if variance else float("nan")
            rows.append({"variant": reference, "test": test, "share": share, **row})
    return pd.DataFrame(rows)


def references(results: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Name the variants after each reference, and what alone each of them draws."""
    found: dict[str, dict[str, str]] = {}
    for name, source in sources(results):
        if source is None:
            found[name] = {}
        elif found:
            found[[*found][-1]][name] = source
    return found


def sources(results: pd.DataFrame) -> Iterator[tuple[str, str | None]]:
    """Say of each variant what alone its seeds draw; None where they draw everything."""
    for name, rows in results.groupby("variant", sort=False, observed=True):
        varied = {from_text(spec).varies for spec in rows["spec"].unique()} - {None}
        yield str(name), next(iter(varied), None)


def row_of(runs: pd.DataFrame, source: str) -> dict[str, Any]:
    """Summarise the spread of runs, with the interval of a standard deviation by chi-squared."""
    accuracies = runs["final_accuracy"].dropna().astype(float)
    std, count = accuracies.std(), len(accuracies)
    low, high = (std * ((count - 1) / chdtri(count - 1, tail)) ** 0.5 for tail in (0.025, 0.975))
    many = runs["many_pairs_accuracy"].std()
    return {
        "source": source,
        "runs": count,
        "std": std,
        "low": low,
        "high": high,
        "many_std": many,
    }


def binomial(runs: pd.DataFrame, test: int) -> float:
    """Standard deviation of an accuracy for the choice of so many test pairs, over these nets."""
    accuracies = runs["many_pairs_accuracy"].fillna(runs["final_accuracy"]).astype(float)
    return float(((accuracies * (1 - accuracies)).mean() / test) ** 0.5)


def by_processor(runs: pd.DataFrame) -> float | None:
    """Standard deviation of one run for the processor; None where nothing is known of this net."""
    file = Path(paths.PROCESSORS)
    if not file.exists():
        return None
    known = pd.read_csv(file, dtype={"channels": str, "hidden": str}).fillna({"channels": ""})
    net = [name for name in TRAINED if name != "recipe"]
    same = (known[net] == runs.iloc[0][net]).all(axis=1) & (runs.iloc[0]["recipe"] == "")
    moved = known["final_spread"][same].dropna()
    return float(moved.max()) if len(moved) else None


def seeds_needed(std: float, difference: float) -> int:
    """Count the seeds of each of two nets that tell such a difference apart.

    By a two-sample t test at p < .05 with a power of 80 %, both nets of this standard deviation.
    """
    from scipy.stats import nct  # slow to import

    for count in range(2, 100_000):
        freedom, shift = 2 * count - 2, difference / std * (count / 2) ** 0.5
        threshold = float(stdtrit(freedom, 1 - LEVEL / 2))
        if 1 - nct.cdf(threshold, freedom, shift) >= POWER:
            return count
    raise ValueError(f"no number of seeds tells {difference} apart")
