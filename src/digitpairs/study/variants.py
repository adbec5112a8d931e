"""Variants resolved: a base and what it changes becomes a model, a learning rate, a loss weight."""

from typing import Any

from digitpairs.errors import ParamsError, nearest
from digitpairs.models.registry import family_of
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.schema import Params

SELECTED = "_selected"  # FAMILY_selected is the winner of the search


def resolve(params: Params, name: str) -> Setting:
    """Follow the bases of variant `name`. Raises ParamsError where the result is no net."""
    chain, current = [name], params.variants[name]
    layers = [current]
    while current.base is not None:
        path = f"variants.{chain[-1]}.base: {current.base!r}"
        if current.base in chain:
            raise ParamsError(
                f"{path}: bases go round in a circle: {' -> '.join([*chain, current.base])}"
            )
        if current.base not in params.variants:
            raise ParamsError(f"{path}: unknown variant{nearest(current.base, params.variants)}")
        chain.append(current.base)
        current = params.variants[current.base]
        layers.append(current)
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged |= layer.model_dump(exclude_none=True, exclude={"base", "label"})
    return setting(name, merged)


def setting(name: str, merged: dict[str, Any]) -> Setting:
    """Check that a family and its sizes go together."""
    for key in ("family", "hidden", "learning_rate"):
        if key not in merged:
            raise ParamsError(f"variants.{name}.{key}: missing; set it here or in a base")
    model = ModelSpec(
        merged["family"],
        tuple(merged["hidden"]),
        tuple(merged.get("channels", ())),
        merged.get("shared", False),
    )
    family = family_of(model)
    if family.convolutional and not model.channels:
        raise ParamsError(f"variants.{name}.channels: missing; a {model.family} needs them")
    if model.channels and not family.convolutional:
        raise ParamsError(
            f"variants.{name}.channels: {merged['channels']}: {model.family} has no conv layers; "
            "leave it out"
        )
    for key in ("shared", "aux_weight"):
        if merged.get(key) and not family.siamese:
            raise ParamsError(
                f"variants.{name}.{key}: {merged[key]!r}: only siamese nets have two branches; "
                "leave it out or choose a siamese family"
            )
    return Setting(model, merged["learning_rate"], merged.get("aux_weight", 0.0))


def resolve_all(params: Params) -> dict[str, Setting]:
    """Resolve every variant of the params."""
    return {name: resolve(params, name) for name in params.variants}
