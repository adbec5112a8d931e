"""What can be wrong with the search and its grids."""

from collections.abc import Iterator, Sequence

from digitpairs.errors import ParamsError, nearest
from digitpairs.models.registry import FAMILIES
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.grid import configurations, width
from digitpairs.study.misfits import misfits
from digitpairs.study.schema import Params
from digitpairs.study.strategy_conflicts import strategy_conflicts, trial_conflicts
from digitpairs.study.task import task_of
from digitpairs.study.variants import check_sizes, most_seeds, resolve

MOST = 100_000  # configurations of a grid, before the parameter budget


def search_conflicts(params: Params) -> Iterator[str]:
    """Find seeds used twice, impossible budgets and folds, grids with no net in the budget."""
    search = params.search
    most = most_seeds(params)
    if search.seed < most:
        yield (
            f"search.seed: {search.seed}: is one of the evaluation's seeds (0 to {most - 1}); "
            "choose a larger one"
        )
    if search.folds > params.pairs.train:
        yield f"search.folds: {search.folds}: is more than pairs.train ({params.pairs.train})"
    budget = f"{search.min_parameters} to {search.max_parameters}"
    if search.min_parameters > search.max_parameters:
        yield f"search.min_parameters: {budget}: must not exceed search.max_parameters"
        return
    if all(grid.strategy for grid in search.grids.values()):
        yield "search.grids: each has a strategy; the search by default needs a grid of choices too"
    # Each grid is listed as a whole below: first it is counted, and starts somewhere.
    wrong = [line for name in search.grids for line in grid_conflicts(params, name)]
    yield from wrong
    if wrong:
        return
    for name, settings in configurations(params).items():
        path = f"search.grids.{name}"
        yield from fold_conflicts(params, name, settings)
        if len({setting.recipe.readout == "head" for setting in settings}) > 1:
            yield (
                f"{path}.readout: some nets answer by a head and others by their digits, which are "
                "judged on different pairs; make a grid of each"
            )
        if search.grids[name].strategy:
            yield from trial_conflicts(params, name, settings)
            continue
        if len(set(settings)) < len(settings):
            yield f"{path}: a choice is given twice in a list; give each once"
        elif not settings:
            yield f"{path}: no net of this grid has {budget} parameters; widen grid or budget"
        first = {line: None for setting in settings for line in misfits(setting, search.epochs)}
        yield from (f"{path}.{line}" for line in first)


def fold_conflicts(params: Params, name: str, settings: Sequence[Setting]) -> Iterator[str]:
    """Find settings of a grid whose runs learn from too many or too few pairs to be folds."""
    path, search = f"search.grids.{name}", params.search
    for pairs in sorted({setting.training.pairs or 0 for setting in settings} - {0}):
        if pairs > params.pairs.train:
            yield (
                f"{path}.base: has training.pairs: {pairs}, more than pairs.train "
                f"({params.pairs.train}), which folds are of; choose another base"
            )
        if search.folds > pairs:
            yield f"search.folds: {search.folds}: is more than training.pairs ({pairs}) of {name}"


def grid_conflicts(params: Params, name: str) -> Iterator[str]:
    """Find a grid that starts nowhere, has no sizes or is too wide."""
    path, grid = f"search.grids.{name}", params.search.grids[name]
    if grid.label in params.variants:
        yield f"{path}.label: {grid.label!r}: is the name of a variant"
    if grid.strategy or grid.space:
        yield from strategy_conflicts(params, name, grid)
        return
    if (count := width(grid)) > MOST:
        yield f"{path}: makes {count:,} configurations; choose at most {MOST:,}"
    if grid.base:
        if grid.base not in params.variants:
            known = nearest(grid.base, params.variants)
            yield f"{path}.base: {grid.base!r}: unknown variant{known}"
            return
        family = resolve(params, grid.base).model.family
    elif name not in FAMILIES:
        yield f"{path}: {name!r}: is no family, so that it needs a base{nearest(name, FAMILIES)}"
        return
    else:
        family = name
        if not FAMILIES[family].sizes:
            yield f"{path}: a {family} has options in place of sizes, so that it needs a base"
            return
        if not (grid.hidden and grid.learning_rate):
            missing = "learning_rate" if grid.hidden else "hidden"
            yield f"{path}.{missing}: missing; it has to be set"
        if family not in params.variants:
            yield f"{path}: needs a variant {family} to compare its winner with; add one"
        elif resolve(params, family).model.family != family:
            yield f"variants.{family}: has to be of the family {family}, as its name says"
    smallest = ModelSpec(family, (1,), (1,) * len(grid.channels), task=task_of(params))
    try:
        check_sizes(path, smallest)
    except ParamsError as error:
        yield str(error)
    sizes = FAMILIES[family].sizes
    if "channels" in sizes and not grid.channels and not grid.base:
        yield f"{path}.channels: missing; a {family} needs a list for each conv layer"
    for key, choices in (("channels", grid.channels), ("hidden", grid.hidden)):
        if choices and key not in sizes:
            yield f"{path}.{key}: {choices}: a {family} has no {key}; leave it out"
