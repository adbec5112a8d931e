"""The trials of a strategy: its base, then points of a space of keys of that base."""

import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import ValidationError

from digitpairs import paths
from digitpairs.errors import ParamsError
from digitpairs.explain import explain
from digitpairs.files import write_text
from digitpairs.identity import digest
from digitpairs.models.counts import parameters_of
from digitpairs.spec import Setting
from digitpairs.study.schema import Params, Variant
from digitpairs.study.searches import Grid, Range, Rung, Strategy
from digitpairs.study.variants import NOT_INHERITED, in_full, line_of, own_keys, resolve, setting_of

POINTS = 64  # that are looked at for each trial, at most: some nets are too large
DIGITS = 3  # of a number that is tried: more say nothing


def trials(params: Params, name: str) -> list[Setting]:
    """List the settings that a strategy tries: the base of its grid first, each once.

    Raises ParamsError for a key that its base does not have.
    """
    grid = params.search.grids[name]
    strategy = grid.strategy
    if strategy is None or grid.base is None:
        raise ValueError(f"{name}: has no strategy, or no base")
    base = resolve(params, grid.base)
    found = [base] if fits(base, strategy) else []
    known = [as_trained(params, one) for one in found]
    if not grid.space:
        return found
    own = plain(params, grid.base)
    for point in points(len(grid.space), POINTS * strategy.trials, strategy.seed):
        if len(found) >= strategy.trials:
            break
        setting = at(params, name, grid, own, point)
        trained = as_trained(params, setting)
        if fits(setting, strategy) and trained not in known:
            found.append(setting)
            known.append(trained)
    return found


def as_trained(params: Params, setting: Setting) -> Setting:
    """Write out what a setting leaves as usual: two that are then equal are the same runs."""
    return replace(setting, training=in_full(params, setting.training))


def fits(setting: Setting, strategy: Strategy) -> bool:
    """Whether a net is within a strategy's budget."""
    return not strategy.max_parameters or parameters_of(setting.model) <= strategy.max_parameters


def on_rung(params: Params, setting: Setting, rung: Rung) -> tuple[Setting, int]:
    """Make what a rung trains of a setting, and say for how many epochs.

    Where these are fewer, or more, than usual, the warm-up keeps its share of them.
    """
    usual = setting.training.epochs or params.training.epochs
    epochs = rung.epochs or usual
    schedule = setting.recipe.schedule
    schedule = replace(schedule, warmup=schedule.warmup * epochs / usual)
    return replace(setting, recipe=replace(setting.recipe, schedule=schedule)), epochs


def plain(params: Params, name: str) -> dict[str, Any]:
    """List what a variant and its bases set, as plain data."""
    found: dict[str, Any] = {}
    for variant in line_of(params, name):
        found |= variant.model_dump(exclude_none=True, exclude=set(NOT_INHERITED))
    return found


def at(params: Params, name: str, grid: Grid, own: dict[str, Any], point: list[float]) -> Setting:
    """Make the setting at a point of a grid's space, each number from 0 to 1."""
    changed = deepcopy(own)
    for (key, choices), share in zip(grid.space.items(), point, strict=True):
        put(changed, key, value(choices, share), f"search.grids.{name}.space.{key}")
    try:
        variant = Variant.model_validate(changed)
    except ValidationError as error:
        lines = [
            f"search.grids.{name}.space: {explain(detail, Variant, 'a variant')}"
            for detail in error.errors(include_url=False)
        ]
        raise ParamsError("\n".join(lines)) from None
    try:
        return setting_of(params, name, own_keys(variant))
    except ParamsError as error:
        text = str(error).replace(f"variants.{name}.", f"search.grids.{name}.space: ")
        raise ParamsError(text) from None


def value(choices: Range | list[Any], share: float) -> Any:
    """Take what lies at a share of the way through choices."""
    if isinstance(choices, list):
        return deepcopy(choices[int(share * len(choices))])
    low, high = choices.low, choices.high
    if choices.whole:
        return int(low + share * (high + 1 - low))
    number = low * (high / low) ** share if choices.log else low + share * (high - low)
    return float(f"{number:.{DIGITS}g}")


def put(content: dict[str, Any], key: str, new: Any, path: str) -> None:
    """Set what lies at a key with dots, such as augmentation.affine.rotation.

    Raises ParamsError where the base has no such section.
    """
    *sections, last = key.split(".")
    place: Any = content
    for section in sections:
        place = place.get(section) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        raise ParamsError(f"{path}: the base has no section {'.'.join(sections)}; set it there")
    place[last] = new


@cache
def points(dimensions: int, count: int, seed: int) -> list[list[float]]:
    """List points of a scrambled Sobol sequence, each number from 0 to 1.

    They are kept in a file, where that can be written: scipy takes a second to import, and each
    start plans.
    """
    file = paths.PLAN / f"points-{digest([dimensions, count, seed])}.json"
    with suppress(OSError, ValueError):
        known: list[list[float]] = json.loads(file.read_text(encoding="utf-8"))
        return known
    found = drawn(dimensions, count, seed)
    with suppress(OSError):
        write_text(file, json.dumps(found) + "\n")
    return found


def drawn(dimensions: int, count: int, seed: int) -> list[list[float]]:
    """Draw the points (Owen's scrambling)."""
    from scipy.stats import qmc

    sobol = qmc.Sobol(dimensions, scramble=True, rng=seed)
    found: list[list[float]] = sobol.random_base2((count - 1).bit_length())[:count].tolist()
    return found
