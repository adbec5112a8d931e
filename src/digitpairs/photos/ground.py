"""The ground of a photo: a smooth surface, because light falls unevenly."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from digitpairs.photos.image import Light

GRID = 32  # the surface is fitted to at most so many means in each direction
FRAME = 1  # means: at the border there is ground alone, even where a digit nearly fills the image
ROUNDS = 8
NEAR = 3.0  # standard deviations: what is farther from the surface is not ground
FINEST = 0.004  # a step of 8 bits


def ground(light: Light) -> Light:
    """Fit a quadratic surface to the ground: (height, width), as light as it would be unmarked.

    First it is fitted to the image's frame, then to all that lies near the surface found before.
    """
    means = thinned(light)
    terms = quadratic(*means.shape)
    values = means.ravel()
    known = frame(*means.shape).ravel()
    surface = np.full_like(values, np.median(values[known]))
    for round_number in range(ROUNDS):
        candidates = known if round_number < ROUNDS // 2 else np.ones_like(known)
        distance = np.abs(values - surface)
        spread = max(1.4826 * float(np.median(distance[known])), FINEST)
        taken = candidates & (distance <= NEAR * spread)
        surface = terms @ np.linalg.lstsq(terms[taken], values[taken], rcond=None)[0]
    coefficients = np.linalg.lstsq(terms, surface, rcond=None)[0]
    return np.asarray((quadratic(*light.shape) @ coefficients).reshape(light.shape))


def thinned(light: Light) -> Light:
    """Average an image onto a grid of at most GRID x GRID."""
    height, width = (min(side, GRID) for side in light.shape)
    image = Image.fromarray(light.astype(np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BOX), np.float64)


def quadratic(height: int, width: int) -> npt.NDArray[np.float64]:
    """Terms of a quadratic surface, at the centre of each pixel: (height * width, 6)."""
    y, x = np.meshgrid(centres(height), centres(width), indexing="ij")
    columns = (np.ones_like(x), x, y, x * y, x * x, y * y)
    return np.stack([column.ravel() for column in columns], axis=1)


def centres(count: int) -> npt.NDArray[np.float64]:
    """Centres of pixels along a side that goes from -1 to 1."""
    return (2 * np.arange(count) + 1) / count - 1


def frame(height: int, width: int) -> npt.NDArray[np.bool_]:
    """Where the image's frame lies."""
    inside = np.zeros((height, width), bool)
    inside[FRAME:-FRAME, FRAME:-FRAME] = True
    return ~inside
