"""All digits of a part by themselves, and the Parquet file that holds them.

A net's final measure looks at every test digit, not at the pairs of a seed alone.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from digitpairs.digits.idx import Digits
from digitpairs.files import written_whole
from digitpairs.pairs.sizes import SIDE

SHAPE = "shape"  # of a row's pixels, in a file's metadata


@dataclass(frozen=True)
class Pool:
    """Single digits: pixels (n, channels, side, side) uint16 sums of windows, labels (n,)."""

    pixels: npt.NDArray[np.uint16]
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Count the digits."""
        return len(self.labels)

    def take(self, rows: npt.NDArray[np.int64]) -> "Pool":
        """Return the digits at `rows`."""
        return Pool(self.pixels[rows], self.labels[rows])


def pooled(images: npt.NDArray[np.uint8], side: int = SIDE) -> npt.NDArray[np.uint16]:
    """Sum the windows of images (..., h, h): exact integers (..., side, side).

    MNIST's 28x28 pixels become 14x14 sums of 2x2 windows, 0 to 1,020.
    """
    window = images.shape[-1] // side
    windows = images.reshape(*images.shape[:-2], side, window, side, window)
    sums: npt.NDArray[np.uint16] = windows.sum(axis=(-3, -1), dtype=np.uint16)
    return sums


def pool_of(digits: Digits, side: int = SIDE) -> Pool:
    """Take all digits, in their order."""
    return Pool(pooled(digits.images, side), digits.labels.astype(np.int64))


def save(path: Path, pool: Pool) -> None:
    """Write digits as a Parquet file, a row a digit."""
    table = images_table({"digit": pool.labels.astype(np.uint8)}, pool.pixels)
    with written_whole(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def load(path: Path) -> Pool:
    """Read digits."""
    table = read(path)
    return Pool(images_in(table), column(table, "digit").astype(np.int64))


def read(path: Path) -> pa.Table:
    """Read a Parquet file. `read_table` would import pandas, a quarter of a second of each job."""
    with pq.ParquetFile(path) as file:
        return file.read()


def numbers(values: pa.Array) -> npt.NDArray[Any]:
    """Take numbers as they lie in memory. `to_numpy` would import pandas, too."""
    return np.from_dlpack(values)


def column(table: pa.Table, name: str) -> npt.NDArray[Any]:
    """Take a column of numbers."""
    return numbers(table[name].combine_chunks())


def images_table(columns: Mapping[str, Any], pixels: npt.NDArray[np.uint16]) -> pa.Table:
    """Make a table with a column of pixels, (n, ...), whose shape is kept beside it."""
    shape = pixels.shape[1:]
    flat = pa.FixedSizeListArray.from_arrays(pixels.ravel(), math.prod(shape))
    table = pa.table({**columns, "pixels": flat})
    return table.replace_schema_metadata({SHAPE: json.dumps(shape)})


def images_in(table: pa.Table) -> npt.NDArray[np.uint16]:
    """Read the pixels of such a table."""
    shape = json.loads(table.schema.metadata[SHAPE.encode()])
    return numbers(table["pixels"].combine_chunks().flatten()).reshape(-1, *shape)
