"""Resolves variants: a base and what it changes become a setting, which is all that is trained."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from digitpairs.errors import ParamsError, nearest, quoted
from digitpairs.models.registry import FAMILIES, architecture_of, family_of, options_of
from digitpairs.recipe import Recipe
from digitpairs.spec import ModelSpec, Setting, Task, Teacher, TrainingChanges
from digitpairs.study.schema import Params, Variant
from digitpairs.study.task import task_of

NOT_INHERITED = ("base", "label")
RECIPE = [part.name for part in fields(Recipe)]  # keys of a variant that make its recipe
SELECTED = "_selected"  # GRID_selected is the winner of a grid of the search


def resolve(params: Params, name: str) -> Setting:
    """Follow the bases of a variant. Raises ParamsError where the result is no net."""
    return setting_of(params, name, merged(params, name))


def setting_of(params: Params, name: str, own: Mapping[str, Any]) -> Setting:
    """Make the setting of a variant from its keys. Raises ParamsError where it is no net."""
    setting = to_setting(name, own, task_of(params))
    return replace(setting, teachers=teachers_of(params, name, own))


def teachers_of(params: Params, name: str, own: Mapping[str, Any]) -> tuple[Teacher, ...]:
    """Resolve the variants that teach one, if any. Raises ParamsError for those that cannot."""
    found: dict[Teacher, int] = {}
    for teacher, copies in own.get("teachers", {}).items():
        path = f"variants.{name}.teachers.{teacher}"
        if teacher not in params.variants:
            raise ParamsError(f"{path}: unknown variant{nearest(teacher, params.variants)}")
        if "teachers" in merged(params, teacher):
            raise ParamsError(f"{path}: is a student itself; choose nets that learn from labels")
        of = resolve(params, teacher)
        if problem := cannot_teach(params, of, own):
            raise ParamsError(f"{path}: {problem}")
        one = Teacher(
            of.model,
            of.learning_rate,
            of.training.epochs or params.training.epochs,
            of.training.batch_size or params.training.batch_size,
            of.aux_weight,
            of.recipe,
        )
        # What reads a teacher out plays no part: its student learns from what it says of digits.
        alike = replace(one, recipe=replace(one.recipe, readout="head"))
        if alike in {replace(o, recipe=replace(o.recipe, readout="head")) for o in found}:
            raise ParamsError(f"{path}: is a teacher already, by another name; give that one more")
        found[one] = copies
    return tuple(replace(one, copies=copies) for one, copies in found.items())


LEARNED_FROM = ("batchnorm", "shuffle", "pairs", "varies")  # of a student's protocol, its teachers'


def cannot_teach(params: Params, teacher: Setting, student: Mapping[str, Any]) -> str | None:
    """Say why a net cannot teach a student, of which the keys are given; None where it can."""
    if not family_of(teacher.model).siamese:
        return "tells no digits; choose a siamese net"
    taught = in_full(params, teacher.training)
    learned = in_full(params, student.get("training", TrainingChanges()))
    for key in LEARNED_FROM:
        if getattr(taught, key) != getattr(learned, key):
            return f"its training.{key} is not its student's; let both have the same"
    return None


def in_full(params: Params, changes: TrainingChanges) -> TrainingChanges:
    """Fill in what a protocol leaves as usual, as the params say it."""
    usual = {**params.training.model_dump(), "pairs": params.pairs.train}
    said = {key: value for key, value in vars(changes).items() if value is not None}
    return TrainingChanges(**{**usual, **said})


def merged(params: Params, name: str) -> dict[str, Any]:
    """List what a variant and its bases set. Raises ParamsError for a base that leads nowhere."""
    found: dict[str, Any] = {}
    for variant in line_of(params, name):
        found |= own_keys(variant)
    return found


def line_of(params: Params, name: str) -> list[Variant]:
    """List a variant and its bases, the first base first. Raises ParamsError as `merged`."""
    chain = [name]
    while (base := params.variants[chain[-1]].base) is not None:
        path = f"variants.{chain[-1]}.base: {base!r}"
        if base in chain:
            raise ParamsError(f"{path}: bases go round in a circle: {' -> '.join([*chain, base])}")
        if base not in params.variants:
            raise ParamsError(f"{path}: unknown variant{nearest(base, params.variants)}")
        chain.append(base)
    return [params.variants[one] for one in reversed(chain)]


def own_keys(variant: Variant) -> dict[str, Any]:
    """List what a variant sets. A section that it sets replaces its base's as a whole."""
    own = {key: getattr(variant, key) for key in Variant.model_fields if key not in NOT_INHERITED}
    return {key: value for key, value in own.items() if value is not None}


