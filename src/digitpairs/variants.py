"""Variants resolved: a base and what it changes becomes a model, a learning rate, a loss weight."""

from dataclasses import dataclass
from typing import Any

from digitpairs.params import FIXED_FIGURES, SELECTED, Params, ParamsError, nearest
from digitpairs.spec import ModelSpec


@dataclass(frozen=True)
class Setting:
    """What one variant trains, all its bases followed."""

    model: ModelSpec
    learning_rate: float
    aux_weight: float = 0.0


def resolve(params: Params, name: str) -> Setting:
    """Follow the bases of variant `name`. Raises ParamsError where the result is no net."""
    chain, current = [name], params.variants[name]
    layers = [current]
    while current.base is not None:
        path = f"variants.{chain[-1]}.base: {current.base!r}"
        if current.base in chain:
            raise ParamsError(f"{path}: bases go round in a circle: {' -> '.join(chain)}")
        if current.base not in params.variants:
            raise ParamsError(f"{path}: unknown variant{nearest(current.base, params.variants)}")
        chain.append(current.base)
        current = params.variants[current.base]
        layers.append(current)
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged |= layer.model_dump(exclude_none=True, exclude={"base"})
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
    if model.convolutional and not model.channels:
        raise ParamsError(f"variants.{name}.channels: missing; a {model.family} needs them")
    if model.channels and not model.convolutional:
        raise ParamsError(f"variants.{name}.channels: a {model.family} has no conv layers")
    for key in ("shared", "aux_weight"):
        if merged.get(key) and not model.siamese:
            raise ParamsError(
                f"variants.{name}.{key}: {merged[key]!r}: only siamese nets have two branches; "
                "leave it out or choose a siamese family"
            )
    return Setting(model, merged["learning_rate"], merged.get("aux_weight", 0.0))


def published(params: Params) -> dict[str, Setting]:
    """All variants that the params name, resolved."""
    return {name: resolve(params, name) for name in params.variants}


def conflicts(params: Params) -> list[str]:
    """List what is wrong between keys that are each right alone, a line each."""
    search, problems = params.search, []
    if search.seed < params.training.seeds:
        problems.append(
            f"search.seed: {search.seed}: is one of the evaluation's seeds "
            f"(0 to {params.training.seeds - 1}); choose a larger one"
        )
    if search.min_parameters > search.max_parameters:
        problems.append(
            f"search.min_parameters: {search.min_parameters}: is above search.max_parameters "
            f"({search.max_parameters})"
        )
    if search.folds > params.pairs.train:
        problems.append(
            f"search.folds: {search.folds}: is more than pairs.train ({params.pairs.train})"
        )
    for family, grid in search.grids.items():
        if family.endswith("convnet") != bool(grid.channels):
            need = "missing" if family.endswith("convnet") else "has no conv layers; leave it out"
            problems.append(f"search.grids.{family}.channels: {need}")
        if family not in params.variants:
            problems.append(
                f"search.grids.{family}: has no variant {family} to compare its winner with; "
                f"add variants.{family}"
            )
    for name in params.variants:
        if name.endswith(SELECTED):
            problems.append(f"variants.{name}: names ending in {SELECTED} are the search's winners")
        try:
            resolve(params, name)
        except ParamsError as error:
            problems.append(str(error))
    known = [*params.variants, *(family + SELECTED for family in search.grids)]
    for study, content in params.studies.items():
        if study in FIXED_FIGURES:
            problems.append(f"studies.{study}: the name is taken; choose another")
        for name in content.variants:
            if name not in known:
                problems.append(
                    f"studies.{study}.variants: {name!r}: unknown{nearest(name, known)}"
                )
    return problems
