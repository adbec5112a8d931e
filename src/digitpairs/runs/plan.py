"""Params to runs: every run's full spec, its record and its pairs. Pure: reads and writes nothing.

The runs depend on two things that only the workflow's first steps decide: which digits there are,
and which configuration won each family's search.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import count, takewhile
from typing import Any, TypeVar

from pydantic import TypeAdapter

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.models.registry import family_of
from digitpairs.runs.sets import pairs_path
from digitpairs.spec import RunSpec, Setting
from digitpairs.study import groups
from digitpairs.study.grid import configurations_of, rival
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params
from digitpairs.study.space import on_rung
from digitpairs.study.variants import SELECTED, resolve_all

T = TypeVar("T")

Winners = Mapping[str, Mapping[str, Any]]  # settings as plain data, by grid


@dataclass(frozen=True)
class PlannedRun:
    """A run under the name of the variant (or the family searched) that asks for it.

    `pairs` is the path of its pair set. `kept`: whether its weights are kept beside its record,
    for students to learn from, or for what its net answers to be looked at.
    """

    name: str
    spec: RunSpec
    pairs: str
    kept: bool = False

    @cached_property
    def path(self) -> str:
        """Where the record lies."""
        return self.spec.path


def searches(
    params: Params, source: Source, winners: Winners | None = None
) -> dict[str, list[PlannedRun]]:
    """List the runs of each search, by what the names of its results end in: those of the grids
    that are searched by default, those of each group's grids, repeats for a group, and the rungs of
    strategies. Who reaches a rung is among the winners; before, it has no runs.
    """
    found: dict[str, list[PlannedRun]] = {suffix: [] for suffix in groups.suffixes(params)}
    suffix_of = {grid: groups.suffix_of(params, grid) for grid in params.search.grids}
    for run in search_runs(params, source):
        found[suffix_of[run.name]].append(run)
    for suffix, grids in groups.repeated(params).items():
        for repeat in range(1, params.search.repeats + 1):
            found[suffix] += search_runs(params, source, repeat, grids)
    for suffix, (grid, rung) in groups.rungs(params).items():
        entrants = reached(params, grid, rung, winners or {})
        found[suffix] = [
            run for one in entrants for run in rung_runs(params, source, grid, rung, one)
        ]
    return found


def reached(params: Params, grid: str, rung: int, winners: Winners) -> list[Setting]:
    """List the settings that a rung judges: all trials, or those that the rung before let pass."""
    if rung == 0:
        return configurations_of(params, grid)
    names = (groups.promoted(grid, rung - 1, place) for place in count())
    known = takewhile(lambda name: name in winners, names)
    return [settings_reader().validate_python(winners[name]) for name in known]


def rung_runs(
    params: Params, source: Source, grid: str, rung: int, setting: Setting
) -> list[PlannedRun]:
    """List the folds on which a rung judges a setting. Its epochs may be fewer than the base's."""
    strategy = params.search.grids[grid].strategy
    if strategy is None:
        raise ValueError(f"{grid}: has no strategy")
    on = strategy.rungs[rung]
    trained, epochs = on_rung(params, setting, on)
    return [
        planned(
            grid,
            params,
            source,
            trained,
            epochs=epochs,
            batchnorm="standard",
            test_pairs=None,
            seed=params.search.seed + one,
            folds=params.search.folds,
            fold=fold,
        )
        for one in range(on.sets)
        for fold in range(on.folds or params.search.folds)
    ]


def search_runs(
    params: Params, source: Source, repeat: int = 0, among: Collection[str] | None = None
) -> list[PlannedRun]:
    """List every fold of every configuration, of these grids or of all that have no strategy.

    A repeat has pairs, folds and weights of its own.
    BatchNorm is standard here whatever the protocol: the authors' cross-validation evaluates once
    at the end, so it never froze.
    """
    return [
        planned(
            grid,
            params,
            source,
            setting,
            epochs=params.search.epochs,
            batchnorm="standard",
            test_pairs=None,  # a fold is tested on its own
            seed=params.search.seed + repeat,
            folds=params.search.folds,
            fold=fold,
        )
        for grid, choices in params.search.grids.items()
        if not choices.strategy and (among is None or grid in among)
        for setting in configurations_of(params, grid)
        for fold in range(params.search.folds)
    ]


