"""The table of claims: what a reader sees of each, and what another measure would say."""

from typing import Any

import pandas as pd
import pytest

from claimed import BETTER, LIKE, MLP, of_folds, of_seeds, params_with
from digitpairs.products.numbers.claims import claims
from digitpairs.products.numbers.verdicts import RULE
from digitpairs.products.tables.claims import COLUMNS, findings, rows, title
from digitpairs.products.tables.render import latex, markdown
from digitpairs.study.schema import Params

LABELS = {"mlp": "MLP", "convnet": "ConvNet", "siamese_mlp": "Siamese MLP"}
OF = {
    "gain": {"says": "A gain & more.", "source": "Table 9", "at_least": 0.08},
    "both": {
        "says": "Both beat it.",
        "compare": {"convnet": ["mlp"], "siamese_mlp": ["mlp", 0.95]},
    },
    "fewer": {
        "says": "It saves parameters.",
        "measure": "parameters",
        "direction": "below",
        "compare": {"convnet": ["mlp"]},
    },
    "won": {
        "says": "It wins.",
        "measure": "selection",
        "direction": "equal",
        "margin": 0,
        "compare": {"mlp": ["mlp_selected"]},
    },
}


@pytest.fixture
def params(content: dict[str, Any]) -> Params:
    return params_with(content, **OF)


@pytest.fixture
def found(params: Params) -> pd.DataFrame:
    """As read from claims.csv; one seed of a net is missing."""
    parts = [of_seeds("mlp", MLP), of_seeds("convnet", BETTER), of_seeds("siamese_mlp", LIKE[:7])]
    parts += [of_folds("mlp", 1e-4, [0.6, 0.7]), of_folds("mlp", 1e-3, [0.7, 0.7])]
    judged = claims(params, pd.concat(parts, ignore_index=True), {})
    return judged.assign(reference=judged["reference"].astype(str))


def column(frame: pd.DataFrame, name: str) -> list[str]:
    return [cell.markdown for cell in frame[name]]


def test_a_claim_has_a_row_and_one_for_each_of_several_comparisons(
    params: Params, found: pd.DataFrame
) -> None:
    frame = rows(found, params.claims, LABELS)
    assert list(frame) == COLUMNS
    assert column(frame, "Claim") == [
        r"A gain \& more.",
        "Both beat it.",
        "– ConvNet, against MLP",
        "– Siamese MLP, against MLP",
        "– Siamese MLP, against .95",
        "It saves parameters.",
        "It wins.",
    ]
    assert column(frame, "Source") == ["Table 9", "Table 1", "", "", "", "Table 1", "Table 1"]
    assert column(frame, "Verdict") == [
        *("partly", "partly", "confirmed", "not supported", "contradicted"),
        *("confirmed", "not supported"),
    ]


def test_effects_are_written_in_their_own_unit(params: Params, found: pd.DataFrame) -> None:
    frame = rows(found, params.claims, LABELS)
    effects = column(frame, "Effect")
    best = found[(found["claim"] == "gain") & found["decides"]].iloc[0]
    assert effects[0] == rf"{best['effect']:+.4f} \[{best['low']:+.4f}, {best['high']:+.4f}\]"
    assert effects[1] == ""
    assert effects[3].endswith(", 7 seeds") and "seeds" not in effects[2]
    assert effects[5:] == ["−6.9 %", "−0.0500"]
    assert column(frame, "Margin") == [".01", "", ".01", ".01", ".01", "", ""]
    assert column(frame, "p")[0] == f"{best['p_holm']:.3f}".removeprefix("0")
    assert column(frame, "p")[5:] == ["–", "–"]


def test_a_claim_that_another_measure_would_judge_otherwise_is_named(
    content: dict[str, Any],
) -> None:
    params = params_with(content, gain={"says": "It gains."}, same={"says": "So does it."})
    parts = [of_seeds("mlp", MLP), of_seeds("convnet", BETTER, LIKE)]
    found = claims(params, pd.concat(parts, ignore_index=True), {})
    assert list(findings(found, params.claims)) == [
        "By test accuracy at the final epoch these verdicts would be others: It gains (not "
        "supported); So does it (not supported).",
        "By accuracy over many pairs these verdicts would be others: It gains (not supported); So "
        "does it (not supported).",
    ]
    parts[1] = of_seeds("convnet", BETTER)
    assert (
        list(findings(claims(params, pd.concat(parts, ignore_index=True), {}), params.claims)) == []
    )


def test_the_caption_says_the_rule_and_what_decides(params: Params, found: pd.DataFrame) -> None:
    text = title(found)
    assert text.startswith("Claims, decided by test accuracy at the best epoch over 7 or 8 seeds. ")
    assert text.endswith(RULE)
    counted = title(found[found["claim"] == "won"])
    assert counted.startswith("Claims, decided by what is counted. ")


def test_both_formats_have_every_row(params: Params, found: pd.DataFrame) -> None:
    frame = rows(found, params.claims, LABELS)
    tex, md = latex(frame, "claims", "Text", None), markdown(frame, "Text", None)
    assert tex.count(r" \\") == len(frame) + 1 and md.count("\n| ") == len(frame) + 2
    assert r"A gain \& more." in tex and "-- ConvNet, against MLP" in tex
    assert "−" not in tex and "–" not in tex


def few_seeds(count: int, comparisons: int) -> pd.DataFrame:
    """Comparisons that decide, each over so many seeds."""
    row = {"decides": True, "seeds": float(count), "direction": "above", "measure": "best_accuracy"}
    return pd.DataFrame([row] * comparisons)


def test_the_caption_says_where_no_difference_can_be_confirmed() -> None:
    """By flips of five seeds no p is below 2 / 2**5, and by 15 seeds below 2 / 2**15."""
    assert "no p can be below 0.06: no difference can be confirmed" in title(few_seeds(5, 1))
    assert "no p can be below 0.12: no difference can be confirmed" in title(few_seeds(6, 4))
    for enough in (few_seeds(15, 20), few_seeds(6, 1)):
        assert "no difference can be confirmed" not in title(enough)
