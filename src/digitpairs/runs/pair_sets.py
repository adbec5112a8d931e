"""The pair sets of all seeds: drawn from the digits in data/raw, a file for each seed."""

from collections.abc import Mapping
from pathlib import Path

from digitpairs import paths
from digitpairs.digits import source as digits
from digitpairs.digits.idx import Digits
from digitpairs.digits.source import Source
from digitpairs.errors import UserError
from digitpairs.pairs.draw import draw
from digitpairs.pairs.pairset import PARTS, save
from digitpairs.runs.plan import pairs_path, seeds
from digitpairs.study.conflicts import pairs_conflicts
from digitpairs.study.schema import Pairs, Params

Pools = Mapping[str, Digits]  # by part


def load_pools(counts: Pairs, source: Source) -> Pools:
    """Load the digits to draw from. Raises UserError where there are too few of them."""
    pools = {part: digits.load(paths.RAW, part) for part in PARTS}
    # Known only now, where `auto` took the embedded digits because it could not get MNIST.
    sizes = {part: len(pool.labels) for part, pool in pools.items()}
    if problems := list(pairs_conflicts(counts, sizes)):
        raise UserError(f"{source.name} digits: {'; '.join(problems)}")
    return pools


def draw_all(params: Params, source: Source, pools: Pools) -> None:
    """Draw the pair sets of all seeds, and delete others."""
    counts = params.pairs.model_dump()
    wanted = {seed: Path(pairs_path(params.pairs, source, seed)) for seed in seeds(params)}
    for seed, path in wanted.items():
        save(path, {part: draw(pools[part], counts[part], seed, part) for part in PARTS})
    for path in set(paths.PAIRS.glob("*/*.parquet")).difference(wanted.values()):
        path.unlink()
