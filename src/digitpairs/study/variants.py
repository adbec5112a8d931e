"""Resolves variants: a base and what it changes become a setting, which is all that is trained."""

from typing import Any

from digitpairs.errors import ParamsError, nearest
from digitpairs.models.registry import family_of
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.schema import Params

SELECTED = "_selected"  # FAMILY_selected is the winner of the search


def resolve(params: Params, name: str) -> Setting:
    """Follow the bases of a variant. Raises ParamsError where the result is no net."""
    chain = [name]
    while (base := params.variants[chain[-1]].base) is not None:
        path = f"variants.{chain[-1]}.base: {base!r}"
        if base in chain:
            raise ParamsError(f"{path}: bases go round in a circle: {' -> '.join([*chain, base])}")
        if base not in params.variants:
            raise ParamsError(f"{path}: unknown variant{nearest(base, params.variants)}")
        chain.append(base)
    merged: dict[str, Any] = {}
    for variant in reversed(chain):
        own = params.variants[variant].model_dump(exclude_none=True, exclude={"base", "label"})
        merged |= own
    return to_setting(name, merged)


def to_setting(name: str, merged: dict[str, Any]) -> Setting:
    """Make the setting of a variant. Raises ParamsError where family and sizes do not fit."""
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
    """Resolve every variant of the params. Raises ParamsError where one is no net."""
    return {name: resolve(params, name) for name in params.variants}


def known_variants(params: Params) -> list[str]:
    """Name all that can be evaluated: the variants, and the winner of each family searched."""
    return [*params.variants, *(family + SELECTED for family in params.search.grids)]
