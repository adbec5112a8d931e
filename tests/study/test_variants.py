"""Variants take from their bases what they do not change; what fits no net is named."""

from typing import Any

import pytest
from contents import MISSING, Key, check_line, problems, with_value

from digitpairs.spec import ModelSpec, Setting
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
