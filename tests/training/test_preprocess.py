"""Preprocessing by name: what all have in common."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.identity import PACKAGE
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.sizes import FULL_SCALE
from digitpairs.recipe import Preprocessing
from digitpairs.training.preprocess import Fitted, fitted

NAMES = get_args(Preprocessing)
all_names = pytest.mark.parametrize("name", NAMES)


@st.composite
def pixel_sums(draw: st.DrawFn, channels: int) -> np.ndarray:
    """Pixels (3, 2, channels, 14, 14): few or many with ink, of few or many values."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    ink = rng.random((3, 2, channels, 14, 14)) < draw(st.sampled_from([0, 0.01, 0.2, 1]))
    most = draw(st.sampled_from([1, 10, FULL_SCALE]))
    return (ink * rng.integers(most, size=ink.shape, endpoint=True)).astype(np.uint16)


def test_each_name_of_recipes_has_a_file() -> None:
    files = {file.stem for file in (PACKAGE / "training/preprocessing").glob("*.py")}
    assert files - {"__init__"} == set(NAMES)


@all_names
@given(both=st.sampled_from([1, 3]).flatmap(lambda c: st.tuples(pixel_sums(c), pixel_sums(c))))
def test_whatever_the_pixels_images_are_finite_and_keep_their_shape(
    name: str, both: tuple[np.ndarray, np.ndarray]
) -> None:
    train, test = both
    train[0, 0, 0, 6, 6:8] = 0, FULL_SCALE  # training images of one colour have no scale
    for given_pixels in (train, test, test[0], test[0, 0]):
        images = fitted(name, train)(given_pixels)
        assert images.dtype == np.float32
        assert images.shape == given_pixels.shape
        assert np.isfinite(images).all()


@all_names
def test_an_image_is_prepared_whatever_images_go_beside_it(
    name: str, sets: dict[str, PairSet]
) -> None:
    prepare = fitted(name, sets["train"].pixels)
    together = prepare(sets["test"].pixels)
    alone = [prepare(pair) for pair in sets["test"].pixels]
    assert np.array_equal(together, alone)


@all_names
def test_constants_are_small_and_learned_from_the_training_pairs_alone(
    name: str, sets: dict[str, PairSet]
) -> None:
    prepare = fitted(name, sets["train"].pixels)
    assert sum(array.size for array in prepare.constants.values()) <= 2 * 14 * 14
    again = Fitted(name, {key: np.array(array) for key, array in prepare.constants.items()})
    assert np.array_equal(again(sets["test"].pixels), prepare(sets["test"].pixels))


@all_names
def test_the_nets_see_pixels_of_mean_0_and_about_one_scale(
    name: str, sets: dict[str, PairSet]
) -> None:
    images = fitted(name, sets["train"].pixels)(sets["train"].pixels).astype(float)
    assert images.mean() == pytest.approx(0, abs=1e-6)
    assert 0.8 < images.std() < 1 + 1e-6
