"""Names of variants for people, made from what they are."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from digitpairs.models.registry import FAMILIES
from digitpairs.spec import Setting
from digitpairs.study.schema import Study
from digitpairs.study.variants import SELECTED


def describe(setting: Setting) -> dict[str, Any]:
    """Describe a setting as the collected results do."""
    return {
        "family": setting.model.family,
        "channels": "-".join(map(str, setting.model.channels)),
        "hidden": "-".join(map(str, setting.model.hidden)),
        "shared": setting.model.shared,
        "aux_weight": setting.aux_weight,
        "learning_rate": setting.learning_rate,
    }


def label(row: Mapping[str, Any]) -> str:
    """Name a row of variant, family, shared and aux_weight: "Siamese ConvNet, WS, λ = 100"."""
    parts = [FAMILIES[row["family"]].label]
    if row["shared"]:
        parts.append("WS")
    if row.get("aux_weight"):
        parts.append(f"λ = {row['aux_weight']:g}")
    if str(row["variant"]).endswith(SELECTED):
        parts.append("selected")
    return ", ".join(parts)


def distinct(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Label each variant; sizes and learning rate tell apart what would read the same."""
    rows = list(rows)
    counts = Counter(label(row) for row in rows)
    return {
        row["variant"]: label(row)
        if counts[label(row)] == 1
        else f"{label(row)}, {sizes(row)}, lr {row['learning_rate']:g}"
        for row in rows
    }


def sizes(row: Mapping[str, Any]) -> str:
    """Name the sizes of a row, conv channels before hidden layers: "128-32, 400"."""
    return ", ".join(part for part in (row["channels"], row["hidden"]) if part)


def rate(value: float) -> str:
    """Write a learning rate as the paper does, in LaTeX: 1e-4 is $10^{-4}$."""
    mantissa, exponent = f"{value:.6e}".split("e")
    factor = f"{float(mantissa):g}"
    power = f"10^{{{int(exponent)}}}"
    return f"${power}$" if factor == "1" else rf"${factor} \times {power}$"


def labels(study: Study, runs: pd.DataFrame) -> dict[str, str]:
    """Label the study's variants that were run: a winner equal to the published one is not."""
    first = {run["variant"]: run for run in runs.drop_duplicates("variant").to_dict("records")}
    return distinct(first[name] for name in study.variants if name in first)
