"""Means, spreads and intervals, held against scipy and numpy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from digitpairs.products.numbers.statistics import summarise

accuracies = st.lists(st.floats(0, 1, width=32), min_size=2, max_size=30)


@given(accuracies)
def test_mean_and_unbiased_std(values):
    summary = summarise(values)
    assert summary.mean == pytest.approx(np.mean(values))
    assert summary.std == pytest.approx(np.std(values, ddof=1))


@given(accuracies)
def test_interval_is_that_of_scipys_t_test(values):
    summary = summarise(values)
    if len(set(values)) == 1:  # scipy has no interval for constant data
        assert summary.low == summary.mean == summary.high
        return
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (summary.low, summary.high) == pytest.approx((expected.low, expected.high))


def test_missing_runs_are_left_out():
    assert summarise([0.8, float("nan"), 0.9]) == summarise([0.8, 0.9])


def test_one_run_has_no_spread_and_none_has_no_mean():
    one, none = summarise([0.8]), summarise([])
    assert one.mean == 0.8
    assert all(math.isnan(value) for value in (one.std, one.low, one.high, none.mean, none.std))
