"""What claims come to, in a terminal."""

import re
from typing import Any

import pandas as pd
import pytest

from claimed import BETTER, LIKE, MLP, of_seeds, params_with
from digitpairs.products.numbers.claims import claims as judged
from digitpairs.products.terminal.claims import claims
from digitpairs.study.schema import Params
from terminals import shown, terminal, words

LABELS = {"convnet": "ConvNet", "mlp": "MLP", "siamese_mlp": "Siamese MLP"}


@pytest.fixture
def params(content: dict[str, Any]) -> Params:
    compare = {"convnet": ["mlp"], "siamese_mlp": ["mlp", 0.5]}
    return params_with(
        content,
        one={"says": "One [bold] beats λ = 2."},
        several={"says": "Each beats what it is compared with.", "compare": compare},
    )


@pytest.fixture
def found(params: Params) -> pd.DataFrame:
    final = [accuracy - 0.06 for accuracy in BETTER]
    results = pd.concat(
        [of_seeds("convnet", BETTER, final), of_seeds("mlp", MLP), of_seeds("siamese_mlp", LIKE)],
        ignore_index=True,
    )
    return judged(params, results, {})


def lines(params: Params, found: pd.DataFrame, width: int, **options: Any) -> list[str]:
    console = terminal(width, options.pop("encoding", "utf-8"), **options)
    return shown(console, claims(console, found, params.claims)).splitlines()


def test_a_claim_has_its_verdict_its_weakest_comparison_and_its_source(
    params: Params, found: pd.DataFrame
) -> None:
    printed = lines(params, found, 120)
    assert printed[0].split() == ["Claim", "Verdict", "Difference", "Source"]
    assert re.split(r" {2,}", printed[2].strip())[:2] == ["One [bold] beats λ = 2.", "confirmed"]
    assert re.search(
        r"confirmed +\+5\.12 \[\+\d\.\d\d, \+\d\.\d\d\]  Table 1$", printed[2].rstrip()
    )
    assert re.search(r"partly +\S+ \[.*\]  Table 1$", printed[3].rstrip())
    assert printed[4] == ""
    said = words(" ".join(printed[5:]))
    assert "over 8 seeds" in said and "supports the claim least" in said


def test_claims_that_another_measure_would_judge_otherwise_are_named(
    params: Params, found: pd.DataFrame
) -> None:
    said = words(" ".join(lines(params, found, 120)))
    assert "at the final epoch these verdicts would be others: One [bold] beats λ = 2" in said


def test_comparisons_are_indented_below_their_claim(params: Params, found: pd.DataFrame) -> None:
    console = terminal(120)
    printed = shown(console, claims(console, found, params.claims, LABELS)).splitlines()
    assert printed[0].split() == ["Claim", "Verdict", "Difference", "p", "Source"]
    assert printed[3].startswith("  ConvNet, against MLP  ")
    assert re.search(r"\] {2,}\.\d{3}$", printed[3].rstrip())
    assert printed[4].strip() == ""
    assert printed[5].startswith("Each beats") and " partly " in printed[5]
    assert "[" not in printed[5]
    compared = [re.split(" {2,}", line.strip())[0] for line in printed[6:9]]
    assert compared == [
        "ConvNet, against MLP",
        "Siamese MLP, against MLP",
        "Siamese MLP, against .5",
    ]
    assert " not supported " in printed[7]
    assert "adjusted after Holm" in words(" ".join(printed))


@pytest.mark.parametrize("labels", [None, LABELS])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_in_60_columns_no_number_wraps(
    params: Params, found: pd.DataFrame, labels: dict[str, str] | None, encoding: str
) -> None:
    console = terminal(60, encoding)
    text = shown(console, claims(console, found, params.claims, labels))
    assert max(map(len, text.splitlines())) <= 60
    text.encode(encoding)
    number = r"[+−-]\d+\.\d\d"
    effects = re.findall(rf"{number} \[{number}, {number}\]", text)
    assert len(effects) == (4 if labels else 2)
    assert "Source" not in text and "Table 1" in text


def test_colour_only_says_again_what_the_words_say(params: Params, found: pd.DataFrame) -> None:
    colours = {"force_terminal": True, "color_system": "standard", "legacy_windows": False}
    coloured = lines(params, found, 120, **colours)
    assert "\x1b[32mconfirmed" in coloured[2] and "\x1b[33mpartly" in coloured[3]
    plain = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in coloured]
    assert plain == lines(params, found, 120)
    assert "\x1b" not in "".join(plain)


def test_claims_that_are_gone_are_left_out(params: Params, found: pd.DataFrame) -> None:
    left = params.model_copy(update={"claims": {"one": params.claims["one"]}})
    assert "Each beats" not in "\n".join(lines(left, found, 120))
