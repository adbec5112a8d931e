"""Where the rest goes: digits that are misread, pairs that are wrong, and what an ensemble adds."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from digitpairs.products.tables.cells import DASH, Cell, interval, plain
from digitpairs.products.tables.rungs import runs
from digitpairs.study.schema import Study


def frame(found: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """A row a variant, as numbers/ladder.py found it, each against the first one."""
    return pd.DataFrame(
        [
            {
                "Model": plain(labels[row["variant"]]),
                "Runs": runs(row),
                "Digits wrong": percent(1 - row["digit_accuracy"]),
                "Pairs wrong": percent(1 - row["pairs_mean"]),
                "More wrong": change(row),
                "Ratio": number(ratio(row)),
                f"Ensemble of {row['few']}": percent(1 - few(row)),
            }
            for row in found.to_dict("records")
        ]
    )


def change(row: Mapping[str, Any]) -> Cell:
    """Write how many more of a hundred pairs are wrong than of the first row's nets."""
    mean, low, high = (-100 * row[f"difference{end}"] for end in ("", "_high", "_low"))
    return interval(mean, low, high, places=2)


def percent(value: float) -> Cell:
    """Write a share in percent."""
    return number(100 * value, " %")


def number(value: float, unit: str = "", places: int = 2) -> Cell:
    """Write a number; a dash where there is none."""
    return DASH if pd.isna(value) else plain(f"{value:.{places}f}{unit}")


def ratio(row: Mapping[str, Any]) -> float:
    """Wrong pairs for each misread digit."""
    digits = 1 - row["digit_accuracy"]
    return float((1 - row["pairs_mean"]) / digits) if digits > 0 else float("nan")


def together(row: Mapping[str, Any]) -> float:
    """Accuracy of the ensemble; none of nets that do not answer by their digits, as it does."""
    return float("nan") if row["readout"] == "head" else float(row["ensemble"])


def few(row: Mapping[str, Any]) -> float:
    """Accuracy of an ensemble of as many nets as all rows have."""
    return float("nan") if row["readout"] == "head" else float(row["ensemble_few"])


def removed(row: Mapping[str, Any]) -> float:
    """Share of the wrong pairs that an ensemble of all seeds' nets would put right."""
    wrong = 1 - row["pairs_mean"]
    return float(1 - (1 - together(row)) / wrong) if wrong > 0 else float("nan")


def title(study: Study, found: pd.DataFrame) -> str:
    """Say what is shown."""
    return (
        f"{study.title}. Over all test digits and all ordered pairs of them, at the final epoch. "
        "More wrong: in points, than in the first row, on the seeds that both have, with the 95 % "
        "interval of a crossed bootstrap over digits and seeds. Ratio: wrong pairs over misread "
        "digits. Ensemble: wrong pairs of the mean posterior of the nets of "
        f"{found['few'].iloc[0]} seeds, whose training pairs differ: it has seen more labels than "
        "any of them"
    )


def findings(found: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[str]:
    """Say what is left of the last one's errors, and what would remove some."""
    last = found.iloc[-1]
    if not pd.isna(removed(last)):
        yield (
            f"{labels[last['variant']]}: an ensemble of all {last['runs']} nets removes "
            f"{100 * removed(last):.0f} % of the wrong pairs, from "
            f"{100 * (1 - last['pairs_mean']):.2f} to {100 * (1 - last['ensemble']):.2f} %."
        )
