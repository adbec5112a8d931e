"""Variants take from their bases what they do not change; what fits no net is named."""

import json
from copy import deepcopy
from typing import Any

import pytest
from contents import MISSING, QUICK, Key, check_line, problems, with_value

from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from digitpairs.study.variants import resolve, resolve_all


def test_a_variant_takes_from_its_bases_what_it_does_not_change(full_params: Params) -> None:
    assert resolve(full_params, "siamese_convnet_shared_aux_100") == Setting(
        ModelSpec("siamese_convnet", (50,), (128, 32), shared=True), 1e-2, 100.0
    )
    assert resolve(full_params, "mlp") == Setting(ModelSpec("mlp", (200, 100)), 1e-4, 0.0)


def test_all_variants_are_resolved_in_order(full_params: Params) -> None:
    settings = resolve_all(full_params)
    assert list(settings) == list(full_params.variants)
    assert settings["mlp"] == resolve(full_params, "mlp")


WRONG: list[tuple[Key, Any, str, list[str]]] = [
    (("variants", "mlp", "base"), "mpl", "variants.mlp.base", ["'mpl'", "did you mean mlp?"]),
    (("variants", "mlp", "base"), "mlp", "variants.mlp.base", ["'mlp'", "circle"]),
    (
        ("variants", "mlp", "channels"),
        [8],
        "variants.mlp.channels",
        ["[8]", "takes hidden alone"],
    ),
    (("variants", "convnet", "channels"), MISSING, "variants.convnet.channels", ["missing"]),
    (("variants", "mlp", "hidden"), MISSING, "variants.mlp.hidden", ["missing"]),
    (("variants", "mlp", "family"), MISSING, "variants.mlp.family", ["missing"]),
    (
        ("variants", "convnet", "learning_rate"),
        MISSING,
        "variants.convnet.learning_rate",
        ["missing"],
    ),
    (("variants", "mlp", "aux_weight"), 2, "variants.mlp.aux_weight", ["2.0", "siamese"]),
    (("variants", "convnet", "shared"), True, "variants.convnet.shared", ["True", "siamese"]),
]


@pytest.mark.parametrize(("path", "value", "place", "pieces"), WRONG)
def test_what_fits_no_net_gets_one_line(
    path: Key, value: Any, place: str, pieces: list[str]
) -> None:
    check_line(path, value, place, pieces)


def test_a_base_that_is_wrong_is_named_once_not_for_each_heir() -> None:
    lines = problems(with_value(("variants", "siamese_convnet_shared", "base"), "siamese_convnets"))
    assert len(lines) == 1
    assert "did you mean siamese_convnet?" in lines[0]


def test_bases_in_a_circle_are_all_shown() -> None:
    lines = problems(with_value(("variants", "siamese_mlp", "base"), "siamese_mlp_shared"))
    assert "siamese_mlp -> siamese_mlp_shared -> siamese_mlp" in lines[0]
    assert all("bases go round in a circle" in line for line in lines)


STACK = {"family": "convstack", "learning_rate": 1e-3}
LAYERS: list[dict[str, Any]] = [{"channels": 4}, {"channels": 8, "padding": "same"}]


def stacks(**variants: Any) -> dict[str, ModelSpec]:
    """The models of variants that are added to the quick params."""
    content = deepcopy(QUICK)
    content["variants"] |= variants
    params = check(content)
    return {name: resolve(params, name).model for name in variants}


def test_options_replace_a_bases_as_a_whole() -> None:
    models = stacks(
        stack={**STACK, "options": {"layers": LAYERS, "hidden": [9]}},
        wide={"base": "stack", "options": {"layers": LAYERS}},
        slow={"base": "stack", "learning_rate": 1e-4},
    )
    stack = json.loads(models["stack"].options)
    assert stack == {"layers": LAYERS, "hidden": [9]}
    assert json.loads(models["wide"].options) == {"layers": LAYERS}
    assert models["slow"] == models["stack"]
    assert models["stack"].hidden == models["stack"].channels == ()


def test_options_left_at_their_defaults_are_not_part_of_a_model() -> None:
    spelled = {"layers": [{"kernel": 3, **layer} for layer in LAYERS], "head": True}
    models = stacks(one={**STACK, "options": {"layers": LAYERS}}, two={**STACK, "options": spelled})
    assert models["one"] == models["two"]


def test_params_with_options_can_be_written_as_json_and_read_again() -> None:
    content = deepcopy(QUICK)
    content["variants"]["stack"] = {**STACK, "options": {"layers": LAYERS, "dropout": 0.1}}
    params = check(content)
    again = Params.model_validate_json(params.model_dump_json())
    assert resolve(again, "stack") == resolve(params, "stack")


@pytest.mark.parametrize(
    ("variant", "lines"),
    [
        ({}, ["variants.stack.options.layers: missing; it has to be set"]),
        (
            {"options": {"layers": [{"chanels": 4}], "heads": 1}},
            [
                "variants.stack.options.layers.0.chanels: unknown key; did you mean channels?",
                "variants.stack.options.layers.0.channels: missing",
                "variants.stack.options.heads: unknown key; did you mean head?",
            ],
        ),
        (
            {"options": {"layers": [{"channels": 4, "residual": 1}]}},
            ["variants.stack.options.layers.0.residual: 1: would add 1×14×14 to 4×12×12"],
        ),
        ({"options": 3}, ["variants.stack.options: 3: Input should be a valid dictionary"]),
        (
            {"options": {"layers": LAYERS}, "hidden": [3]},
            ["variants.stack.hidden: [3]: a convstack takes options alone; leave it out"],
        ),
        (
            {"options": {"layers": LAYERS}, "shared": True},
            ["variants.stack.shared: True: a convstack takes options alone"],
        ),
    ],
)
def test_options_that_fit_no_net_get_a_line_each(variant: Any, lines: list[str]) -> None:
    content = deepcopy(QUICK)
    content["variants"]["stack"] = {**STACK, **variant}
    found = problems(content)
    assert len(found) == len(lines)
    for line in lines:
        assert any(one.startswith(line) for one in found), line


def test_sizes_take_no_options() -> None:
    check_line(
        ("variants", "mlp", "options"), {"head": 1}, "variants.mlp.options", ["takes hidden alone"]
    )
