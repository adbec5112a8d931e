"""Slanted digits made upright."""

import numpy as np
import pytest

from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.sizes import FULL_SCALE
from digitpairs.training.preprocess import fitted
from digitpairs.training.preprocessing import deskewed

AT = np.arange(14)


def upright(images: np.ndarray) -> np.ndarray:
    """Make gray images (..., 14, 14) upright."""
    found: np.ndarray = deskewed.upright(images[..., None, :, :])[..., 0, :, :]
    return found


def blob(slope: float, x: float = 6.5, y: float = 6.5) -> np.ndarray:
    """A tall Gaussian around (x, y), whose centre line moves by `slope` columns a row."""
    across = AT - x - slope * (AT[:, None] - y)
    return np.exp(-(across**2) / 2 / 1.2**2 - (AT[:, None] - y) ** 2 / 2 / 2.0**2)


def sheared(images: np.ndarray, slope: float) -> np.ndarray:
    """Shear about the middle row, with np.interp."""
    rows = [
        [np.interp(AT - slope * (row - 6.5), AT, line, 0, 0) for row, line in enumerate(image)]
        for image in images
    ]
    return np.array(rows)


@pytest.mark.parametrize("slope", [-0.8, -0.3, 0.0, 0.4, 0.9])
@pytest.mark.parametrize("place", [(6.5, 6.5), (5.5, 7.0)])
def test_a_slanted_blob_becomes_the_upright_one(slope: float, place: tuple[float, float]) -> None:
    found = upright(blob(slope, *place))
    assert found == pytest.approx(blob(0, *place), abs=0.1)  # what lies between pixels is blurred


def test_a_sheared_digit_becomes_nearly_what_it_was_upright(sets: dict[str, PairSet]) -> None:
    pixels = sets["train"].pixels.reshape(-1, 14, 14) / FULL_SCALE
    inner = pixels[(pixels[:, :, :3].sum((1, 2)) + pixels[:, :, -3:].sum((1, 2))) == 0]
    assert len(inner) > 40
    straight = upright(inner)
    for slope in (-0.3, 0.3):
        slanted = sheared(straight, slope)
        again = upright(slanted)
        before, after = (
            np.sqrt(((images - straight) ** 2).mean((1, 2))) for images in (slanted, again)
        )
        assert (after < 0.08).all()
        assert np.median(after / before) < 0.4


def test_digits_lean_neither_way_afterwards_and_stay_where_they_are(
    sets: dict[str, PairSet],
) -> None:
    images = sets["test"].pixels / FULL_SCALE
    straight = deskewed.upright(images)
    assert np.abs(deskewed.lean(images)[0]).mean() > 0.1
    assert np.abs(deskewed.lean(straight)[0]).mean() < 1e-3
    for axis in (-2, -1):
        before, after = (
            (part.sum(axis) * AT).sum(-1) / part.sum((-2, -1)) for part in (images, straight)
        )
        assert after == pytest.approx(before, abs=0.05)
    assert straight.sum((-2, -1)) == pytest.approx(images.sum((-2, -1)), rel=0.01)


def test_by_hand() -> None:
    """A diagonal becomes a line that stands."""
    found = upright(diagonal())
    expected = np.zeros((14, 14))
    expected[3:10, 6] = 1
    assert found == pytest.approx(expected, abs=1e-12)


def diagonal() -> np.ndarray:
    """Seven pixels from (3, 3) to (9, 9)."""
    image = np.zeros((14, 14))
    image[range(3, 10), range(3, 10)] = 1
    return image


@pytest.mark.parametrize("rows", [[], [6]])
def test_an_image_without_height_stays_as_it_is(rows: list[int]) -> None:
    image = np.zeros((14, 14))
    image[rows, 2:7] = 0.5
    assert upright(image) == pytest.approx(image, abs=1e-12)


def test_outside_an_image_there_is_no_ink() -> None:
    columns = np.tile([-1.0, 0, 13, 14, *range(10)], (14, 1))
    found = deskewed.read(np.ones((14, 14)), columns)
    assert found.tolist() == [[0, 1, 1, 0] + [1] * 10] * 14


def test_upright_digits_are_scaled_by_the_training_pairs(sets: dict[str, PairSet]) -> None:
    train, test = (deskewed.upright(sets[part].pixels / FULL_SCALE) for part in ("train", "test"))
    expected = (test - train.mean()) / train.std()
    found = fitted("deskewed", sets["train"].pixels)(sets["test"].pixels)
    assert np.array_equal(found, expected.astype(np.float32))
