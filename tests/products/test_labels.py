"""Labels: what a variant is, its label in the params, and what differs where two read the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collected import setting
from digitpairs.products.labels import distinct, label, labels_of, number, sizes
from digitpairs.spec import Setting
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from nets import stack_of

MLP = setting("mlp")
FAST = setting("mlp", 0.01)
NARROW = setting("mlp", hidden=(150, 100))
WINNER = {"model": {"family": "mlp", "hidden": [200, 150]}, "learning_rate": 1e-3}
AGAIN = {
    "model": {"family": "mlp", "hidden": [200, 100]},
    "learning_rate": 1e-4,
}  # the published MLP


@pytest.mark.parametrize(
    ("name", "of", "text"),
    [
        ("x", MLP, "MLP"),
        ("x", setting("siamese_convnet", shared=True), "Siamese ConvNet, WS"),
        ("x", setting("siamese_convnet", aux_weight=1.0), "Siamese ConvNet, λ = 1"),
        (
            "x",
            setting("siamese_convnet", aux_weight=100.0, shared=True),
            "Siamese ConvNet, WS, λ = 100",
        ),
        ("mlp_selected", MLP, "MLP, selected"),
    ],
)
def test_a_label_says_what_a_variant_is(name: str, of: Setting, text: str) -> None:
    assert label(name, of) == text


def test_sizes_have_conv_channels_before_hidden_layers() -> None:
    assert sizes(setting("convnet").model) == "128-32, 400"
    assert sizes(MLP.model) == "200-100"


@pytest.mark.parametrize(
    ("value", "text"), [(1e-4, "0.0001"), (100.0, "100"), (1 / 3, repr(1 / 3)), (0.01, "0.01")]
)
def test_a_number_is_never_rounded_to_that_of_another(value: float, text: str) -> None:
    assert number(value) == text


def test_only_what_differs_tells_two_apart() -> None:
    rates = distinct({"a": MLP, "b": FAST}, {})
    assert rates == {"a": "MLP, lr 0.0001", "b": "MLP, lr 0.01"}
    widths = distinct({"a": MLP, "b": NARROW}, {})
    assert widths == {"a": "MLP, 200-100", "b": "MLP, 150-100"}
    three = distinct({"a": MLP, "b": FAST, "c": NARROW}, {})
    assert three["a"] == "MLP, 200-100, lr 0.0001"
    assert three["c"] == "MLP, 150-100, lr 0.0001"


def test_what_differs_is_looked_for_only_among_those_that_read_the_same() -> None:
    labels = distinct(
        {"a": MLP, "b": FAST, "c": setting("convnet"), "d": setting("siamese_mlp")}, {}
    )
    assert labels["c"] == "ConvNet"
    assert labels["d"] == "Siamese MLP"
    assert labels["a"] == "MLP, lr 0.0001"


def stack(*layers: dict[str, Any], **options: Any) -> Setting:
    return Setting(stack_of({"layers": [{"channels": 4}, *layers], **options}), 1e-3)


def test_options_that_differ_tell_two_stacks_apart_if_they_are_few() -> None:
    plain, dropping = stack(), stack(dropout=0.5, head=False)
    assert distinct({"a": plain}, {}) == {"a": "ConvStack"}
    assert distinct({"a": plain, "b": dropping}, {}) == {
        "a": "ConvStack",
        "b": "ConvStack, dropout 0.5, head false",
    }
    padded = stack({"channels": 8, "padding": "same"}), stack({"channels": 8, "padding": 1})
    assert list(distinct(dict(zip("ab", padded, strict=True)), {}).values()) == [
        "ConvStack, layers.1.padding same",
        "ConvStack, layers.1.padding 1",
    ]
    long = stack({"channels": 8, "padding": "same"}, {"channels": 8})
    assert distinct({"a": plain, "b": long}, {}) == {"a": "a", "b": "b"}


def test_variants_that_differ_in_nothing_go_by_their_names() -> None:
    assert distinct({"a": MLP, "b": MLP}, {}) == {"a": "a", "b": "b"}
    assert distinct({"a": MLP, "b": MLP, "c": NARROW}, {}) == {
        "a": "a",
        "b": "b",
        "c": "MLP, 150-100",
    }


def test_a_label_of_the_params_stays_as_it_is() -> None:
    assert distinct({"a": MLP, "b": FAST}, {"b": "Fast"}) == {"a": "MLP", "b": "Fast"}
    assert distinct({"a": MLP, "b": FAST}, {"b": "MLP"}) == {"a": "MLP, lr 0.0001", "b": "MLP"}
    assert distinct({"a": MLP, "b": MLP}, {"b": "MLP"}) == {"a": "a", "b": "MLP"}


def test_a_label_of_the_params_may_be_what_another_would_become() -> None:
    labels = distinct({"a": MLP, "b": FAST, "c": NARROW}, {"c": "MLP, lr 0.01"})
    assert labels == {"a": "MLP, lr 0.0001", "b": "b", "c": "MLP, lr 0.01"}


settings = st.builds(
    setting,
    st.sampled_from(["mlp", "siamese_mlp"]),
    st.sampled_from([1e-4, 1e-4 + 1e-12, 0.01]),
    hidden=st.sampled_from([(200, 100), (150, 100)]),
)
texts = st.sampled_from(
    ["MLP", "MLP, 200-100", "MLP, lr 0.01", "Siamese MLP", "MLP, 200-100, lr 0.01"]
)


@given(
    st.dictionaries(st.sampled_from([*"abcdef", "mlp_selected"]), settings, min_size=1),
    st.dictionaries(st.sampled_from("abcdef"), texts),
)
def test_no_two_variants_bear_the_same_label(
    shown: dict[str, Setting], given_labels: dict[str, str]
) -> None:
    once = {text: name for name, text in given_labels.items() if name in shown}
    own = {name: text for text, name in once.items()}  # two equal ones are refused in the params
    labels = distinct(shown, own)
    assert len(set(labels.values())) == len(shown)
    assert all(labels[name] == text for name, text in own.items())
    assert labels.get("mlp_selected", ", selected").endswith(", selected")


def params_with(content: dict[str, Any], shown: list[str], **labels: str) -> Params:
    """The quick params, with labels of variants, and a study that shows some."""
    for name, text in labels.items():
        content["variants"][name]["label"] = text
    content["studies"]["new"] = {"kind": "box", "title": "New", "variants": shown}
    return check(content)


def labelled(params: Params, **winners: Any) -> dict[str, str]:
    return labels_of(params, params.studies["new"], winners)


def test_labels_come_from_the_params_in_the_order_of_the_study(content: dict[str, Any]) -> None:
    params = params_with(content, ["convnet", "mlp"], mlp="Perceptron")
    assert list(labelled(params).items()) == [("convnet", "ConvNet"), ("mlp", "Perceptron")]


def test_a_label_is_not_that_of_a_variant_with_this_base(content: dict[str, Any]) -> None:
    shown = ["siamese_convnet", "siamese_convnet_shared"]
    params = params_with(content, shown, siamese_convnet="Twins")
    assert list(labelled(params).values()) == ["Twins", "Siamese ConvNet, WS"]


def test_a_winner_is_selected(content: dict[str, Any]) -> None:
    params = params_with(content, ["mlp", "mlp_selected"])
    assert labelled(params, mlp=WINNER) == {"mlp": "MLP", "mlp_selected": "MLP, selected"}


def test_a_variant_that_the_search_found_again_is_also_selected(content: dict[str, Any]) -> None:
    params = params_with(content, ["mlp", "mlp_selected"])
    assert labelled(params, mlp=AGAIN) == {"mlp": "MLP, also selected"}
    params = params_with(content, ["mlp_selected"], mlp="Perceptron")
    assert labelled(params, mlp=AGAIN) == {"mlp": "Perceptron, also selected"}


def test_a_family_without_a_winner_has_no_label_for_one(content: dict[str, Any]) -> None:
    params = params_with(content, ["mlp", "mlp_selected"])
    assert labelled(params, convnet=WINNER) == {"mlp": "MLP"}
