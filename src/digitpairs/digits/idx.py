"""MNIST's files: their names and their format."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PREFIX = {"train": "train", "test": "t10k"}


@dataclass(frozen=True)
class Digits:
    """Images (n, channels, h, h), MNIST's (n, 1, 28, 28), and labels (n,), both uint8."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]


def idx_bytes(array: npt.NDArray[np.uint8]) -> bytes:
    """Encode a uint8 array in MNIST's IDX format: magic number, shape (big endian), bytes."""
    return struct.pack(f">I{array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


def idx_array(content: bytes) -> npt.NDArray[np.uint8]:
    """Decode the IDX format of uint8 arrays."""
    dimensions = content[3]
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def file_names(part: str) -> tuple[str, str]:
    """Name the files of a part, `train` or `test`: images and labels."""
    return f"{PREFIX[part]}-images-idx3-ubyte", f"{PREFIX[part]}-labels-idx1-ubyte"


def digits_of(files: Mapping[str, bytes], part: str) -> Digits:
    """Read the digits of a part from the contents of the files."""
    images, labels = (idx_array(files[name]) for name in file_names(part))
    return Digits(images.reshape(len(images), -1, *images.shape[-2:]), labels)
