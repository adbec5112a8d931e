"""The one digit on a plain ground: where its ink lies, or why there is none."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from digitpairs.errors import UserError
from digitpairs.photos.ground import FINEST, ground
from digitpairs.photos.image import Light

Mask = npt.NDArray[np.bool_]
Place = tuple[slice, ...]  # rows and columns

LEAST_CONTRAST = 0.06  # of black to white
LEAST_CLEAR = 5.0  # contrast of the ink, in standard deviations of the ground
MOST_OTHER = 0.25  # of the other polarity, in pixels of ink
MOST_STRAY = 0.3  # specks together, in pixels of ink
SPECK = 0.05  # of the ink of the largest mark: a mark as small is dirt
LEAST_HEIGHT = 10  # pixels of a digit's longer side
MOST_WIDE = 2.2  # width of a digit in heights; 2.0 in MNIST
MOST_FILLED = 0.33  # radius of the largest disc inside the ink, in the longer side; 0.29 in MNIST
MOST_GAP = 0.15  # between the strokes of one digit, in its longer side
TALL = 0.6  # of the largest mark's height: a mark beside it as tall is another digit

FULL = 75  # percentile of the strokes' ink that is full ink
EMPTY = 0.2  # of full ink: so little is paper, and what lacks so little is full

EIGHT = np.ones((3, 3), bool)  # neighbours of a pixel, the diagonal ones too
PLAIN = "photograph one digit alone, on a plain ground that contrasts with it"


class Found(NamedTuple):
    """A digit: how much ink each pixel holds, 0 to 1 (height, width), and where its strokes lie."""

    ink: Light
    strokes: Mask


def find_digit(light: Light) -> Found:
    """Find the one digit of a photo. Raises UserError, without the file's name, else."""
    ink = inked(light)
    level = threshold(smooth(ink))
    strokes = marks_of_one_digit(smooth(ink) > level)
    check_shape(strokes)
    full = float(np.percentile(ink[strokes], FULL))
    return Found(np.clip((ink / full - EMPTY) / (1 - 2 * EMPTY), 0, 1), strokes)


def inked(light: Light) -> Light:
    """How far each pixel is from the ground, ink positive, whichever of the two is darker."""
    below = ground(light)
    difference = light - below
    seen = smooth(difference)
    far = np.abs(seen) > threshold(np.abs(seen))
    dark, bright = (far & (seen < 0)).sum(), (far & (seen > 0)).sum()
    if min(dark, bright) > MOST_OTHER * max(dark, bright):
        raise UserError(f"the ground is not plain, it is darker and lighter in places: {PLAIN}")
    if bright > dark:
        return difference
    return -difference / np.maximum(below, 0.1)  # paper and ink in shadow darken alike


def smooth(ink: Light) -> Light:
    """Take out noise that is finer than a stroke."""
    return ndimage.gaussian_filter(ink, min(ink.shape) / 300)


def threshold(ink: Light) -> float:
    """Half of the ink's contrast to the ground. Raises UserError where nothing stands out."""
    marked = ink > otsu(ink)
    rest = ink[~marked] if marked.any() else ink
    noise = max(1.4826 * float(np.median(np.abs(rest))), FINEST)
    contrast = float(np.median(ink[marked])) if marked.any() else 0.0
    if noise > LEAST_CONTRAST and contrast < LEAST_CLEAR * noise:
        raise UserError(f"the ground is not plain, or very noisy: {PLAIN}")
    if contrast < max(LEAST_CONTRAST, LEAST_CLEAR * noise):
        raise UserError(f"nothing stands out from the ground: {PLAIN}")
    return contrast / 2


def otsu(values: Light) -> float:
    """The threshold that parts values into two classes, each as even as can be (Otsu 1979)."""
    counts, edges = np.histogram(values, 256)
    centres = (edges[:-1] + edges[1:]) / 2
    below, moment = np.cumsum(counts), np.cumsum(counts * centres)
    sizes = below * (below[-1] - below)
    apart = (moment[-1] * below / below[-1] - moment) ** 2 / np.maximum(sizes, 1)
    best = int(np.argmax(np.where(sizes > 0, apart, 0)))
    return float(edges[1 + best]) if sizes[best] else float(values.max())


def marks_of_one_digit(marked: Mask) -> Mask:
    """Take the strokes of the digit, and no specks. Raises UserError where there is more."""
    labels, count = ndimage.label(marked, EIGHT)
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    places = ndimage.find_objects(labels)
    largest = int(np.argmax(areas))
    marks = [mark for mark in range(count) if areas[mark] > SPECK * areas[largest]]
    for mark in marks:
        if touches_border(places[mark], marked.shape):
            raise UserError(
                "a mark touches the border of the image: leave plain ground around the digit"
            )
    specks = areas.sum() - areas[marks].sum()
    if specks > MOST_STRAY * areas[largest]:
        raise UserError(f"the ground is not plain, {count:,} marks stand out: {PLAIN}")
    return joined(labels, [mark for mark in marks if mark != largest], largest, places)


def joined(
    labels: npt.NDArray[np.integer], others: list[int], largest: int, places: list[Place]
) -> Mask:
    """Add to the largest mark those that are strokes of its digit. Raises UserError for others."""
    digit: Mask = labels == largest + 1
    if not others:
        return digit
    reach = MOST_GAP * max(side.stop - side.start for side in places[largest])
    near = ndimage.distance_transform_edt(~digit) <= reach
    for mark in others:
        own = labels == mark + 1
        if not (near & own).any() or is_beside(places[mark], places[largest]):
            raise UserError(f"{len(others) + 1} separate marks stand out: {PLAIN}")
        digit |= own
    return digit


def touches_border(place: Place, shape: tuple[int, ...]) -> bool:
    """Whether a mark reaches the image's outermost pixels."""
    return any(
        side.start == 0 or side.stop == length for side, length in zip(place, shape, strict=True)
    )


def is_beside(place: Place, largest: Place) -> bool:
    """Whether a mark is another digit: nearly as tall as the largest, to its left or right."""
    (rows, columns), (all_rows, all_columns) = place, largest
    tall = rows.stop - rows.start > TALL * (all_rows.stop - all_rows.start)
    overlap = min(columns.stop, all_columns.stop) - max(columns.start, all_columns.start)
    return bool(tall and overlap <= 0)


def check_shape(strokes: Mask) -> None:
    """Raise UserError for what is too small, too wide or too solid to be a digit."""
    rows, columns = ndimage.find_objects(strokes.astype(np.int8))[0]
    height, width = rows.stop - rows.start, columns.stop - columns.start
    longer = max(height, width)
    size = f"the mark is {width} x {height} pixels of {strokes.shape[1]} x {strokes.shape[0]}"
    if longer < LEAST_HEIGHT:
        raise UserError(f"{size}: too small to be read; go nearer, or cut the photo to the digit")
    if width > MOST_WIDE * height:
        raise UserError(f"{size}: too wide for one digit; {PLAIN}")
    radius = ndimage.distance_transform_edt(np.pad(strokes[rows, columns], 1)).max()
    if radius > MOST_FILLED * longer:
        raise UserError(f"{size}, and solid: not a digit drawn in strokes; {PLAIN}")
