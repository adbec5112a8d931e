"""A `label` of a variant or a winner: one line that is no other's beside it."""

from typing import Any

import pytest

from digitpairs.digits.source import Source
from digitpairs.errors import ParamsError
from digitpairs.identity import essentials
from digitpairs.products.labels import labels_of
from digitpairs.runs.plan import evaluation_runs
from digitpairs.study.grid import configurations
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from digitpairs.study.variants import given_labels

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


def grids(content: dict[str, Any], *labels: str) -> list[str]:
    """Add grids, the first with one base and the second with another; name their winners."""
    bases = ("siamese_mlp_shared", "siamese_convnet_shared", "siamese_convnet_shared")
    for number, (base, label) in enumerate(zip(bases, labels, strict=False)):
        grid = {"base": base, "learning_rate": [1e-3], "label": label}
        content["search"]["grids"][f"grid{number}"] = grid
    return [f"grid{number}_selected" for number in range(len(labels))]


def compared(content: dict[str, Any], variants: list[str], *references: str) -> None:
    """Add a study that compares."""
    study = {"kind": "forest", "title": "New", "variants": variants}
    content["studies"]["new"] = study | {"references": list(references)}


def test_a_winner_has_its_grids_label(content: dict[str, Any]) -> None:
    grids(content, "Faster")
    assert given_labels(check(content))["grid0_selected"] == "Faster"


def test_a_grids_label_is_no_variants_name_nor_another_label(content: dict[str, Any]) -> None:
    first, second = grids(content, "mlp", "Faster")
    assert problem(content) == "search.grids.grid0.label: 'mlp': is the name of a variant"
    grids(content, "Faster", "Faster")
    compared(content, ["mlp", first, second])
    assert problem(content).startswith("studies.new.variants: two have the label 'Faster'")


def test_below_two_references_one_label_may_stand_twice(content: dict[str, Any]) -> None:
    first, second, third = grids(content, "Faster", "Faster", "Faster")
    variants = ["siamese_mlp_shared", first, "siamese_convnet_shared", second]
    compared(content, variants, "siamese_convnet_shared")
    params = check(content)
    labels = labels_of(params, params.studies["new"], winners(params))
    assert list(labels.values()) == ["Siamese MLP, WS", "Faster", "Siamese ConvNet, WS", "Faster"]
    compared(content, [*variants, third], "siamese_convnet_shared")
    assert problem(content).startswith("studies.new.variants: two have the label 'Faster'")


def winners(params: Params) -> dict[str, Any]:
    """The first configuration of each grid, had it won."""
    return {name: essentials(found[0]) for name, found in configurations(params).items()}


@pytest.mark.parametrize("reference", ["convnet", "mlp_selected", "nothing"])
def test_a_reference_is_a_variant_of_the_study_and_no_winner(
    content: dict[str, Any], reference: str
) -> None:
    compared(content, ["mlp", "mlp_selected"], reference)
    expected = f"studies.new.references: {reference!r}: has to be among the study's variants"
    assert problem(content).startswith(expected)


@pytest.mark.parametrize(
    ("variants", "reference", "alone"),
    [
        (["mlp", "convnet"], "convnet", "mlp"),
        (["mlp", "siamese_mlp", "convnet"], "convnet", "convnet"),
    ],
)
def test_a_reference_is_followed_by_a_variant(
    content: dict[str, Any], variants: list[str], reference: str, alone: str
) -> None:
    compared(content, variants, reference)
    with pytest.raises(ParamsError) as caught:
        check(content)
    assert (
        f"studies.new.references: {alone!r}: is compared with nothing: let another variant follow, "
        "or leave it out"
    ) in str(caught.value)
    compared(content, [*variants[:2], "siamese_convnet"], *variants[:1])
    check(content)


def test_a_kind_that_compares_nothing_has_no_references(content: dict[str, Any]) -> None:
    content["studies"]["figure3"]["references"] = ["siamese_mlp"]
    assert problem(content) == (
        "studies.figure3.references: a box compares nothing; leave them out, or choose forest or "
        "differences"
    )


def test_a_label_trains_nothing(content: dict[str, Any]) -> None:
    before = evaluation_runs(check(content), MNIST, {})
    content["variants"]["siamese_convnet"]["label"] = "Twins"  # a base of others
    assert evaluation_runs(check(content), MNIST, {}) == before
