"""Each pixel of an image by its own mean and standard deviation over the training images."""

import numpy as np
import numpy.typing as npt

from digitpairs.training.preprocess import Constants
from digitpairs.training.scaling import parts_of_white, scaled

# Of the standard deviation of all pixels. Ink hardly ever reaches the corners: scaled by their own
# tiny deviation, a digit that does reach one would be hundreds of times as bright as any other.
LEAST = 0.1


def fit(pixels: npt.NDArray[np.uint16]) -> Constants:
    """Take the mean and standard deviation of the training images of both sides."""
    images = parts_of_white(pixels)
    return {
        "mean": images.mean((0, 1)),
        "std": np.maximum(images.std((0, 1)), LEAST * images.std()),
    }


def apply(pixels: npt.NDArray[np.uint16], constants: Constants) -> npt.NDArray[np.float32]:
    """Scale each pixel by what it is in the training images."""
    return scaled(parts_of_white(pixels), constants)
