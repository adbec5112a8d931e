"""Each image by its own mean and standard deviation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.sizes import FULL_SCALE
from digitpairs.training.preprocess import Fitted, fitted

prepare = Fitted("per_image", {})


def test_each_image_has_mean_0_and_std_1(sets: dict[str, PairSet]) -> None:
    images = prepare(sets["test"].pixels).astype(float)
    assert images.mean((-2, -1)) == pytest.approx(np.zeros((40, 2, 1)), abs=1e-6)
    assert images.std((-2, -1)) == pytest.approx(np.ones((40, 2, 1)), abs=1e-6)


def test_by_hand() -> None:
    pixels = np.zeros((1, 14, 14), np.uint16)
    pixels[:, :7] = 1000  # half of them
    assert np.array_equal(prepare(pixels)[0], np.repeat([1.0, -1.0], 7)[:, None] * np.ones(14))


def test_a_digit_half_as_bright_looks_the_same(sets: dict[str, PairSet]) -> None:
    even = sets["test"].pixels // 2 * 2
    assert prepare(even // 2) == pytest.approx(prepare(even), abs=1e-5)


@given(st.integers(0, FULL_SCALE))
def test_an_image_of_one_colour_is_zero(value: int) -> None:
    """Also where rounding leaves it a tiny standard deviation."""
    assert not prepare(np.full((2, 1, 14, 14), value, np.uint16)).any()


def test_nothing_is_learned(sets: dict[str, PairSet]) -> None:
    assert fitted("per_image", sets["train"].pixels) == prepare
