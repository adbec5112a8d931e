"""Which pair sets the runs need, and where they lie. Pure: reads and writes nothing."""

from functools import lru_cache
from pathlib import Path

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.identity import PAIRS, digest, essentials, fingerprint
from digitpairs.spec import Task
from digitpairs.study import groups
from digitpairs.study.schema import Pairs, Params
from digitpairs.study.searches import rungs_of
from digitpairs.study.task import task_of
from digitpairs.study.variants import most_seeds, resolve_all

LARGER = "pairs-larger"  # draws pair sets with more training pairs than usual, for who needs them


def pairs_path(params: Params, source: Source, seed: int, larger: int | None = None) -> str:
    """Where the pair set of a seed lies: the usual one, or one with more training pairs."""
    name = f"{seed}-{LARGER}-{larger}" if larger else str(seed)
    return paths.pair_set(pairs_identity(params.pairs, task_of(params), source), name)


def larger_sets(params: Params) -> list[tuple[int, int]]:
    """List the seeds that need more training pairs than is usual, and how many."""
    settings = resolve_all(params).values()
    return sorted(
        {
            (seed, setting.training.pairs)
            for setting in settings
            if setting.training.pairs and setting.training.pairs > params.pairs.train
            for seed in range(setting.training.seeds or params.training.seeds)
        }
    )


def pair_sets(params: Params, source: Source, larger: bool = False) -> dict[str, tuple[int, int]]:
    """List pair sets by their paths, the usual or larger ones: seed and training pairs of each."""
    if larger:
        return {pairs_path(params, source, *one): one for one in larger_sets(params)}
    return {pairs_path(params, source, seed): (seed, params.pairs.train) for seed in seeds(params)}


def drawn_by(pairs: str) -> str:
    """Name the step that draws a pair set or the test digits."""
    return LARGER if LARGER in Path(pairs).name else "pairs"


@lru_cache(maxsize=100)
def pairs_identity(pairs: Pairs, task: Task, source: Source) -> str:
    """What the pair sets of all seeds have in common."""
    return digest([pairs.counts, essentials(task), source.identity, fingerprint(*PAIRS)])


def files_read(pairs: str, fold: int | None) -> list[str]:
    """List what training a run reads: its pair set and, for a run that is no fold, test digits."""
    return [pairs] if fold is not None else [pairs, paths.test_digits(pairs)]


def seeds(params: Params) -> list[int]:
    """List the seeds that need a pair set: the evaluation's, and those of the searches."""
    repeats = params.search.repeats if groups.repeated(params) else 0
    sets = [rung.sets for grid in params.search.grids.values() for rung in rungs_of(grid)]
    most = max(repeats + 1, *sets, 1)
    return [*range(most_seeds(params)), *(params.search.seed + one for one in range(most))]
