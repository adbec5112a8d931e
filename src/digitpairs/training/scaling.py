"""Images to mean 0 and standard deviation 1: what several preprocessings end with."""

import numpy as np
import numpy.typing as npt

from digitpairs.pairs.sizes import FULL_SCALE
from digitpairs.training.preprocess import Constants

Images = npt.NDArray[np.float64]


def parts_of_white(pixels: npt.NDArray[np.uint16]) -> Images:
    """Divide pixel sums by that of white: 0 to 1."""
    return pixels / FULL_SCALE


def moments(images: Images) -> Constants:
    """Take the mean and standard deviation of all pixels, a number each."""
    return {"mean": np.asarray(images.mean()), "std": np.asarray(images.std())}


def scaled(images: Images, constants: Constants) -> npt.NDArray[np.float32]:
    """Subtract the mean and divide by the standard deviation: numbers, or arrays of pixels."""
    images = (images - constants["mean"]) / constants["std"]
    return images.astype(np.float32)
