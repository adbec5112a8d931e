"""Slanted digits made upright: a shear of each image by its second moments (LeCun et al. 1998)."""

import numpy as np
import numpy.typing as npt

from digitpairs.pairs.sizes import SIDE
from digitpairs.training.preprocess import Constants
from digitpairs.training.scaling import Images, moments, parts_of_white, scaled


def fit(pixels: npt.NDArray[np.uint16]) -> Constants:
    """Take the mean and standard deviation of the training pixels, made upright."""
    return moments(upright(parts_of_white(pixels)))


def apply(pixels: npt.NDArray[np.uint16], constants: Constants) -> npt.NDArray[np.float32]:
    """Make images (..., 14, 14) upright, and scale them as the training pixels are."""
    return scaled(upright(parts_of_white(pixels)), constants)


def upright(images: Images) -> Images:
    """Shear images (..., 14, 14) until their ink leans neither way.

    Rows slide about the centre of mass, which stays where it is. A row is read between its pixels
    by linear interpolation, which for a shift along the row is bilinear. Background is 0.
    """
    slope, height = lean(images)
    source = np.arange(SIDE) + (slope[..., None] * height)[..., None]
    left = np.floor(source)
    part = source - left
    return (1 - part) * read(images, left) + part * read(images, left + 1)


def lean(images: Images) -> tuple[Images, Images]:
    """Return the slope (...) of each image, columns a row, and rows (..., 14) from its centre."""
    at = np.arange(SIDE)
    ink = images.sum((-2, -1))
    ink = np.where(ink > 0, ink, 1)
    in_row = images.sum(-1)
    height = at - ((in_row * at).sum(-1) / ink)[..., None]
    centre = (images.sum(-2) * at).sum(-1) / ink
    from_centre = (images * at).sum(-1) - centre[..., None] * in_row
    spread = (in_row * height**2).sum(-1)
    slope = (from_centre * height).sum(-1) / np.where(spread > 0, spread, 1)
    return slope, height


def read(images: Images, columns: Images) -> Images:
    """Read each pixel (..., 14, 14) from a column of its row; 0 outside the image."""
    inside = (columns >= 0) & (columns < SIDE)
    places = np.where(inside, columns, 0).astype(np.intp)
    return np.where(inside, np.take_along_axis(images, places, -1), 0)
