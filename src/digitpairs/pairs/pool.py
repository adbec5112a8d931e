"""All digits of a part by themselves, and the Parquet file that holds them.

A net's final measure looks at every test digit, not at the pairs of a seed alone.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from digitpairs.digits.idx import Digits
from digitpairs.files import written_whole
from digitpairs.pairs.sizes import SIDE


@dataclass(frozen=True)
class Pool:
    """Single digits: pixels (n, 14, 14) uint16 sums of 2x2 windows, labels (n,) 0 to 9."""

    pixels: npt.NDArray[np.uint16]
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Count the digits."""
        return len(self.labels)

    def take(self, rows: npt.NDArray[np.int64]) -> "Pool":
        """Return the digits at `rows`."""
        return Pool(self.pixels[rows], self.labels[rows])


def halved(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """Sum each 2x2 window of images (..., 28, 28): exact integers (..., 14, 14), 0 to 1,020."""
    windows = images.reshape(*images.shape[:-2], SIDE, 2, SIDE, 2)
    sums: npt.NDArray[np.uint16] = windows.sum(axis=(-3, -1), dtype=np.uint16)
    return sums


def pool_of(digits: Digits) -> Pool:
    """Take all digits, in their order."""
    return Pool(halved(digits.images), digits.labels.astype(np.int64))


def save(path: Path, pool: Pool) -> None:
    """Write digits as a Parquet file, a row a digit."""
    table = pa.table(
        {
            "digit": pool.labels.astype(np.uint8),
            "pixels": pa.FixedSizeListArray.from_arrays(pool.pixels.ravel(), SIDE * SIDE),
        }
    )
    with written_whole(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def load(path: Path) -> Pool:
    """Read digits."""
    table = pq.read_table(path)
    pixels = table["pixels"].combine_chunks().flatten().to_numpy().reshape(-1, SIDE, SIDE)
    return Pool(pixels, table["digit"].to_numpy().astype(np.int64))
