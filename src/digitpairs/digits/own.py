"""Images of the user's own in place of MNIST's digits: a folder, or the arrays of a function.

They end up in the four IDX files that MNIST has, 0 to 255, so that all that follows is the same.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, StrictInt

from digitpairs.digits.folder import from_folder, holds_idx
from digitpairs.digits.idx import digits_of, file_names, idx_bytes
from digitpairs.digits.source import SourceError
from digitpairs.errors import UserError, quoted
from digitpairs.outside import FAILURES, function
from digitpairs.recipe import closed
from digitpairs.values import Name, Number, PartShare, no_truth

PARTS = ("train", "test")
SPLIT_SEED = 14  # of images that come without parts: split once and for all, not a knob
ENDINGS = (".png", ".jpg", ".jpeg")
MODES = {1: "L", 3: "RGB"}  # of Pillow, by channels
EIGHT_BITS = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")  # of Pillow
REAL = "buif"  # kinds of NumPy's types

Images = npt.NDArray[Any]
Labels = npt.NDArray[Any]
Parts = dict[str, tuple[Images, Labels]]


@closed
@dataclass(frozen=True)
class OwnImages:
    """What a user says of images of their own."""

    name: Annotated[Name, Field(description="of the images: stands on every product")]
    images: Annotated[
        str,
        Field(
            min_length=1,
            max_length=4096,
            pattern=r"^[^\x00-\x1f]+$",
            description="folder of MNIST's four IDX files, or of train/CLASS/*.png and "
            "test/CLASS/*.png; or package.module:function, or file.py:function, that returns "
            "images and labels",
        ),
    ]
    side: Annotated[
        StrictInt, Field(ge=4, le=256, description="of an image as nets see it, in pixels")
    ]
    classes: Annotated[StrictInt, Field(ge=2, le=100, description="labels are 0 to classes - 1")]
    channels: Annotated[
        Literal[1, 3], BeforeValidator(no_truth), Field(description="1 for gray, 3 for colours")
    ] = 1
    window: Annotated[
        StrictInt, Field(ge=1, le=16, description="side of the windows that are a pixel to nets")
    ] = 1
    white: Annotated[Number, Field(gt=0, le=1e9, description="value of the lightest pixel")] = 255
    test_share: Annotated[
        PartShare, Field(gt=0, description="of images that come without parts: share to test on")
    ] = 0.5
    checksum: Annotated[
        str | None,
        Field(pattern="^[0-9a-f]{12}$", description="of the images; null: whatever they are"),
    ] = None


def own_files(own: OwnImages) -> dict[str, bytes]:
    """Make the four IDX files. Raises SourceError that says what is wrong with the images."""
    try:
        parts = parts_of(own)
        files: dict[str, bytes] = {}
        for part in PARTS:
            if not len(parts[part][0]):
                raise UserError(f"leaves no {part} images; choose another data.own.test_share")
            images, labels = checked(*parts[part], own)
            contents = (idx_bytes(images), idx_bytes(labels))
            files |= dict(zip(file_names(part), contents, strict=True))
    except (UserError, OSError) as error:
        raise SourceError(f"data.own.images: {quoted(own.images)}: {error}") from None
    return files


def parts_of(own: OwnImages) -> Parts:
    """Read images and labels of both parts, as they come."""
    folder = Path(own.images)
    if ":" in own.images and not folder.exists():
        return split(*arrays_of(returned_by(own.images)), own.test_share)
    if holds_idx(folder):
        files = from_folder(folder)
        return {part: decoded(files, part) for part in PARTS}
    if not folder.is_dir():
        raise UserError("no such folder, and no function")
    return {part: pictures(folder / part, own) for part in PARTS}


def returned_by(named: str) -> Any:
    """Call a function of the user's."""
    call = function(named)
    try:
        return call()
    except FAILURES as error:
        raise UserError(f"fails: {quoted(error)}") from None


def decoded(files: dict[str, bytes], part: str) -> tuple[Images, Labels]:
    """Read a part from files in MNIST's format."""
    try:
        digits = digits_of(files, part)
    except (ValueError, IndexError, struct.error):
        names = " or ".join(file_names(part))
        raise UserError(f"{names} is damaged, or not in MNIST's format") from None
    return digits.images, digits.labels


