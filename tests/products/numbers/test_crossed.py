"""Intervals over digits and seeds at once, held against populations whose truth is known."""

import time

import numpy as np
import pytest

from digitpairs.products.numbers import crossed
from digitpairs.products.numbers.statistics import summarise
from readers import draw, wrong_pairs

SEEDS = 15


def errors(wrong: np.ndarray) -> np.ndarray:
    digits = wrong.shape[1]
    return wrong.sum(1) / 2 / (digits * (digits - 1))


def test_the_mean_is_the_share_of_ordered_pairs_that_are_right() -> None:
    rng = np.random.default_rng(0)
    pairs = rng.random((3, 40, 40)) < 0.1
    pairs[:, np.arange(40), np.arange(40)] = False
    wrong = pairs.sum(1) + pairs.sum(2)
    found = crossed.accuracy(wrong)
    assert found.mean == pytest.approx(1 - pairs.sum() / (3 * 40 * 39), abs=1e-12)
    assert found.low < found.mean < found.high
    assert crossed.gain(wrong, wrong) == crossed.Crossed(0, 0, 0)


def test_what_is_resampled_agrees_with_the_pairs_of_the_digits_that_are_drawn() -> None:
    """Pairs are counted anew for the digits of each replicate: the linear form follows them."""
    rng = np.random.default_rng(1)
    digits = draw(300, -3, 2, rng)
    count, (wrong,) = 300, wrong_pairs(digits, np.zeros(1), rng)
    table = pair_table(digits, wrong, 1)
    linear, exact = [], []
    for _ in range(300):
        times = np.bincount(rng.integers(0, count, count), minlength=count)
        linear.append((times @ wrong - wrong.sum() / 2) / (count * (count - 1)))
        exact.append(times @ table @ times / (count**2 - times @ times))
    assert np.corrcoef(linear, exact)[0, 1] > 0.98
    assert np.std(linear) == pytest.approx(np.std(exact), rel=0.05)
    assert np.mean(linear) == pytest.approx(np.mean(exact), rel=0.03)


def pair_table(digits: object, wrong: np.ndarray, seed: int) -> np.ndarray:
    """All ordered pairs of the same reading, one by one."""
    from readers import ANSWERS, Digits, read

    assert isinstance(digits, Digits)
    rng = np.random.default_rng(seed)
    draw(300, -3, 2, rng)  # as above: the same numbers follow
    guesses = read(digits, 0.0, rng)
    table = ANSWERS[guesses[:, None], guesses] != ANSWERS[digits.labels[:, None], digits.labels]
    np.fill_diagonal(table, False)
    assert np.array_equal(table.sum(0) + table.sum(1), wrong)
    return table.astype(float)


def test_the_seeds_part_alone_is_students_t() -> None:
    """Where all digits are alike, nothing is left but the seeds."""
    rng = np.random.default_rng(2)
    each = rng.integers(60, 140, SEEDS)
    wrong = np.repeat(each[:, None], 1000, 1)
    found, by_t = crossed.accuracy(wrong), summarise(1 - errors(wrong))
    assert found.mean == pytest.approx(by_t.mean)
    assert found.high - found.low == pytest.approx(by_t.high - by_t.low, rel=0.06)


@pytest.mark.parametrize(("hardness", "spread", "skills"), [(-7.5, 3.0, 0.2), (-4.7, 2.0, 0.15)])
def test_the_interval_holds_the_truth_as_often_as_it_says(
    hardness: float, spread: float, skills: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other digits and other seeds are drawn each time; seeds alone do not know of the former."""
    monkeypatch.setattr(crossed, "REPLICATES", 500)
    rng = np.random.default_rng(3)
    everyone = [(draw(50_000, hardness, spread, rng), rng.normal(0, skills, 1)) for _ in range(40)]
    truth = np.mean([1 - errors(wrong_pairs(*others, rng)) for others in everyone])
    both, seeds_alone, repeats = 0, 0, 250
    for _ in range(repeats):
        wrong = wrong_pairs(draw(1_500, hardness, spread, rng), rng.normal(0, skills, SEEDS), rng)
        found, by_t = crossed.accuracy(wrong), summarise(1 - errors(wrong))
        both += found.low <= truth <= found.high
        seeds_alone += by_t.low <= truth <= by_t.high
    assert 0.92 <= both / repeats <= 0.995
    assert seeds_alone / repeats < 0.85


def test_it_tells_two_nets_apart_that_a_thousand_pairs_a_seed_do_not() -> None:
    """.991 and .992: the same digits and seeds, other weights; the gain is paired by both."""
    rng = np.random.default_rng(4)
    crossed_sees, pairs_see, repeats = 0, 0, 20
    for _ in range(repeats):
        digits = draw(10_000, -9.3, 3.6, rng)
        skills = rng.normal(0, 0.05, SEEDS)
        before, after = (wrong_pairs(digits, skills + by, rng) for by in (0.0, 0.27))
        gained = crossed.gain(after, before)
        assert 0.0004 < gained.mean < 0.0018
        crossed_sees += gained.low > 0
        samples = [rng.binomial(1000, errors(wrong)) / 1000 for wrong in (before, after)]
        pairs_see += summarise(samples[0] - samples[1]).low > 0
    assert crossed_sees >= 0.8 * repeats
    assert pairs_see <= 0.4 * repeats


def test_one_seed_or_one_digit_leaves_the_interval_open() -> None:
    found = crossed.accuracy(np.array([[1, 1, 0]]))
    assert found.mean == pytest.approx(1 - 1 / 6)
    assert np.isnan([found.low, found.high]).all()
    assert np.isnan(crossed.accuracy(np.zeros((0, 3), np.int64)).mean)
    assert np.isnan(crossed.accuracy(np.zeros((3, 1), np.int64)).mean)


def test_it_is_the_same_each_time_and_takes_no_time() -> None:
    wrong = np.random.default_rng(5).integers(0, 400, (SEEDS, 10_000))
    begun = time.process_time()
    first = crossed.accuracy(wrong)
    assert time.process_time() - begun < 3
    assert crossed.accuracy(wrong) == first
    assert crossed.accuracy(np.asfortranarray(wrong)) == first
