"""The grids of the search: the configurations within the parameter budget (paper, Training).

A grid with a strategy has trials in their place (space.py).
"""

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from digitpairs.models.counts import parameters_of
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.schema import Params
from digitpairs.study.searches import Grid, Search
from digitpairs.study.space import trials
from digitpairs.study.task import task_of
from digitpairs.study.variants import RECIPE, SELECTED, resolve

# Keys of a grid that list alternatives of a recipe.
ALTERNATIVES = [key for key in (*RECIPE, "aux_weight", "learning_rate") if key in Grid.model_fields]


def configurations(params: Params) -> dict[str, list[Setting]]:
    """List each grid's settings, of nets within the parameter budget."""
    return {name: configurations_of(params, name) for name in params.search.grids}


def configurations_of(params: Params, name: str) -> list[Setting]:
    """List a grid's settings, or the trials of its strategy."""
    grid = params.search.grids[name]
    if grid.strategy:
        return trials(params, name)
    base = base_of(params, name)
    return [
        setting
        for model in models(base, grid)
        if in_budget(params.search, grid, model)
        for setting in recipes(replace(base, model=model), grid)
    ]


def in_budget(search: Search, grid: Grid, model: ModelSpec) -> bool:
    """Whether a net's parameters are within the budget. A grid that names no sizes has none."""
    counted = bool(grid.hidden or grid.channels)
    parameters = parameters_of(model) if counted else search.min_parameters
    return search.min_parameters <= parameters <= search.max_parameters


def base_of(params: Params, name: str) -> Setting:
    """What a grid starts from: a variant's setting, or an empty net of a family."""
    base = params.search.grids[name].base
    if base:
        return resolve(params, base)
    return Setting(ModelSpec(name, (), task=task_of(params)), 0.0)


def rival(params: Params, name: str) -> str:
    """Name the variant that a grid's winner is compared with: its base, or that of its family."""
    return params.search.grids[name].base or name


def rivals(params: Params, grids: Iterable[str]) -> dict[str, Setting]:
    """Look up what the winner of each grid is compared with."""
    return {grid: resolve(params, rival(params, grid)) for grid in grids}


def rates_tried(params: Params, variants: Collection[str]) -> dict[str, list[float]]:
    """List the learning rates of each grid whose winner is among variants."""
    grids = params.search.grids.items()
    return {name: list(grid.learning_rate) for name, grid in grids if name + SELECTED in variants}


def models(base: Setting, grid: Grid) -> Iterator[ModelSpec]:
    """List the nets of a grid. Channels and hidden layers that it does not name are the base's."""
    for channels in itertools.product(*grid.channels):
        for hidden in itertools.product(*grid.hidden):
            yield replace(
                base.model,
                channels=channels or base.model.channels,
                hidden=hidden or base.model.hidden,
            )


def recipes(start: Setting, grid: Grid) -> Iterator[Setting]:
    """List the settings of one net, rate by rate and recipe by recipe."""
    choices = [
        [(key, value) for value in getattr(grid, key)] for key in ALTERNATIVES if getattr(grid, key)
    ]
    for chosen in itertools.product(*choices):
        changes: dict[str, Any] = dict(chosen)
        parts = {key: changes.pop(key) for key in RECIPE if key in changes}
        yield replace(start, recipe=replace(start.recipe, **parts), **changes)


def width(grid: Grid) -> int:
    """Count the configurations of a grid, whatever the parameter budget."""
    alternatives = [getattr(grid, key) or [None] for key in ALTERNATIVES]
    lists: list[Sequence[Any]] = [*grid.channels, *grid.hidden, *alternatives]
    return math.prod(len(choices) for choices in lists)
