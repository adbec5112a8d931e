"""From pixel sums to what a net sees."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from digitpairs.pairs.pairset import PairSet

FULL_SCALE = 4 * 255  # the sum of a 2x2 window of white pixels
Prepare = Callable[[npt.NDArray[np.uint16]], npt.NDArray[np.float32]]  # of shape (..., 14, 14)


def fitted(train: PairSet) -> Prepare:
    """Scale pixels by the mean and std (one scalar each) of the training pixels."""
    scaled = train.pixels / FULL_SCALE
    mean, std = scaled.mean(), scaled.std()
    return lambda pixels: ((pixels / FULL_SCALE - mean) / std).astype(np.float32)


def normalised(
    train: PairSet, test: PairSet
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Scale both sets by the mean and std (one scalar each) of the training pixels."""
    prepare = fitted(train)
    return prepare(train.pixels), prepare(test.pixels)
