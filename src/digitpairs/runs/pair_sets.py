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
from digitpairs.runs.plan import pairs_path, seeds
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
    """Draw the pair sets of all seeds, write the test digits beside them, and delete others."""
    counts, task = params.pairs.counts, task_of(params)
    wanted = {seed: Path(pairs_path(params, source, seed)) for seed in seeds(params)}
    for seed, path in wanted.items():
        save(path, draw_sets(pools, counts, seed, task.side), answers_of(task))
    digits_files = {Path(paths.test_digits(str(path))) for path in wanted.values()}
    for path in digits_files:
        pool.save(path, pool.pool_of(pools["test"], task.side))
    for path in set(paths.PAIRS.glob("*/*.parquet")).difference(wanted.values(), digits_files):
        path.unlink()
