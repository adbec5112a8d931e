"""Seeded pair sets, folds and normalisation.

A pair is two digits; its target is 1 where the first is lesser than or equal to the second
(paper, "Data"). Pixels are kept as exact integers, the sum of each 2x2 window of the 28x28
image (0 to 1,020), so that a pair set is the same to the bit on every machine.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from digitpairs.files import written_whole
from digitpairs.idx import Digits
from digitpairs.sizes import SIDE

FULL_SCALE = 4 * 255
PARTS = ("train", "test")
FOLD_STREAM = len(PARTS)  # train and test draw from streams 0 and 1 of a seed, folds from the next


@dataclass(frozen=True)
class PairSet:
    """Pairs of digits.

    pixels (n, 2, 14, 14) uint16 sums of 2x2 windows; digits (n, 2) classes 0 to 9;
    indices (n, 2) positions of the digits in the pool that they were drawn from.
    """

    pixels: npt.NDArray[np.uint16]
    digits: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.digits)

    @property
    def target(self) -> npt.NDArray[np.int64]:
        """1 where the first digit is lesser than or equal to the second, else 0: shape (n,)."""
        return (self.digits[:, 0] <= self.digits[:, 1]).astype(np.int64)

    def take(self, rows: npt.NDArray[np.int64]) -> "PairSet":
        """Return the pairs at `rows`."""
        return PairSet(self.pixels[rows], self.digits[rows], self.indices[rows])


def draw(digits: Digits, count: int, seed: int, part: str) -> PairSet:
    """Draw `count` pairs of distinct digits: a seeded permutation, taken two by two."""
    rng = np.random.default_rng([seed, PARTS.index(part)])
    indices = rng.permutation(len(digits.labels))[: 2 * count].reshape(count, 2)
    windows = digits.images[indices].reshape(count, 2, SIDE, 2, SIDE, 2)
    pixels = windows.sum(axis=(3, 5), dtype=np.uint16)
    return PairSet(pixels, digits.labels[indices].astype(np.int64), indices)


def folds(
    count: int, parts: int, seed: int
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Split `range(count)` into `parts` seeded folds: (training rows, validation rows) of each."""
    held_out = np.array_split(np.random.default_rng([seed, FOLD_STREAM]).permutation(count), parts)
    return [
        (np.concatenate(held_out[:fold] + held_out[fold + 1 :]), held_out[fold])
        for fold in range(parts)
    ]


def for_run(
    sets: dict[str, PairSet], seed: int, parts: int | None, fold: int | None
) -> tuple[PairSet, PairSet]:
    """Pairs that a run trains on and is tested on: all of a seed's, or those of one fold."""
    train_set, test_set = sets["train"], sets["test"]
    if parts is None or fold is None:
        return train_set, test_set
    rows, held_out = folds(len(train_set), parts, seed)[fold]
    return train_set.take(rows), train_set.take(held_out)


def normalised(
    train: PairSet, test: PairSet
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Scale both sets by the mean and std (one scalar each) of the training pixels."""
    scaled = train.pixels / FULL_SCALE
    mean, std = scaled.mean(), scaled.std()
    return (
        ((scaled - mean) / std).astype(np.float32),
        ((test.pixels / FULL_SCALE - mean) / std).astype(np.float32),
    )


def save(path: Path, sets: dict[str, PairSet]) -> None:
    """Write the train and test pairs of one seed as one Parquet file, a row a pair."""
    pixels = np.concatenate([sets[part].pixels for part in PARTS])
    digits = np.concatenate([sets[part].digits for part in PARTS]).astype(np.uint8)
    indices = np.concatenate([sets[part].indices for part in PARTS]).astype(np.int32)
    table = pa.table(
        {
            "part": pa.array([part for part in PARTS for _ in range(len(sets[part]))]),
            "first_index": indices[:, 0],
            "second_index": indices[:, 1],
            "first_digit": digits[:, 0],
            "second_digit": digits[:, 1],
            "target": (digits[:, 0] <= digits[:, 1]).astype(np.uint8),
            "pixels": pa.FixedSizeListArray.from_arrays(pixels.ravel(), 2 * SIDE * SIDE),
        }
    )
    with written_whole(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def load(path: Path) -> dict[str, PairSet]:
    """Read the train and test pairs of one seed."""
    table = pq.read_table(path)
    part = table["part"].to_numpy()
    pixels = table["pixels"].combine_chunks().flatten().to_numpy().reshape(-1, 2, SIDE, SIDE)
    digits = np.stack([table["first_digit"], table["second_digit"]], axis=1).astype(np.int64)
    indices = np.stack([table["first_index"], table["second_index"]], axis=1).astype(np.int64)
    everything = PairSet(pixels, digits, indices)
    return {name: everything.take(np.flatnonzero(part == name)) for name in PARTS}
