"""A photo of a digit, as the nets see digits."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from digitpairs.errors import UserError
from digitpairs.photos.find import find_digit
from digitpairs.photos.image import read_light
from digitpairs.photos.place import mnist_like, pooled


def read_digit(path: Path) -> npt.NDArray[np.uint16]:
    """Read an image of one digit on a plain ground: pixels (14, 14), 0 to 1,020.

    Dark on light or light on dark, of any size and colours, PNG or JPEG. Raises UserError that
    names the file, says what was found and what to do.
    """
    try:
        return pooled(mnist_like(find_digit(read_light(path))))
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
