"""The rule by which claims are judged: each verdict, and what is just not it."""

from typing import Any

import pytest

from digitpairs.products.numbers import verdicts
from digitpairs.products.numbers.evidence import Evidence
from digitpairs.study.claims import Claim

NAN = float("nan")


def claim(direction: str = "above", margin: float = 0.005, at_least: float | None = None) -> Claim:
    return Claim(
        source="Table 1",
        quote="words",
        says="Words.",
        measure="best_accuracy",
        direction=direction,
        margin=margin,
        at_least=at_least,
        compare={"a": ["b"]},
    )


def found(effect: float, low: float, high: float, equivalence_p: float = 0.9) -> Evidence:
    return Evidence(15, effect, low, high, 0.01, equivalence_p)


ABOVE, BELOW, EQUAL = claim("above"), claim("below"), claim("equal")
CLEAR = found(0.02, 0.01, 0.03)
LOSS = found(-0.02, -0.03, -0.01)

JUDGED: list[tuple[Claim, Evidence, float, str]] = [
    (ABOVE, CLEAR, 0.049, "confirmed"),
    (ABOVE, CLEAR, 0.05, "undecided"),
    (ABOVE, LOSS, 0.049, "contradicted"),
    (ABOVE, LOSS, 0.05, "undecided"),
    (BELOW, LOSS, 0.049, "confirmed"),
    (BELOW, CLEAR, 0.049, "contradicted"),
    # Shown to be within the margin: a difference that is there is none that matters.
    (ABOVE, found(0.002, 0.001, 0.003, 0.049), 0.001, "not supported"),
    (ABOVE, found(-0.002, -0.003, -0.001, 0.049), 0.001, "not supported"),
    (ABOVE, found(0.002, 0.001, 0.003, 0.05), 0.001, "confirmed"),
    (ABOVE, found(0.0, -0.001, 0.001, 0.049), 0.9, "not supported"),
    (ABOVE, found(0.0, -0.02, 0.02), 0.9, "undecided"),
    # Short of the size that is claimed.
    (claim("above", at_least=0.03), found(0.0299, 0.01, 0.05), 0.01, "partly"),
    (claim("above", at_least=0.03), found(0.03, 0.01, 0.05), 0.01, "confirmed"),
    (claim("above", at_least=0.03), found(0.02, 0.01, 0.0299), 0.2, "undecided"),
    (claim("above", at_least=0.03), LOSS, 0.01, "contradicted"),
    (claim("below", at_least=0.03), found(-0.0299, -0.05, -0.01), 0.01, "partly"),
    (claim("below", at_least=0.03), found(-0.03, -0.05, -0.01), 0.01, "confirmed"),
    # Equal: p is that of a difference of at least the margin.
    (EQUAL, found(0.001, -0.001, 0.003), 0.049, "confirmed"),
    (EQUAL, found(0.001, -0.001, 0.003), 0.05, "undecided"),
    (EQUAL, found(0.02, 0.0051, 0.03), 0.9, "contradicted"),
    (EQUAL, found(0.02, 0.005, 0.03), 0.9, "undecided"),
    (EQUAL, found(-0.02, -0.03, -0.0051), 0.9, "contradicted"),
    (EQUAL, found(-0.02, -0.03, -0.005), 0.9, "undecided"),
    # Nothing to judge by.
    (ABOVE, Evidence(1, 0.02, NAN, NAN, NAN, NAN), NAN, "undecided"),
    (EQUAL, Evidence(1, 0.02, NAN, NAN, NAN, NAN), NAN, "undecided"),
]


@pytest.mark.parametrize(("of", "by", "p_holm", "verdict"), JUDGED)
def test_a_comparison_is_judged_by_one_rule(
    of: Claim, by: Evidence, p_holm: float, verdict: str
) -> None:
    assert verdicts.verdict(of, by, p_holm) == verdict


COUNTED: list[tuple[dict[str, Any], float, str]] = [
    ({"direction": "below", "at_least": 0.45}, -0.488, "confirmed"),
    ({"direction": "below", "at_least": 0.5}, -0.488, "partly"),
    ({"direction": "below"}, 0.2, "contradicted"),
    ({"direction": "below"}, -0.05, "not supported"),
    ({"direction": "above"}, 0.06, "confirmed"),
    ({"direction": "equal"}, 0.05, "confirmed"),
    ({"direction": "equal"}, -0.06, "contradicted"),
]


@pytest.mark.parametrize(("of", "effect", "verdict"), COUNTED)
def test_what_is_counted_is_judged_without_an_interval(
    of: dict[str, Any], effect: float, verdict: str
) -> None:
    assert verdicts.counted(claim(margin=0.05, **of), effect) == verdict


@pytest.mark.parametrize(
    ("effect", "verdict"),
    [(0.0, "confirmed"), (-0.001, "not supported"), (NAN, "undecided")],
)
def test_one_search_does_not_contradict_another(effect: float, verdict: str) -> None:
    assert verdicts.selected(effect) == verdict


@pytest.mark.parametrize(
    ("of", "verdict"),
    [
        (["confirmed", "confirmed"], "confirmed"),
        (["confirmed", "undecided"], "partly"),
        (["confirmed", "contradicted"], "partly"),
        (["partly", "not supported"], "partly"),
        (["partly", "confirmed"], "partly"),
        (["contradicted", "undecided"], "contradicted"),
        (["contradicted", "not supported"], "contradicted"),
        (["not supported", "undecided"], "not supported"),
        (["undecided"], "undecided"),
    ],
)
def test_a_claim_is_judged_by_all_its_comparisons(of: list[str], verdict: str) -> None:
    assert verdicts.of_all(of) == verdict
    assert verdicts.of_all(of[::-1]) == verdict


@pytest.mark.parametrize(
    ("p", "equivalence_p", "verdict"),
    [
        (0.001, 0.049, "same"),
        (0.9, 0.05, "undecided"),
        (0.049, 0.05, "different"),
        (0.05, 0.05, "undecided"),
        (NAN, NAN, "undecided"),
    ],
)
def test_a_number_beside_the_papers(p: float, equivalence_p: float, verdict: str) -> None:
    assert verdicts.against_paper(Evidence(15, 0.0, 0.0, 0.0, p, equivalence_p)) == verdict


def test_the_rule_in_words_names_every_verdict() -> None:
    said = verdicts.RULE.lower()
    assert [name for name in verdicts.VERDICTS if f"{name}:" not in said] == []
