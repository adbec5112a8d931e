"""Pair sets of all seeds: each is drawn, others are deleted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from digitpairs import paths
from digitpairs.digits.idx import Digits
from digitpairs.digits.source import Source
from digitpairs.errors import UserError
from digitpairs.pairs import pairset, pool
from digitpairs.runs import pair_sets, plan
from digitpairs.runs.sets import LARGER, drawn_by, pairs_path, seeds
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


@pytest.fixture
def larger(content: dict[str, Any]) -> Params:
    """The quick params and a variant that learns from twice as many pairs."""
    content["variants"]["more"] = {"base": "mlp", "training": {"pairs": 400, "seeds": 2}}
    return check(content)


def test_a_larger_pair_set_begins_with_the_usual_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    larger: Params,
    pools: dict[str, Digits],
    source: Source,
) -> None:
    monkeypatch.chdir(tmp_path)
    pair_sets.draw_larger(larger, source, pools)
    pair_sets.draw_all(larger, source, pools)  # which deletes what nobody needs
    for seed in range(2):
        usual = pairset.load(Path(pairs_path(larger, source, seed)))
        more = pairset.load(Path(pairs_path(larger, source, seed, 400)))
        assert (len(usual["train"]), len(more["train"])) == (200, 400)
        for part, count in (("train", 200), ("test", 200)):
            first = more[part].take(np.arange(count))
            assert np.array_equal(first.indices, usual[part].indices)
            assert np.array_equal(first.pixels, usual[part].pixels)
    assert not Path(pairs_path(larger, source, 2, 400)).exists()


def test_runs_of_more_pairs_read_their_larger_set(larger: Params, source: Source) -> None:
    runs = [run for run in plan.evaluation_runs(larger, source, {}) if run.name == "more"]
    assert [run.pairs for run in runs] == [pairs_path(larger, source, s, 400) for s in range(2)]
    assert {(run.spec.train_pairs, run.spec.first_pairs) for run in runs} == {(400, None)}
    assert {drawn_by(run.pairs) for run in runs} == {LARGER}
    assert drawn_by(pairs_path(larger, source, 0)) == "pairs"


def test_too_few_digits_for_a_larger_set_are_named(
    larger: Params, pools: dict[str, Digits], source: Source
) -> None:
    few = {part: Digits(pool.images[:799], pool.labels[:799]) for part, pool in pools.items()}
    message = r"a variant's training\.pairs: 400: needs 800 distinct digits of 799; choose at most"
    with pytest.raises(UserError, match=message):
        pair_sets.draw_larger(larger, source, few)
