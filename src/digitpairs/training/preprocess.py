"""From pixel sums to what a net sees, by the preprocessing that a recipe names.

A preprocessing is a file of training/preprocessing with two functions. `fit` takes the training
pixels, uint16 (n, 2, channels, side, side), and returns what it learns of them: small arrays by
name. `apply` takes pixels (..., channels, side, side) and these constants, and returns float32 of
the same shape.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

Constants = Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Fitted:
    """A preprocessing with the constants that it learned from the training pairs alone."""

    name: str
    constants: Constants

    def __call__(self, pixels: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
        """Turn pixel sums (..., channels, side, side) into what a net sees, of the same shape."""
        images: npt.NDArray[np.float32] = named(self.name).apply(pixels, self.constants)
        return images


def fitted(name: str, train_pixels: npt.NDArray[np.uint16]) -> Fitted:
    """Fit a preprocessing to the training pixels (n, 2, channels, side, side) of a run."""
    return Fitted(name, named(name).fit(train_pixels))


def named(name: str) -> Any:
    """Find a preprocessing by its name."""
    return import_module(f"digitpairs.training.preprocessing.{name}")
