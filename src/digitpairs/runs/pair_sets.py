"""The pair sets of all seeds, drawn from the digits in data/raw; beside them all test digits."""

from collections.abc import Mapping
from pathlib import Path

from digitpairs import paths
from digitpairs.digits import source as digits
from digitpairs.digits.idx import Digits
from digitpairs.digits.source import Source
from digitpairs.errors import UserError
from digitpairs.pairs import pool
from digitpairs.pairs.draw import draw_sets
from digitpairs.pairs.pairset import PARTS, save
from digitpairs.pairs.target import answers_of
from digitpairs.runs import sets
from digitpairs.study.conflicts import pairs_conflicts
from digitpairs.study.schema import Params
from digitpairs.study.task import task_of

Pools = Mapping[str, Digits]  # by part


def load_pools(params: Params, source: Source) -> Pools:
    """Load the digits to draw from. Raises UserError where there are too few of them."""
    pools = {part: digits.load(paths.RAW, part) for part in PARTS}
    # Known only now, where `auto` took the embedded digits because it could not get MNIST.
    sizes = {part: len(pool.labels) for part, pool in pools.items()}
    if problems := list(pairs_conflicts(params.pairs, sizes)):
        raise UserError(f"{source.name} digits: {'; '.join(problems)}")
    return pools


def draw_all(params: Params, source: Source, pools: Pools) -> None:
    """Draw the usual pair sets, write the test digits beside them, and delete others."""
    wanted = draw_these(params, pools, sets.pair_sets(params, source))
    digits_files = {Path(paths.test_digits(str(path))) for path in wanted}
    for path in digits_files:
        pool.save(path, pool.pool_of(pools["test"], task_of(params).side))
    larger = map(Path, sets.pair_sets(params, source, larger=True))
    for path in set(paths.PAIRS.glob("*/*.parquet")).difference(wanted, digits_files, larger):
        path.unlink()


def draw_larger(params: Params, source: Source, pools: Pools) -> None:
    """Draw the pair sets with more training pairs than usual.

    Raises UserError where there are too few digits for them.
    """
    larger = sets.pair_sets(params, source, larger=True)
    available = len(pools["train"].labels)
    most = max((pairs for _, pairs in larger.values()), default=0)
    if 2 * most > available:
        raise UserError(
            f"{source.name} digits: a variant's training.pairs: {most}: needs {2 * most} distinct "
            f"digits of {available}; choose at most {available // 2}"
        )
    draw_these(params, pools, larger)


def draw_these(params: Params, pools: Pools, wanted: Mapping[str, tuple[int, int]]) -> list[Path]:
    """Draw pair sets, by their paths: the seed of each, and its training pairs."""
    task = task_of(params)
    for path, (seed, pairs) in wanted.items():
        counts = {**params.pairs.counts, "train": pairs}
        save(Path(path), draw_sets(pools, counts, seed, task.side), answers_of(task))
    return list(map(Path, wanted))
