"""From an image file to its light: a PNG or JPEG of any colours, upright, of moderate size."""

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from digitpairs.errors import UserError, quoted

FORMATS = ("PNG", "JPEG")
MOST_PIXELS = 64_000_000  # what phones take; decoded it is 256 MB
LEAST_SIDE = 14  # pixels
WORKING_SIDE = 640  # pixels; a larger image is made smaller, which also averages its noise
WIDE = 65535 / 255  # from the values of 16 bits to those of 8

Light = npt.NDArray[np.float64]


def read_light(path: Path) -> Light:
    """Read how light each pixel is: (height, width), 0 is black and 1 is white.

    Raises UserError, without the file's name, for what is no image or none that can be used.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged EXIF data, and sizes: see check_size
            with Image.open(path, formats=FORMATS) as image:
                check_size(image)
                check_still(image)
                return light_of(small(ImageOps.exif_transpose(image)))
    except FileNotFoundError:
        raise UserError("no such file") from None
    except IsADirectoryError:
        raise UserError("a folder, not an image") from None
    except PermissionError:
        raise UserError("may not be read: change its permissions") from None
    except Image.DecompressionBombError:
        raise UserError(TOO_LARGE) from None
    except UnidentifiedImageError:
        raise UserError("not a PNG or JPEG image: save the photo as one of these") from None
    except UserError:
        raise
    except Exception as error:  # a damaged file makes Pillow raise almost anything
        raise UserError(f"a damaged image ({quoted(str(error))}): save the photo again") from None


TOO_LARGE = f"more than {MOST_PIXELS / 1e6:.0f} million pixels: make the image smaller"


def check_size(image: Image.Image) -> None:
    """Raise UserError for an image too large or too small. Nothing of it is decoded before."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise UserError(f"{width:,} x {height:,} pixels, {TOO_LARGE}")
    if min(width, height) < LEAST_SIDE:
        raise UserError(
            f"{width:,} x {height:,} pixels: too small; take an image of at least "
            f"{LEAST_SIDE} x {LEAST_SIDE}"
        )


def check_still(image: Image.Image) -> None:
    """Raise UserError for an animation. A JPEG of several pictures is a phone's: one and extras."""
    if image.format == "PNG" and getattr(image, "is_animated", False):
        raise UserError("an animation: save one of its pictures as a PNG or JPEG")


def small(image: Image.Image) -> Image.Image:
    """Average blocks of pixels, so that the longer side is WORKING_SIDE or less.

    The modes that come back are RGBA, RGB and F (gray, 0 to 255).
    """
    if image.mode.startswith("I"):
        gray = Image.fromarray(np.asarray(image, np.float32) / np.float32(WIDE))
    else:
        gray = image.convert("RGBA" if image.has_transparency_data else "RGB")
    factor = -(-max(gray.size) // WORKING_SIDE)
    return gray.reduce(factor) if factor > 1 else gray


def light_of(image: Image.Image) -> Light:
    """Turn colours into light, and what is transparent into a ground that shows the rest."""
    if image.mode != "RGBA":
        gray = image if image.mode == "F" else image.convert("L")
        return np.asarray(gray, np.float64) / 255
    light = np.asarray(image.convert("RGB").convert("L"), np.float64) / 255
    opaque = np.asarray(image.getchannel("A"), np.float64) / 255
    return opaque * light + (1 - opaque) * ground_behind(light, opaque)


def ground_behind(light: Light, opaque: Light) -> float:
    """How light to make what is transparent.

    Where most is opaque, that is paper with a digit on it: as light as the paper. Else it is ink
    alone: black or white, whichever differs more.
    """
    visible = opaque > 0.5
    if 2 * visible.sum() > visible.size:
        return float(np.median(light[visible]))
    return float(not visible.any() or light[visible].mean() < 0.5)
