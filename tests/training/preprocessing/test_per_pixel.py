"""Each pixel by its own mean and standard deviation."""

import numpy as np
import pytest

from digitpairs.pairs.pairset import PairSet
from digitpairs.training.preprocess import fitted
from digitpairs.training.preprocessing import per_pixel


def test_each_pixel_that_varies_has_mean_0_and_std_1_over_both_sides(
    sets: dict[str, PairSet],
) -> None:
    pixels = sets["train"].pixels
    images = fitted("per_pixel", pixels)(pixels).astype(float)
    varies = pixels.std((0, 1)) > per_pixel.LEAST * pixels.std()
    assert 100 < varies.sum() < 14 * 14
    assert images.mean((0, 1)) == pytest.approx(np.zeros((1, 14, 14)), abs=1e-6)
    assert images.std((0, 1))[varies] == pytest.approx(1, abs=1e-6)
    assert (images.std((0, 1))[~varies] < 1).all()


def test_by_hand() -> None:
    train = np.zeros((2, 2, 1, 14, 14), np.uint16)
    train[..., 3, :] = np.array([100, 200, 300, 400]).reshape(2, 2, 1, 1)
    images = fitted("per_pixel", train)(train)
    assert images[..., 3, 0].ravel() == pytest.approx(np.array([-1.5, -0.5, 0.5, 1.5]) / 1.25**0.5)
    assert not np.delete(images, 3, 3).any()


def test_ink_where_the_training_images_have_none_is_not_blown_up() -> None:
    train = np.zeros((50, 2, 1, 14, 14), np.uint16)
    train[::2, ..., 3:10, :] = 1000
    train[0, 0, 0, 0, 0] = 1
    test = np.zeros((2, 1, 14, 14), np.uint16)
    test[..., 0, 0], test[..., 13, 13] = 1000, 1000
    images = fitted("per_pixel", train)(test)
    assert 1 < images.max() < 30
