"""A `label` of a variant: one line that is no other's."""

from typing import Any

import pytest

from digitpairs.digits.source import Source
from digitpairs.errors import ParamsError
from digitpairs.runs.plan import evaluation_runs
from digitpairs.study.load import check

MNIST = Source("mnist", "0123456789ab")


def problem(content: dict[str, Any]) -> str:
    """The one thing that is wrong with params."""
    with pytest.raises(ParamsError) as caught:
        check(content)
    _, line = str(caught.value).split("\n")
    return line.strip()


@pytest.mark.parametrize(
    "label",
    [
        "",
        " MLP",
        "MLP ",
        "two  spaces",
        "two\nlines",
        "a\ttab",
        "a\u202etrick",
        "x" * 61,
        7,
        ["MLP"],
    ],
)
def test_a_label_is_one_printable_line(content: dict[str, Any], label: Any) -> None:
    content["variants"]["mlp"]["label"] = label
    assert problem(content).startswith("variants.mlp.label: ")


@pytest.mark.parametrize("label", ["MLP, selected", "MLP, also selected", "MLP*", "selected"])
def test_a_label_does_not_look_like_that_of_a_winner(content: dict[str, Any], label: str) -> None:
    content["variants"]["mlp"]["label"] = label
    assert "these mark the search's winners" in problem(content)


@pytest.mark.parametrize("name", ["convnet", "siamese_convnet_shared_aux_1"])
def test_a_label_is_not_the_name_of_another_variant(content: dict[str, Any], name: str) -> None:
    content["variants"]["mlp"]["label"] = name
    assert problem(content) == f"variants.mlp.label: {name!r}: is the name of another variant"


def test_a_label_may_be_the_variants_own_name(content: dict[str, Any]) -> None:
    content["variants"]["mlp"]["label"] = "mlp"
    assert check(content).variants["mlp"].label == "mlp"


def test_two_variants_of_a_study_have_no_label_in_common(content: dict[str, Any]) -> None:
    for name in ("siamese_mlp", "siamese_mlp_shared"):  # figure 3 shows both
        content["variants"][name]["label"] = "Twins"
    expected = "studies.figure3.variants: two have the label 'Twins'; give one of them another"
    assert problem(content) == expected


def test_variants_that_no_study_shows_together_may_have(content: dict[str, Any]) -> None:
    for name in ("mlp", "siamese_mlp"):
        content["variants"][name]["label"] = "Dense"
    check(content)


def test_nor_does_a_sweep_mind_since_it_shows_no_labels(content: dict[str, Any]) -> None:
    names = [f"siamese_convnet_shared_aux_{weight}" for weight in ("0.01", "1")]
    for name in names:
        content["variants"][name]["label"] = "Twins"
    assert check(content).variants[names[1]].label == "Twins"


def test_a_label_trains_nothing(content: dict[str, Any]) -> None:
    before = evaluation_runs(check(content), MNIST, {})
    content["variants"]["siamese_convnet"]["label"] = "Twins"  # a base of others
    assert evaluation_runs(check(content), MNIST, {}) == before
