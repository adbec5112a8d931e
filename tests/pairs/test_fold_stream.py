"""Folds are drawn from a stream of their own: not that of the pairs which they split."""

from dataclasses import replace

import numpy as np
import pytest

from digitpairs.digits.idx import Digits
from digitpairs.pairs.draw import draw, folds
from digitpairs.pairs.pairset import PARTS


@pytest.mark.parametrize("seed", [0, 1, 1000])
def test_folds_do_not_follow_the_order_in_which_pairs_were_drawn(
    seed: int, pools: dict[str, Digits]
) -> None:
    """On a stream of the draw, folds of as many as the digits would be that draw once more."""
    count = 200
    pool = replace(
        pools["train"], images=pools["train"].images[:count], labels=pools["train"].labels[:count]
    )
    split = np.concatenate([held_out for _, held_out in folds(count, 5, seed)])
    assert sorted(split) == list(range(count))
    for part in PARTS:
        drawn = draw(pool, count // 2, seed, part).indices.ravel()
        assert sorted(drawn) == list(range(count))
        assert (drawn == split).mean() < 0.05
