"""Pair sets, and the Parquet files that hold them.

A pair is two digits. Its target is 1 where the answer is yes: in the paper, where the first is
lesser than or equal to the second ("Data"). Pixels are kept as exact integers, MNIST's as the sum
of each 2x2 window of the 28x28 image (0 to 1,020), so that a pair set is the same to the bit on
every machine.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from digitpairs.files import written_whole
from digitpairs.pairs.pool import column, images_in, images_table, read
from digitpairs.pairs.target import Answers

PARTS = ("train", "test")
SIDES = ("first", "second")  # digit of a pair


@dataclass(frozen=True)
class PairSet:
    """Pairs of digits.

    pixels (n, 2, channels, side, side) uint16 sums of windows; digits (n, 2) classes from 0;
    indices (n, 2) positions of the digits in the pool that they were drawn from.
    """

    pixels: npt.NDArray[np.uint16]
    digits: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.digits)

    def target(self, answers: Answers) -> npt.NDArray[np.int64]:
        """1 where the answer is yes, else 0: shape (n,)."""
        return answers[self.digits[:, 0], self.digits[:, 1]].astype(np.int64)

    def take(self, rows: npt.NDArray[np.int64]) -> "PairSet":
        """Return the pairs at `rows`."""
        return PairSet(self.pixels[rows], self.digits[rows], self.indices[rows])


def save(path: Path, sets: dict[str, PairSet], answers: Answers) -> None:
    """Write the train and test pairs of one seed as one Parquet file, a row a pair."""
    pixels = np.concatenate([sets[part].pixels for part in PARTS])
    digits = np.concatenate([sets[part].digits for part in PARTS]).astype(np.uint8)
    indices = np.concatenate([sets[part].indices for part in PARTS]).astype(np.int32)
    table = images_table(
        {
            "part": pa.array([part for part in PARTS for _ in range(len(sets[part]))]),
            "first_index": indices[:, 0],
            "second_index": indices[:, 1],
            "first_digit": digits[:, 0],
            "second_digit": digits[:, 1],
            "target": answers[digits[:, 0], digits[:, 1]].astype(np.uint8),
        },
        pixels,
    )
    with written_whole(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def load(path: Path) -> dict[str, PairSet]:
    """Read the train and test pairs of one seed."""
    table = read(path)
    part = np.array(table["part"].to_pylist())
    digits, indices = (
        np.stack([column(table, f"{side}_{what}") for side in SIDES], axis=1).astype(np.int64)
        for what in ("digit", "index")
    )
    everything = PairSet(images_in(table), digits, indices)
    return {name: everything.take(np.flatnonzero(part == name)) for name in PARTS}
