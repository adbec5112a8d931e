"""The paper's preprocessing: one mean and one standard deviation, to the bit."""

import numpy as np
import pytest

from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.sizes import FULL_SCALE
from digitpairs.training.preprocess import fitted


def test_training_pairs_have_mean_0_and_std_1(sets: dict[str, PairSet]) -> None:
    images = fitted("none", sets["train"].pixels)(sets["train"].pixels)
    rounding = float(np.finfo(np.float32).eps)
    assert images.mean(dtype=np.float64) == pytest.approx(0, abs=rounding)
    assert images.std(dtype=np.float64) == pytest.approx(1, abs=rounding)


def test_test_pairs_are_scaled_by_the_training_pairs_in_float64(sets: dict[str, PairSet]) -> None:
    images = fitted("none", sets["train"].pixels)(sets["test"].pixels)
    reference = sets["train"].pixels.astype(np.float64) / FULL_SCALE
    expected = (sets["test"].pixels / FULL_SCALE - reference.mean()) / reference.std()
    assert np.array_equal(images, expected.astype(np.float32))
    assert images.mean(dtype=np.float64) != pytest.approx(0, abs=1e-4)
