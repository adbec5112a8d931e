"""From pixel sums to what a trained net sees, by what its preprocessing learned."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from digitpairs.errors import UserError
from digitpairs.pairs.pixels import FULL_SCALE
from digitpairs.runs.weights import Weights

Prepare = Callable[[npt.NDArray[np.uint16]], npt.NDArray[np.float32]]


def preparation(weights: Weights) -> Prepare:
    """Find what turns pixels (..., 14, 14) into what the net sees, of the same shape."""
    name, constants = weights.spec.recipe.preprocessing, weights.constants
    if name != "none" or constants.keys() != {"mean", "std"}:
        raise UserError(f"preprocessing {name!r} with {sorted(constants)}: none is known for these")

    def prepare(pixels: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
        scaled = (pixels / FULL_SCALE - constants["mean"]) / constants["std"]
        return np.asarray(scaled, np.float32)

    return prepare
