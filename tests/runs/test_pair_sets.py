"""Pair sets of all seeds: each is drawn, others are deleted."""

from pathlib import Path
from typing import Any

import pytest

from digitpairs import paths
from digitpairs.digits.idx import Digits
from digitpairs.digits.source import Source
from digitpairs.errors import UserError
from digitpairs.pairs import pairset, pool
from digitpairs.runs import pair_sets
from digitpairs.runs.sets import pairs_path, seeds
from digitpairs.study.load import check
from digitpairs.study.schema import Pairs, Params


def test_a_pair_set_of_each_seed_is_drawn_and_no_other_is_left(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: dict[str, Any],
    pools: dict[str, Digits],
    source: Source,
) -> None:
    monkeypatch.chdir(tmp_path)
    params = check(content)
    old = tmp_path / paths.PAIRS / "old/seed-0.parquet"
    old.parent.mkdir(parents=True)
    old.touch()
    pair_sets.draw_all(params, source, pools)
    files = [pairs_path(params, source, seed) for seed in seeds(params)]
    digits = paths.test_digits(files[0])
    assert sorted(map(str, paths.PAIRS.rglob("*.parquet"))) == sorted([*files, digits])
    assert len(pool.load(Path(digits))) == len(pools["test"].labels)
    sets = pairset.load(Path(files[0]))
    assert (len(sets["train"]), len(sets["test"])) == (params.pairs.train, params.pairs.test)


def test_too_few_digits_are_named_before_anything_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
    pools: dict[str, Digits],
    source: Source,
    quick_params: Params,
) -> None:
    def pairs(train: int, test: int) -> Params:
        return quick_params.model_copy(update={"pairs": Pairs(train=train, test=test)})

    monkeypatch.setattr(pair_sets.digits, "load", lambda raw, part: pools[part])
    assert pair_sets.load_pools(pairs(1250, 1250), source).keys() == pools.keys()
    with pytest.raises(UserError, match=r"embedded digits: pairs\.train: 1251: needs 2502"):
        pair_sets.load_pools(pairs(1251, 9), source)
