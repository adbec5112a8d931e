"""A digit in MNIST's frame: its longer side 20 pixels of 28, its centre of mass in the middle."""

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from digitpairs.photos.find import Found, Mask, Place
from digitpairs.photos.image import Light

FRAME = 28  # the side of an image of MNIST, in pixels
BOX = 20  # the side of the box that a digit fits
FINE = 200  # pixels: a digit half as long or less is enlarged before it is scaled
MIDDLE = 14  # the pixel that holds the centre of mass, in both directions, in all of MNIST


def mnist_like(found: Found) -> npt.NDArray[np.uint8]:
    """Scale a digit and put it in place: (28, 28), ink is 255.

    Source: LeCun, Cortes and Burges, The MNIST database, "size-normalized to fit in a 20x20 pixel
    box while preserving their aspect ratio [...] centered in a 28x28 image by computing the center
    of mass of the pixels".
    """
    boxed = scaled(found)
    centre = np.array(ndimage.center_of_mass(boxed)) + 0.5  # from the edge of the first pixel
    top, left = np.ceil(MIDDLE - centre).astype(int) + BOX
    wide = np.zeros((FRAME + 2 * BOX, FRAME + 2 * BOX), np.uint8)  # room for the box's empty sides
    wide[top : top + BOX, left : left + BOX] = np.round(255 * boxed)
    return wide[BOX:-BOX, BOX:-BOX]


def scaled(found: Found) -> Light:
    """Scale the digit to BOX x BOX, each pixel the mean of what it covers."""
    ink, strokes = fine(found)
    rows, columns = place_of(strokes)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    longer = max(height, width)
    top, left = (longer - height) // 2, (longer - width) // 2
    square = np.zeros((longer, longer), np.float32)
    square[top : top + height, left : left + width] = ink[rows, columns]
    box = Image.fromarray(square).resize((BOX, BOX), Image.Resampling.BOX)
    return np.asarray(box, np.float64).clip(0, 1)


def fine(found: Found) -> Found:
    """Cut out the digit, and enlarge a small one: its edges lie between pixels."""
    rows, columns = (slice(side.start - 1, side.stop + 1) for side in place_of(found.strokes))
    strokes = found.strokes[rows, columns]
    # The edges of strokes are partly ink; what lies farther off is noise and specks.
    nearby = ndimage.binary_dilation(strokes, iterations=1 + max(strokes.shape) // BOX)
    ink = found.ink[rows, columns] * nearby
    times = FINE // max(strokes.shape)
    if times < 2:
        return Found(ink, strokes)
    height, width = (times * side for side in strokes.shape)
    image = Image.fromarray(ink.astype(np.float32)).resize((width, height))
    large = np.asarray(image, np.float64).clip(0, 1)
    return Found(large, large > 0.5)


def place_of(strokes: Mask) -> Place:
    """Find the rows and columns that a digit takes; none is the image's first or last."""
    place: Place = ndimage.find_objects(strokes.astype(np.int8))[0]
    return place


def pooled(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """Sum each 2x2 window of an image (28, 28): (14, 14), 0 to 1,020, as in a pair set."""
    half = FRAME // 2
    sums: npt.NDArray[np.uint16] = image.reshape(half, 2, half, 2).sum((1, 3), np.uint16)
    return sums
