"""Reads the pairs and digits of a run as pairs/ does, but without pandas: .25 s of a job's start.

pyarrow imports pandas for `read_table` and for `to_numpy`. pairs/ calls both and stays as it is,
because its code is hashed into every run.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from digitpairs.pairs.pairset import PARTS, PairSet
from digitpairs.pairs.pool import SHAPE, Pool

SIDES = ("first", "second")  # digit of a pair


def pair_sets(path: Path) -> dict[str, PairSet]:
    """Read the train and test pairs of one seed, as `pairset.load` does."""
    table = read(path)
    part = np.array(table["part"].to_pylist())
    digits = np.stack([column(table, f"{side}_digit") for side in SIDES], axis=1)
    indices = np.stack([column(table, f"{side}_index") for side in SIDES], axis=1)
    everything = PairSet(images(table), digits.astype(np.int64), indices.astype(np.int64))
    return {name: everything.take(np.flatnonzero(part == name)) for name in PARTS}


def test_digits(path: Path) -> Pool:
    """Read all test digits, as `pool.load` does."""
    table = read(path)
    return Pool(images(table), column(table, "digit").astype(np.int64))


def read(path: Path) -> pa.Table:
    """Read a Parquet file."""
    with pq.ParquetFile(path) as file:
        return file.read()


def column(table: pa.Table, name: str) -> npt.NDArray[Any]:
    """Take a column of numbers."""
    return numbers(table[name].combine_chunks())


def images(table: pa.Table) -> npt.NDArray[np.uint16]:
    """Take the pixels of a table, in the shape that is kept beside it."""
    shape = json.loads(table.schema.metadata[SHAPE.encode()])
    return numbers(table["pixels"].combine_chunks().flatten()).reshape(-1, *shape)


def numbers(values: pa.Array) -> npt.NDArray[Any]:
    """Take numbers as they lie in memory."""
    return np.from_dlpack(values)