def evaluation_runs(params: Params, source: Source, winners: Winners) -> list[PlannedRun]:
    """List every seed of every variant, those of the params and the search's winners."""
    kept = looked_at(params)
    return [
        planned(
            name,
            params,
            source,
            setting,
            epochs=setting.training.epochs or params.training.epochs,
            batchnorm=setting.training.batchnorm or params.training.batchnorm,
            test_pairs=params.pairs.test,
            seed=seed,
            # Seed 0 is what all seeds have in common: it is the run of the whole variant.
            varies=setting.training.varies if seed else None,
            kept=name in kept,
        )
        for name, setting in evaluated(params, winners).items()
        for seed in range(setting.training.seeds or params.training.seeds)
    ]


def looked_at(params: Params, *made: str | None) -> set[str]:
    """Name the variants and winners whose answers studies show: their weights are kept.

    Studies are those of the groups that are `made`, None for those by default; or all. A winner may
    turn out to be the variant that it is compared with.
    """
    shown = {
        name
        for study in params.studies.values()
        if KINDS[study.kind].answers and (not made or study.group in made)
        for name in study.variants
    }
    return shown | {
        rival(params, name.removesuffix(SELECTED)) for name in shown if name not in params.variants
    }


def evaluated(params: Params, winners: Winners) -> dict[str, Setting]:
    """Name all that is evaluated: the variants, and the winners that differ from them."""
    known = resolve_all(params)
    return known | selected(params, known, winners)


def settings_of(params: Params, variants: Iterable[str], winners: Winners) -> dict[str, Setting]:
    """Name what variants train; a winner that is a variant goes by that one's name."""
    known = evaluated(params, winners)
    names = [
        name if name in known else rival(params, name.removesuffix(SELECTED))
        for name in variants
        if name in known or name.removesuffix(SELECTED) in winners
    ]
    return {name: known[name] for name in names}


def results_of(params: Params, variants: Iterable[str], winners: Winners) -> list[str]:
    """Name the collected results of variants."""
    return [paths.variant(name) for name in settings_of(params, variants, winners)]


def selected(params: Params, known: Mapping[str, Setting], winners: Winners) -> dict[str, Setting]:
    """Name the winners that differ from the variant they are compared with, of those known."""
    settings = {}
    for grid, winner in winners.items():
        if grid not in params.search.grids:  # a winner of a search before the params changed
            continue
        setting = settings_reader().validate_python(winner)
        if not params.search.grids[grid].strategy:  # whose folds' protocol is the search's
            setting = replace(setting, training=known[rival(params, grid)].training)
        if setting != known[rival(params, grid)]:
            settings[grid + SELECTED] = setting
    return settings


@cache
def settings_reader() -> TypeAdapter[Setting]:
    """What reads the setting of a winner."""
    return TypeAdapter(Setting)


def planned(
    name: str, params: Params, source: Source, setting: Setting, kept: bool = False, **protocol: Any
) -> PlannedRun:
    """Plan a run: what it has of its own, and what all runs have in common."""
    own, usual = setting.training, params.pairs.train
    larger = own.pairs if own.pairs and own.pairs > usual else None
    teachers = tuple(
        replace(one, code=family_of(one.model).code(one.recipe)) for one in setting.teachers
    )
    spec = RunSpec(
        model=setting.model,
        learning_rate=setting.learning_rate,
        aux_weight=setting.aux_weight,
        batch_size=own.batch_size or params.training.batch_size,
        shuffle=params.training.shuffle if own.shuffle is None else own.shuffle,
        train_pairs=larger or usual,
        digits=source.identity,
        code=family_of(setting.model).code(setting.recipe),
        recipe=setting.recipe,
        first_pairs=None if larger else own.pairs,
        teachers=teachers,
        **protocol,
    )
    pairs = pairs_path(params, source, spec.seed_of("pairs"), larger)
    return PlannedRun(name, spec, pairs, kept)


STACK = {"cpu": 15, "cuda": 60}  # runs side by side, at most


def in_common(spec: RunSpec) -> Hashable:
    """What runs share that are trained side by side: all but seed, fold and weights."""
    # Of folds of unequal size, the first ones are one pair longer.
    longer = spec.fold is not None and spec.fold < spec.used_pairs % (spec.folds or 1)
    alike = replace(
        spec, seed=0, fold=None, copy=0, learning_rate=0.0, aux_weight=float(spec.aux_weight > 0)
    )
    return alike, longer


def cut(members: Sequence[T], size: int) -> list[Sequence[T]]:
    """Cut a sequence into parts of `size`."""
    return [members[start : start + size] for start in range(0, len(members), size)]
