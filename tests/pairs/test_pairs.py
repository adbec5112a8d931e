"""Pairs and folds."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.digits.idx import Digits
from digitpairs.pairs import draw, pairset, pool
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.pool import pool_of
from digitpairs.pairs.sizes import FULL_SCALE
from nets import AT_MOST

counts = st.integers(2, 300)
seeds = st.integers(0, 2**32)


def same(one: PairSet, other: PairSet) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("pixels", "digits", "indices")
    )


def test_a_thousand_pairs_are_two_thousand_distinct_digits(pools: dict[str, Digits]) -> None:
    drawn = draw.draw(pools["train"], 1000, 0, "train")
    assert len(drawn) == 1000
    assert len(np.unique(drawn.indices)) == 2000


def test_target_says_whether_the_first_digit_is_lesser_or_equal(
    sets: dict[str, PairSet],
) -> None:
    expected = [int(first <= second) for first, second in sets["train"].digits.tolist()]
    assert sets["train"].target(AT_MOST).tolist() == expected
    assert set(expected) == {0, 1}


def test_equal_digits_count_as_lesser_or_equal() -> None:
    blank = np.zeros((1, 2, 1, 14, 14), np.uint16)
    twins = PairSet(blank, np.array([[7, 7]]), np.array([[0, 1]]))
    assert twins.target(AT_MOST).tolist() == [1]


def test_pixels_are_the_2x2_average_of_the_digit(
    pools: dict[str, Digits], sets: dict[str, PairSet]
) -> None:
    images = pools["train"].images[sets["train"].indices].astype(int)
    corners = [images[..., row::2, column::2] for row in (0, 1) for column in (0, 1)]
    assert np.array_equal(sets["train"].pixels, sum(corners))
    assert np.array_equal(sets["train"].pixels / FULL_SCALE, np.mean(corners, axis=0) / 255)


def test_white_images_do_not_overflow() -> None:
    white = Digits(np.full((2, 1, 28, 28), 255, np.uint8), np.zeros(2, np.uint8))
    assert (draw.draw(white, 1, 0, "train").pixels == FULL_SCALE).all()


def test_classes_are_the_labels_of_the_digits(
    pools: dict[str, Digits], sets: dict[str, PairSet]
) -> None:
    for part in pairset.PARTS:
        assert np.array_equal(sets[part].digits, pools[part].labels[sets[part].indices])


def test_same_seed_same_pairs(pools: dict[str, Digits], sets: dict[str, PairSet]) -> None:
    assert same(draw.draw(pools["train"], 60, 0, "train"), sets["train"])


def test_other_seed_other_pairs(pools: dict[str, Digits], sets: dict[str, PairSet]) -> None:
    other = draw.draw(pools["train"], 60, 1, "train")
    assert not np.array_equal(other.indices, sets["train"].indices)


def test_train_and_test_draw_from_different_streams(pools: dict[str, Digits]) -> None:
    train, test = (draw.draw(pools["train"], 60, 0, part) for part in pairset.PARTS)
    assert not np.array_equal(train.indices, test.indices)


def test_fewer_pairs_are_the_first_of_more(
    pools: dict[str, Digits], sets: dict[str, PairSet]
) -> None:
    fewer = draw.draw(pools["train"], 10, 0, "train")
    assert same(fewer, sets["train"].take(np.arange(10)))


def test_saved_pairs_are_loaded_unchanged(tmp_path: Path, sets: dict[str, PairSet]) -> None:
    pairset.save(tmp_path / "seed-0.parquet", sets, AT_MOST)
    loaded = pairset.load(tmp_path / "seed-0.parquet")
    for part in pairset.PARTS:
        assert same(loaded[part], sets[part])
        assert loaded[part].pixels.dtype == np.uint16


def test_pairs_and_digits_are_read_without_pandas(
    tmp_path: Path, sets: dict[str, PairSet], pools: dict[str, Digits]
) -> None:
    """Each job reads them, and would wait for its import."""
    pairset.save(tmp_path / "pairs", sets, AT_MOST)
    pool.save(tmp_path / "digits", pool_of(pools["test"]))
    code = (
        "import sys; from pathlib import Path; from digitpairs.pairs import pairset, pool\n"
        "assert len(pairset.load(Path('pairs'))['train']) > 0 < len(pool.load(Path('digits')))\n"
        "assert 'pandas' not in sys.modules, 'pyarrow imported pandas'"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_pairs_saved_twice_are_the_same_bytes(tmp_path: Path, sets: dict[str, PairSet]) -> None:
    for name in ("one", "other"):
        pairset.save(tmp_path / name, sets, AT_MOST)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_pandas_reads_saved_pairs_row_by_row(tmp_path: Path, sets: dict[str, PairSet]) -> None:
    pairset.save(tmp_path / "seed-0.parquet", sets, AT_MOST)
    table = pd.read_parquet(tmp_path / "seed-0.parquet")
    assert table["part"].tolist() == ["train"] * 60 + ["test"] * 40
    assert (table["target"] == (table["first_digit"] <= table["second_digit"])).all()
    assert np.array_equal(np.stack(table["pixels"][:60]), sets["train"].pixels.reshape(60, -1))


@given(counts, st.integers(2, 20), seeds)
def test_folds_partition_the_pairs(count: int, parts: int, seed: int) -> None:
    held_out = [validation for _, validation in draw.folds(count, parts, seed)]
    assert len(held_out) == parts
    assert sorted(np.concatenate(held_out).tolist()) == list(range(count))


@given(counts, st.integers(2, 20), seeds)
def test_fold_sizes_differ_by_at_most_one(count: int, parts: int, seed: int) -> None:
    sizes = [len(validation) for _, validation in draw.folds(count, parts, seed)]
    assert max(sizes) - min(sizes) <= 1


@given(counts, st.integers(2, 20), seeds)
def test_a_fold_trains_on_exactly_what_it_does_not_validate(
    count: int, parts: int, seed: int
) -> None:
    for training, validation in draw.folds(count, parts, seed):
        assert sorted([*training.tolist(), *validation.tolist()]) == list(range(count))


@given(st.integers(20, 300), seeds)
def test_folds_depend_on_the_seed_alone(count: int, seed: int) -> None:
    one, again, other = (draw.folds(count, 5, s)[0][1].tolist() for s in (seed, seed, seed + 1))
    assert one == again
    assert one != other
