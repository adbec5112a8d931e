"""No more than the paper does: all pixels by one mean and one standard deviation."""

import numpy as np
import numpy.typing as npt

from digitpairs.training.preprocess import Constants
from digitpairs.training.scaling import moments, parts_of_white, scaled


def fit(pixels: npt.NDArray[np.uint16]) -> Constants:
    """Take the mean and standard deviation of the training pixels."""
    return moments(parts_of_white(pixels))


def apply(pixels: npt.NDArray[np.uint16], constants: Constants) -> npt.NDArray[np.float32]:
    """Scale by those of the training pixels."""
    return scaled(parts_of_white(pixels), constants)