def to_setting(name: str, keys: Mapping[str, Any], task: Task) -> Setting:
    """Make the setting of a variant. Raises ParamsError where family and sizes do not fit."""
    sizes = FAMILIES[keys["family"]].sizes if "family" in keys else ()
    for key in ("family", *sizes, "learning_rate"):
        if key not in keys:
            raise ParamsError(f"variants.{name}.{key}: missing; set it here or in a base")
    family = FAMILIES[keys["family"]]
    for key in ("shared", "aux_weight"):
        if keys.get(key) and not family.siamese:
            raise ParamsError(
                f"variants.{name}.{key}: {keys[key]!r}: only siamese nets have two branches; "
                "leave it out or choose a siamese family"
            )
    for key in ("hidden", "channels", "shared", "options"):
        if keys.get(key) and key not in family.takes:
            raise ParamsError(
                f"variants.{name}.{key}: {quoted(keys[key])}: a {keys['family']} takes "
                f"{', '.join(family.takes)} alone; leave it out, here and in its bases"
            )
    model = ModelSpec(
        keys["family"],
        tuple(keys.get("hidden", ())),
        tuple(keys.get("channels", ())),
        keys.get("shared", False),
        options="" if family.sizes else options_text(name, keys, task),
        task=task,
    )
    check_sizes(f"variants.{name}", model)
    recipe = Recipe(**{key: keys[key] for key in RECIPE if key in keys})
    training = keys.get("training", TrainingChanges())
    return Setting(model, keys["learning_rate"], keys.get("aux_weight", 0.0), recipe, training)


def check_sizes(path: str, model: ModelSpec) -> None:
    """Raise ParamsError where the images are too small for so many layers."""
    if family_of(model).sizes:
        try:
            architecture_of(model)
        except ValueError as error:
            raise ParamsError(f"{path}.{error}") from None


def options_text(name: str, keys: Mapping[str, Any], task: Task) -> str:
    """Write the options of a variant as its spec has them. Raises ParamsError, a line each."""
    try:
        return options_of(keys["family"], keys.get("options", {}), task)
    except ValueError as error:
        lines = (f"variants.{name}.options.{line}" for line in str(error).splitlines())
        raise ParamsError("\n".join(lines)) from None


def resolve_all(params: Params) -> dict[str, Setting]:
    """Resolve every variant of the params. Raises ParamsError where one is no net."""
    return {name: resolve(params, name) for name in params.variants}


def known_variants(params: Params) -> list[str]:
    """Name all that can be evaluated: the variants, and the winner of each grid."""
    return [*params.variants, *(grid + SELECTED for grid in params.search.grids)]


def given_labels(params: Params) -> dict[str, str]:
    """List the labels of variants and of winners that the params give."""
    winners = {grid + SELECTED: one.label for grid, one in params.search.grids.items()}
    own = {name: one.label for name, one in params.variants.items()}
    return {name: label for name, label in (own | winners).items() if label}


def most_seeds(params: Params) -> int:
    """Count the seeds of the variant that has most."""
    own = (setting.training.seeds or 0 for setting in resolve_all(params).values())
    return max(params.training.seeds, *own, 0)


def seeds_of(params: Params, name: str) -> int:
    """Count the seeds of a variant."""
    return resolve(params, name).training.seeds or params.training.seeds
