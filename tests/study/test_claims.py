"""Claims are read from a file of their own; whatever is wrong gets a line that names the key."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from contents import QUICK, Content, junk, problems
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.errors import ParamsError
from digitpairs.study import claims
from digitpairs.study.claims import Claim
from digitpairs.study.load import check, claims_file, load
from digitpairs.study.schema import Params
from project import ROOT

TEXT = (ROOT / "claims.quick.yaml").read_text(encoding="utf-8")
CLAIMS: Content = yaml.safe_load(TEXT)
CAP, NAIVE = CLAIMS["cap"], CLAIMS["siamese_over_naive"]


def with_claim(claim: Content, **changes: Any) -> Content:
    """The quick params and a claim `new`, of which some is another."""
    return {**QUICK, "claims": {"new": {**deepcopy(claim), **changes}}}


BAD_VALUES: list[tuple[str, Any, str]] = [
    ("margin", -0.001, "greater than or equal to 0"),
    ("margin", 1.5, "less than or equal to 1"),
    ("margin", "wide", "number"),
    ("margin", True, "number"),
    ("at_least", 0, "greater than 0"),
    ("at_least", -0.1, "greater than 0"),
    ("quote", "", "at least 1 character"),
    ("quote", " ", "no space at its ends"),
    ("quote", "two\nlines", "one line"),
    ("quote", "x" * 201, "at most 200"),
    ("says", "", "at least 1 character"),
    ("source", 3, "valid string"),
    ("measure", "accuracy", "'best_accuracy', 'final_accuracy', 'many_pairs_accuracy'"),
    ("direction", "up", "'above', 'below' or 'equal'"),
    ("compare", {}, "at least 1 item"),
    ("compare", [["mlp", "convnet"]], "valid dictionary"),
    ("compare.siamese_mlp", [], "at least 1 item"),
    ("compare.siamese_mlp", "mlp", "valid list"),
    ("compare.siamese_mlp", 0.95, "valid list"),
    ("compare.siamese_mlp.0", True, "a variant, or a number from 0 to 1"),
    ("compare.siamese_mlp.0", 95, "a variant, or a number from 0 to 1"),
    ("compare.siamese_mlp.0", None, "a variant, or a number from 0 to 1"),
    ("group", "My Group", "match pattern"),
]


@pytest.mark.parametrize(("path", "value", "allowed"), BAD_VALUES)
def test_a_bad_value_gets_one_line_with_key_value_and_what_is_allowed(
    path: str, value: Any, allowed: str
) -> None:
    content = with_claim(NAIVE)
    *sections, key = path.split(".")
    section = content["claims"]["new"]
    for name in sections:
        section = section[name]
    section[int(key) if key.isdigit() else key] = value
    (line,) = problems(content)
    shown = repr(value) if len(repr(value)) < 80 else repr(value)[:79]
    assert line.startswith(f"claims.new.{path}: {shown}")
    assert allowed in line


def test_an_unknown_key_is_named_with_the_nearest() -> None:
    (line,) = problems(with_claim(NAIVE, margins=0.1))
    assert line.startswith("claims.new.margins: unknown key; did you mean margin?")


@pytest.mark.parametrize("key", ["source", "quote", "says", "measure", "direction", "compare"])
def test_a_missing_key_is_named(key: str) -> None:
    content = with_claim(NAIVE)
    del content["claims"]["new"][key]
    assert problems(content) == [f"claims.new.{key}: missing; it has to be set"]


@given(st.sampled_from(list(NAIVE)), junk)
def test_junk_never_ends_in_a_traceback(key: str, value: Any) -> None:
    try:
        assert isinstance(check(with_claim(NAIVE, **{key: value})), Params)
    except ParamsError as error:
        assert str(error).startswith("params that cannot be used:\n  claims.new.")


# The file.


@pytest.fixture
def params(tmp_path: Path) -> Path:
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(QUICK))
    return path


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ("params.yaml", "claims.yaml"),
        ("params.quick.yaml", "claims.quick.yaml"),
        ("mine.yaml", "claims.mine.yaml"),
        ("params", "claims"),
    ],
)
def test_claims_lie_beside_the_params_of_their_name(params: str, name: str) -> None:
    assert claims_file(Path("folder", params)) == Path("folder", name)


def test_claims_are_read_with_the_params(params: Path) -> None:
    assert load(params).claims == {}
    params.with_name("claims.yaml").write_text(TEXT)
    found = load(params).claims
    assert list(found) == list(CLAIMS)
    assert found["cap"].compare == {"siamese_convnet_shared_aux_100": [0.95]}
    assert found["cap"] == Claim(**CAP)


WRONG: list[tuple[Callable[[str], str], str]] = [
    (
        lambda text: text.replace("  margin: 0.005\n", "  margin: 0.005\n  margin: 0.1\n", 1),
        "claims.yaml, line 10: siamese_over_naive.margin: this key is given twice",
    ),
    (lambda text: text + TEXT, "siamese_over_naive: this key is given twice"),
    (lambda text: text.replace("0.005", "&m 0.005"), "& and * are not allowed"),
    (lambda text: "- a list\n", "claims.yaml: ['a list']: has to be a mapping"),
    (lambda text: "cap: {", "claims.yaml, line 1: cannot be read as YAML"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_a_file_that_cannot_be_read_is_named_with_its_line(
    params: Path, change: Callable[[str], str], message: str
) -> None:
    params.with_name("claims.yaml").write_text(change(TEXT))
    with pytest.raises(ParamsError, match=re.escape(message)):
        load(params)


def test_claims_in_the_params_file_are_sent_to_their_own(params: Path) -> None:
    params.write_text(yaml.safe_dump({**QUICK, "claims": CLAIMS}, sort_keys=False))
    with pytest.raises(ParamsError, match=r"params\.yaml: claims: .* into \S+/claims\.yaml"):
        load(params)
    handed = params.rename(params.with_name("params-0123"))  # as jobs are
    assert list(load(handed).claims) == list(CLAIMS)


def test_the_committed_schema_is_that_of_the_claims() -> None:
    committed = (ROOT / "workflow/schemas/claims.schema.json").read_text(encoding="utf-8")
    assert committed == claims.json_schema(), (
        "run `digitpairs schema claims > workflow/schemas/claims.schema.json`"
    )


def test_every_key_is_described_in_the_schema() -> None:
    properties = json.loads(claims.json_schema())["$defs"]["Claim"]["properties"]
    assert [key for key, about in properties.items() if "description" not in about] == []


def test_every_key_has_a_comment_where_it_first_appears() -> None:
    lines = (ROOT / "claims.yaml").read_text(encoding="utf-8").splitlines()
    for key in Claim.model_fields:
        first = next(line for line in lines if line.startswith(f"  {key}:"))
        assert " # " in first, key


def test_quick_claims_have_a_claim_of_each_kind(quick_params: Params) -> None:
    """Whatever products the paper's claims need, the quick run makes."""
    found = quick_params.claims.values()
    kinds = {(one.measure in claims.ACCURACIES, one.measure) for one in found}
    assert {"parameters", "selection"} < {measure for _, measure in kinds}
    assert {type(other) for one in found for of in one.compare.values() for other in of} == {
        str,
        float,
    }


def test_the_papers_claims_name_its_variants_alone(full_params: Params) -> None:
    assert len(full_params.claims) == 11
    assert {name for name, one in full_params.claims.items() if one.group} == {
        "digit_recognition",
        "schedules",
    }


def test_what_is_shown_is_no_setting(tmp_path: Path) -> None:
    file = tmp_path / "params.yaml"
    file.write_text((ROOT / "params.quick.yaml").read_text("utf-8") + "\nshown: [audit]\n")
    with pytest.raises(ParamsError, match="shown: is no setting; the report shows what was made"):
        load(file)
