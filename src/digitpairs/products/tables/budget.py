"""A budget of variance: what the spread over seeds comes from, and what it takes to see through."""

from collections.abc import Iterator, Mapping

import pandas as pd

from digitpairs.products.labels import either
from digitpairs.products.numbers.spread import SEEDS, TEST_PAIRS, WORDS, seeds_needed
from digitpairs.products.tables.cells import DASH, EMPTY, Cell, plain
from digitpairs.study.schema import Study

POINT = 0.01
COLUMNS = ["Model", "What varies", "Std", "95 % interval", "Share", "Std, many pairs"]


def frame(found: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """A row a reference and source."""
    return pd.DataFrame(
        [
            {
                "Model": plain(labels[row["variant"]]) if row["source"] == SEEDS else EMPTY,
                "What varies": plain(WORDS[row["source"]].format(test=row["test"])),
                "Std": spread(row["std"]),
                "95 % interval": interval(row["low"], row["high"]),
                "Share": DASH if pd.isna(row["share"]) else plain(f"{100 * row['share']:.0f} %"),
                "Std, many pairs": spread(row["many_std"]),
            }
            for row in found.to_dict("records")
        ],
        columns=COLUMNS,
    )


def spread(std: float) -> Cell:
    """Write a standard deviation of accuracies."""
    return DASH if pd.isna(std) else plain(f"{std:.4f}".removeprefix("0"))


def interval(low: float, high: float) -> Cell:
    """Write both ends of an interval; a dash where there is none."""
    if pd.isna(low):
        return DASH
    return plain(", ".join(f"{end:.4f}".removeprefix("0") for end in (low, high)))


def title(study: Study, found: pd.DataFrame) -> str:
    """Say what is shown, and how it was found."""
    seeds = either(found["runs"].dropna())
    return (
        f"{study.title}. Std: of the test accuracy at the final epoch, over {seeds} seeds that "
        "draw this alone, while all else is that of seed 0. Interval: of a standard deviation, by "
        "chi-squared. Share: of the variance over all that a seed draws; the sources are not "
        "independent, so that shares need not add up to 100 %. Test pairs alone: binomial, since "
        "pairs share no digit. Another processor: from the same runs in the committed results of "
        "other processors, the furthest. Many pairs: of all test digits, the same for all seeds"
    )


def findings(found: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[str]:
    """Say what the spread means for a mean over seeds, and for telling two nets apart."""
    for name, rows in found.groupby("variant", sort=False):
        of = rows.set_index("source")
        whole, test = of.loc[SEEDS], of.loc[TEST_PAIRS]
        label, count = labels[str(name)], int(whole["runs"])
        error = whole["std"] / count**0.5
        yield (
            f"{label}: one run is ± {100 * whole['std']:.1f} points, the mean of {count} is "
            f"± {100 * error:.2f}. The {whole['test']:,} test pairs alone make "
            f"± {100 * test['std']:.1f} of a run, {100 * test['share']:.0f} % of its variance."
        )
        if whole["std"] > 0 and whole["many_std"] > 0:
            yield (
                f"To tell two such nets apart by one point takes "
                f"{seeds_needed(whole['std'], POINT)} seeds of each by the final epoch, and "
                f"{seeds_needed(whole['many_std'], POINT)} over many pairs (t test, 80 % power)."
            )
