"""The verdicts in short: each claim with the comparison that supports it least."""

from typing import Any

import pandas as pd
import pytest

from digitpairs.products.tables.verdicts import effect, markdown, signed, weakest
from digitpairs.study.claims import Claim

NAN = float("nan")


def row(effect: float, direction: str = "above", **other: Any) -> dict[str, Any]:
    of = {"effect": effect, "direction": direction, "measure": "best_accuracy"}
    return of | {"low": effect - 0.01, "high": effect + 0.01} | other


@pytest.mark.parametrize(
    ("direction", "effects", "least"),
    [
        ("above", [0.02, 0.01, 0.03], 0.01),
        ("above", [0.02, -0.01], -0.01),
        ("below", [-0.02, -0.01, -0.03], -0.01),
        ("equal", [0.01, -0.02, 0.0], -0.02),
    ],
)
def test_the_weakest_supports_the_direction_least(
    direction: str, effects: list[float], least: float
) -> None:
    assert weakest([row(one, direction) for one in effects])["effect"] == least


def test_what_is_missing_supports_nothing() -> None:
    assert pd.isna(weakest([row(0.01), row(NAN), row(-0.5)])["effect"])


def test_effects_are_in_points_with_their_interval_and_shares_without() -> None:
    assert effect(row(0.0111)) == r"+1.11 \[+0.11, +2.11\]"
    assert effect(row(-0.488, measure="parameters", low=NAN, high=NAN)) == "−48.80 %"
    assert effect(row(-0.031, measure="selection", low=NAN, high=NAN)) == "−3.10"
    assert effect(row(NAN)) == "–"
    assert signed(-0.0145) == "−1.45"


def test_a_claim_has_a_line_with_its_verdict_and_that_of_the_final_epoch() -> None:
    claim = Claim.model_validate(
        {
            **{"source": "s", "quote": "q", "says": "It wins |.", "measure": "best_accuracy"},
            **{"direction": "above", "margin": 0.01, "compare": {"a": ["b"]}},
        }
    )
    rows = [
        row(0.02, claim="one", decides=True, verdict="confirmed", claim_verdict="confirmed"),
        row(0.01, claim="one", decides=False, verdict="undecided", claim_verdict="confirmed")
        | {"measure": "final_accuracy"},
    ]
    last = markdown(pd.DataFrame(rows), {"one": claim}).splitlines()[-1]
    assert last == r"| It wins \|. | **confirmed** | +2.00 \[+1.00, +3.00\] | undecided | – |"
