"""Slanted digits made upright: a shear of each image by its second moments (LeCun et al. 1998)."""

import numpy as np
import numpy.typing as npt

from digitpairs.training.preprocess import Constants
from digitpairs.training.scaling import Images, moments, parts_of_white, scaled


def fit(pixels: npt.NDArray[np.uint16]) -> Constants:
    """Take the mean and standard deviation of the training pixels, made upright."""
    return moments(upright(parts_of_white(pixels)))


def apply(pixels: npt.NDArray[np.uint16], constants: Constants) -> npt.NDArray[np.float32]:
    """Make images (..., channels, side, side) upright, scaled as the training pixels are."""
    return scaled(upright(parts_of_white(pixels)), constants)


def upright(images: Images) -> Images:
    """Shear images (..., channels, side, side) until their ink leans neither way.

    Rows slide about the centre of mass, which stays where it is. A row is read between its pixels
    by linear interpolation, which for a shift along the row is bilinear. Background is 0.
    """
    slope, height = lean(images.sum(-3, keepdims=True))
    source = np.arange(images.shape[-1]) + (slope[..., None] * height)[..., None]
    left = np.floor(source)
    part = source - left
    return (1 - part) * read(images, left) + part * read(images, left + 1)


def lean(images: Images) -> tuple[Images, Images]:
    """Return the slope (...) of each image, columns a row, and rows (..., side) from its centre."""
    at = np.arange(images.shape[-1])
    ink = images.sum((-2, -1))
    ink = np.where(ink > 0, ink, 1)
    in_row = images.sum(-1)
    height = at - ((in_row * at).sum(-1) / ink)[..., None]
    spread = (in_row * height**2).sum(-1)
    # Columns count from any place: the heights of all ink add up to zero.
    slope = ((images * at).sum(-1) * height).sum(-1) / np.where(spread > 0, spread, 1)
    return slope, height


def read(images: Images, columns: Images) -> Images:
    """Read each pixel (..., side, side) from a column of its row; 0 outside the image."""
    columns = np.broadcast_to(columns, images.shape)
    inside = (columns >= 0) & (columns < images.shape[-1])
    places = np.where(inside, columns, 0).astype(np.intp)
    return np.where(inside, np.take_along_axis(images, places, -1), 0)