def arrays_of(returned: Any) -> tuple[Images, Labels]:
    """Read images and labels from what a function returned: a pair, or as scikit-learn has it."""
    if isinstance(returned, Mapping) and {"images", "target"} <= returned.keys():
        returned = returned["images"], returned["target"]
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise UserError("returned no pair of arrays, images and labels")
    try:
        images, labels = map(np.asarray, returned)
    except ValueError:
        raise UserError("returned no pair of arrays: what is in them differs in size") from None
    check_numbers(images, labels)
    return images, labels


def split(images: Images, labels: Labels, test_share: float) -> Parts:
    """Split images by a seed: of each class, about the same share goes to either part."""
    rng = np.random.default_rng(SPLIT_SEED)
    rows: dict[str, list[npt.NDArray[np.int64]]] = {part: [] for part in PARTS}
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        tested = round(test_share * len(members))
        rows["test"].append(members[:tested])
        rows["train"].append(members[tested:])
    chosen = {part: np.sort(np.concatenate(of_part)) for part, of_part in rows.items()}
    return {part: (images[taken], labels[taken]) for part, taken in chosen.items()}


def pictures(folder: Path, own: OwnImages) -> tuple[Images, Labels]:
    """Read a folder that has a folder for each class, in the order of their names."""
    from PIL import Image  # not there on a bare GPU node

    file = folder
    try:
        classes = sorted(entry for entry in folder.iterdir() if entry.is_dir())
        if len(classes) != own.classes:
            raise UserError(f"{folder} has {len(classes)} folders; data.own.classes: {own.classes}")
        images, labels = [], []
        for label, entry in enumerate(classes):
            for file in sorted(entry.iterdir()):
                if file.suffix.lower() in ENDINGS:
                    with Image.open(file) as image:
                        if image.mode not in EIGHT_BITS:
                            raise UserError(f"{file} has more than 8 bits a pixel: save it anew")
                        pixels = np.atleast_3d(np.asarray(image.convert(MODES[own.channels])))
                    images.append(np.moveaxis(pixels, 2, 0))
                    labels.append(label)
    except UserError:
        raise
    except Exception as error:  # a damaged file makes Pillow raise almost anything
        raise UserError(f"{file}: cannot be read: {quoted(str(error))}") from None
    if not images:
        raise UserError(f"{folder} holds no images ({', '.join(ENDINGS)})")
    if len({image.shape for image in images}) > 1:
        raise UserError(f"the images in {folder} differ in size")
    return np.stack(images), np.array(labels)


def check_numbers(images: Images, labels: Labels) -> None:
    """Raise UserError for no images, for not as many labels, and for what is no number."""
    if not images.ndim or labels.shape != images.shape[:1]:
        raise UserError(f"has images {images.shape} and labels {labels.shape}: not as many")
    if not len(images):
        raise UserError("has no images")
    if images.dtype.kind not in REAL or labels.dtype.kind not in REAL:
        raise UserError(f"has images of {images.dtype} and labels of {labels.dtype}: no numbers")
    if not np.array_equal(labels, np.rint(labels)):
        raise UserError("has labels that are no whole numbers")


def checked(images: Images, labels: Labels, own: OwnImages) -> tuple[Images, Labels]:
    """Bring images to (n, channels, h, h), uint8 from black 0 to white 255, and check them."""
    check_numbers(images, labels)
    height = own.side * own.window
    if images.ndim == 4 and images.shape[-1] == own.channels != images.shape[1]:
        images = np.moveaxis(images, -1, 1)
    expected = (own.channels, height, height)
    if images.ndim < 3 or images[0].size != np.prod(expected) or images.shape[-1] != height:
        raise UserError(
            f"images are {'x'.join(map(str, images.shape[1:]))}; side {own.side}, window "
            f"{own.window} and channels {own.channels} make {'x'.join(map(str, expected))}"
        )
    images, labels = images.reshape(-1, *expected).astype(np.float64), labels.astype(np.int64)
    if not (np.isfinite(images).all() and images.min() >= 0 and images.max() <= own.white):
        raise UserError(
            f"pixels are {images.min():g} to {images.max():g}; data.own.white: {own.white:g}"
        )
    if labels.min() < 0 or labels.max() >= own.classes:
        raise UserError(
            f"labels are {labels.min()} to {labels.max()}; data.own.classes: {own.classes} makes "
            f"them 0 to {own.classes - 1}"
        )
    return np.rint(images * (255 / own.white)).astype(np.uint8), labels.astype(np.uint8)
