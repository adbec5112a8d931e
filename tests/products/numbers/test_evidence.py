"""Intervals and tests of differences, against brute force, numbers by hand, and scipy."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from digitpairs.products.numbers import evidence
from digitpairs.products.numbers.evidence import holm, outside, paired, unpaired
from digitpairs.products.numbers.statistics import Summary, summarise

NAN = float("nan")
GAINS = [0.011, 0.004, -0.002, 0.015, 0.008, 0.009, 0.001]


def by_brute_force(values: list[float]) -> float:
    """Share of all flips of signs whose mean is as far from zero."""
    found = abs(np.mean(values))
    flips = [np.mean(np.multiply(signs, values)) for signs in product((1, -1), repeat=len(values))]
    return float(np.mean([abs(one) >= found - 1e-12 for one in flips]))


def test_p_is_the_share_of_flips_of_signs_that_come_as_far() -> None:
    """By hand: of eight, only +++ and --- of 1, 2, 3; of 1, 2, -1 all but two reach 2/3."""
    assert paired([0.1, 0.2, 0.3], 0.0).p == 2 / 8
    assert paired([0.1, 0.2, -0.1], 0.0).p == 6 / 8
    assert paired([0.1, 0.2, 0.3, NAN], 0.0).p == 2 / 8


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=6).filter(lambda of: len(set(of)) > 1))
def test_p_is_that_of_brute_force(values: list[int]) -> None:
    assert paired([value / 100 for value in values], 0.0).p == pytest.approx(by_brute_force(values))


def test_fifteen_seeds_are_tried_in_full() -> None:
    rising = np.arange(1, 16) / 1000
    assert paired(rising, 0.0).p == 2 / 2**15
    assert evidence.EXACT >= 2**17


def test_more_flips_than_can_be_tried_are_drawn_and_always_the_same() -> None:
    values = np.random.default_rng(1).normal(0.001, 0.01, 25)
    one = paired(values, 0.005)
    assert one == paired(values, 0.005)
    assert one.p == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=0.02)


def test_the_interval_is_scipys_bca_of_these_values_alone() -> None:
    expected = stats.bootstrap(
        (np.array(GAINS),),
        np.mean,
        method="BCa",
        n_resamples=9_999,
        confidence_level=0.95,
        rng=np.random.default_rng(0),
    ).confidence_interval
    found = paired([GAINS[0], NAN, *GAINS[1:]], 0.005)
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.seeds == 7 and found.effect == pytest.approx(np.mean(GAINS))
    paired([0.5, 0.7], 0.0)
    assert paired(GAINS, 0.005) == found  # whatever was judged before


@pytest.mark.parametrize("margin", [0.0, 0.003, 0.02])
def test_equivalence_is_two_one_sided_t_tests(margin: float) -> None:
    above = stats.ttest_1samp(GAINS, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(GAINS, margin, alternative="less").pvalue
    assert paired(GAINS, margin).equivalence_p == pytest.approx(max(above, below))


def test_equivalence_by_hand() -> None:
    """Mean 1 and standard error 1, at a margin of 3: t is 2 above and 4 below; the first counts."""
    assert outside(1.0, 1.0, 1, 3.0) == pytest.approx(0.5 - math.atan(2) / math.pi)  # Cauchy
    assert outside(-1.0, 1.0, 1, 3.0) == pytest.approx(0.5 - math.atan(2) / math.pi)
    assert outside(0.0, 1.0, 1, 0.0) == 0.5
    assert (outside(0.5, 0.0, 1, 1.0), outside(1.0, 0.0, 1, 1.0)) == (0.0, 1.0)


def test_differences_without_a_spread_have_no_width() -> None:
    found = paired([0.01] * 4, 0.02)
    assert (found.low, found.high, found.p, found.equivalence_p) == (0.01, 0.01, 2 / 16, 0.0)
    assert paired([0.0] * 4, 0.02).p == 1.0


def test_one_seed_or_none_says_nothing() -> None:
    one, none = paired([0.02, NAN], 0.01), paired([NAN], 0.01)
    assert (one.seeds, one.effect, none.seeds) == (1, 0.02, 0)
    for found in (one, none):
        tested = (found.low, found.high, found.p, found.equivalence_p)
        assert all(math.isnan(value) for value in tested)
    assert math.isnan(none.effect)


OURS = [0.80, 0.82, 0.81, 0.79, 0.83]
THEIRS = [0.84, 0.80, 0.86, 0.85]


def test_means_that_others_printed_are_compared_by_welch() -> None:
    found = unpaired(summarise(OURS), summarise(THEIRS), (5, 4), 0.05)
    welch = stats.ttest_ind(OURS, THEIRS, equal_var=False)
    interval = welch.confidence_interval(0.95)
    assert (found.effect, found.p) == pytest.approx((np.mean(OURS) - np.mean(THEIRS), welch.pvalue))
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    shifted = (np.add(OURS, shift) for shift in (0.05, -0.05))
    sides = ("greater", "less")
    one_sided = (
        stats.ttest_ind(values, THEIRS, equal_var=False, alternative=side).pvalue
        for values, side in zip(shifted, sides, strict=True)
    )
    assert found.equivalence_p == pytest.approx(max(one_sided))


@pytest.mark.parametrize("ours", [Summary(0.8, NAN, NAN, NAN), Summary(NAN, NAN, NAN, NAN)])
def test_a_mean_without_a_spread_is_not_tested(ours: Summary) -> None:
    found = unpaired(ours, summarise(THEIRS), (1, 4), 0.05)
    assert math.isnan(found.p) and math.isnan(found.low) and math.isnan(found.equivalence_p)


def test_holm_by_hand() -> None:
    """The smallest times three, the next times two, the last; none below one before it."""
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2] and holm([]) == []


def test_holm_does_not_count_what_was_not_tested() -> None:
    first, second, third = holm([0.02, NAN, 0.03])
    assert (first, third) == (0.04, 0.04) and math.isnan(second)


def simulated(mean: float, studies: int = 400) -> list[evidence.Evidence]:
    """What studies of 15 seeds say of a difference whose truth is known."""
    draw = np.random.default_rng(7)
    return [paired(draw.normal(mean, 0.012, 15), 0.01) for _ in range(studies)]


def test_the_interval_covers_the_truth_about_as_often_as_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A BCa interval of 15 values is a little too narrow: 92 to 93 % is known of it."""
    monkeypatch.setattr(evidence, "RESAMPLES", 999)
    monkeypatch.setattr(evidence, "EXACT", 1)  # not asked for here
    covered = [one.low <= 0.004 <= one.high for one in simulated(0.004)]
    assert 0.90 <= np.mean(covered) <= 0.97


def test_tests_err_about_as_often_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """No difference is found where there is none, nor equality at the very margin."""
    monkeypatch.setattr(evidence, "RESAMPLES", 99)  # not asked for here
    monkeypatch.setattr(evidence, "EXACT", 1_000)
    found = np.mean([one.p < 0.05 for one in simulated(0.0)])
    assert 0.025 <= found <= 0.08
    at_margin = np.mean([one.equivalence_p < 0.05 for one in simulated(0.01)])
    assert 0.02 <= at_margin <= 0.08
    assert np.mean([one.p < 0.05 for one in simulated(0.02)]) > 0.95
    assert np.mean([one.equivalence_p < 0.05 for one in simulated(0.0)]) > 0.8
