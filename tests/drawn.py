"""Images of the tests' own: digits in a font, and MNIST's digits enlarged, as ink 0 to 1."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from digitpairs.photos.find import find_digit
from digitpairs.photos.place import mnist_like

Ink = npt.NDArray[np.float64]


def text(written: str, size: int = 120, side: int = 200, angle: float = 0.0) -> Ink:
    """Write in the middle of a square, turned by an angle in degrees."""
    image = Image.new("L", (side, side))
    font = ImageFont.load_default(size=size)
    ImageDraw.Draw(image).text((side / 2, side / 2), written, 255, font, anchor="mm")
    turned = image.rotate(angle, Image.Resampling.BICUBIC)
    return np.asarray(turned, np.float64) / 255


def enlarged(digit: npt.NDArray[np.uint8], times: int = 6, margin: int = 20) -> Ink:
    """Show a digit (h, w) larger, with a margin around it."""
    size = (digit.shape[1] * times, digit.shape[0] * times)
    large = Image.fromarray(digit).resize(size, Image.Resampling.BICUBIC)
    return np.pad(np.asarray(large, np.float64) / 255, margin)


def on_paper(ink: Ink, paper: float = 0.9, pen: float = 0.15) -> Ink:
    """How light ink on paper is."""
    return paper + (pen - paper) * ink


def picture(light: Ink) -> Image.Image:
    """Make an 8-bit gray image."""
    return Image.fromarray(np.round(255 * light.clip(0, 1)).astype(np.uint8))


def converted(light: Ink) -> npt.NDArray[np.uint8]:
    """What MNIST would have made of an image: (28, 28)."""
    return mnist_like(find_digit(light.clip(0, 1)))


def apart(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """Root mean square difference, of white, where they lie best by a pixel.

    The centre of mass is rounded to a pixel: a hair's breadth may move a digit by one.
    """
    moves = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    moved = [np.roll(one, move, (0, 1)).astype(float) for move in moves]
    return float(min(np.sqrt(((image - other) ** 2).mean()) for image in moved)) / 255
