"""From pixel sums to what a net sees."""

import numpy as np
import numpy.typing as npt

from digitpairs.pairs.pairset import PairSet

FULL_SCALE = 4 * 255  # the sum of a 2x2 window of white pixels


def normalised(
    train: PairSet, test: PairSet
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Scale both sets by the mean and std (one scalar each) of the training pixels."""
    scaled = train.pixels / FULL_SCALE
    mean, std = scaled.mean(), scaled.std()
    return (
        ((scaled - mean) / std).astype(np.float32),
        ((test.pixels / FULL_SCALE - mean) / std).astype(np.float32),
    )
