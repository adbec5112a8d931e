"""What can be wrong with a strategy of the search, its space and its rungs."""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from digitpairs.errors import ParamsError, nearest
from digitpairs.spec import Setting
from digitpairs.study.misfits import misfits
from digitpairs.study.schema import Params, Variant
from digitpairs.study.searches import Grid, Range, Strategy, rungs_of
from digitpairs.study.space import on_rung, trials

# Keys of a protocol that a search does not train by, so that trials would not differ.
UNSEARCHED = ("training.seeds", "training.varies", "training.batchnorm")
LISTED = ("strategy", "space", "base", "label")  # keys of a grid that list no choices


def strategy_conflicts(params: Params, name: str, grid: Grid) -> Iterator[str]:
    """Find a space without a strategy, and a strategy that has no space to search."""
    path = f"search.grids.{name}"
    if grid.strategy is None:
        yield f"{path}.space: needs a strategy; add one, or list choices by their keys"
        return
    if grid.base not in params.variants:
        known = nearest(grid.base or "", params.variants)
        yield f"{path}.base: {grid.base!r}: a strategy starts from a variant{known}"
        return
    wrong = [f"{path}.space.{problem}" for problem in wrong_keys(grid)]
    wrong += [
        f"{path}.strategy.{problem}" for problem in wrong_rungs(params, grid.strategy, grid.space)
    ]
    for key in Grid.model_fields:
        if key not in LISTED and getattr(grid, key):
            wrong.append(
                f"{path}.{key}: is a choice of a grid; with a strategy write it into space"
            )
    yield from wrong
    if not wrong:
        yield from too_few(params, name, grid.strategy)


def too_few(params: Params, name: str, strategy: Strategy) -> Iterator[str]:
    """Find more trials than a space has."""
    path = f"search.grids.{name}.strategy.trials: {strategy.trials}"
    try:
        found = len(trials(params, name))
    except ParamsError as error:
        yield str(error)
        return
    if found < strategy.trials:
        yield (
            f"{path}: only {found} that differ are in the space and within max_parameters; choose "
            "fewer, or widen the space"
        )


def wrong_keys(grid: Grid) -> Iterator[str]:
    """Find keys that no variant has, and ranges that go nowhere."""
    for key, choices in grid.space.items():
        first = key.split(".")[0]
        if first not in Variant.model_fields or first in ("base", "label"):
            yield f"{key}: is no key of a variant{nearest(first, Variant.model_fields)}"
        if key == "training":
            yield f"{key}: is a section; name its keys, such as training.epochs"
        if key in UNSEARCHED:
            yield f"{key}: is of evaluations alone, and changes no fold; leave it out"
        if isinstance(choices, Range):
            if choices.low >= choices.high:
                yield f"{key}.low: {choices.low:g}: has to be below high ({choices.high:g})"
            elif choices.whole and not (choices.low.is_integer() and choices.high.is_integer()):
                yield f"{key}.whole: True: needs whole numbers as low and high"
            elif choices.log and choices.low <= 0:
                yield f"{key}.low: {choices.low:g}: has to be above 0 where log is true"
            elif choices.log and choices.whole:
                yield f"{key}.whole: True: goes with even steps alone; set log or whole"


def wrong_rungs(params: Params, strategy: Strategy, space: Collection[str]) -> Iterator[str]:
    """Find too many or too few rungs, and rungs that more pass than reached the one before."""
    rungs = strategy.rungs
    if (strategy.name == "random") is not (len(rungs) == 1):
        needs = "one rung" if strategy.name == "random" else "two rungs or more"
        yield f"rungs: {len(rungs)} of them: {strategy.name!r} needs {needs}"
    kept = [strategy.trials, *(rung.keep for rung in rungs[1:])]
    if rungs[0].keep:
        yield f"rungs.0.keep: {rungs[0].keep}: all trials enter the first rung; leave it out"
    for place, (before, after) in enumerate(pairwise(kept), 1):
        if after is None:
            yield f"rungs.{place}.keep: missing; say how many of the rung before go on"
        elif before is not None and after >= before:
            yield f"rungs.{place}.keep: {after}: has to be fewer than reach the rung before"
    for place, rung in enumerate(rungs):
        if rung.epochs and "training.epochs" in space:
            yield (
                f"rungs.{place}.epochs: {rung.epochs}: trains trials alike that differ in "
                "training.epochs; leave out that key of the space, or the rung's"
            )
        if (rung.folds or 0) > params.search.folds:
            yield f"rungs.{place}.folds: {rung.folds}: is more than search.folds"


def trial_conflicts(params: Params, name: str, settings: Sequence[Setting]) -> Iterator[str]:
    """Find trials whose parts do not go together: on a rung, or when the winner is evaluated."""
    usual = params.training
    wrong: dict[str, None] = {}
    for setting in settings:
        own = setting.training
        batchnorm = own.batchnorm or usual.batchnorm
        wrong |= dict.fromkeys(misfits(setting, own.epochs or usual.epochs, batchnorm))
        for rung in rungs_of(params.search.grids[name]):
            wrong |= dict.fromkeys(misfits(*on_rung(params, setting, rung)))
    yield from (f"search.grids.{name}.space: {problem}" for problem in wrong)
