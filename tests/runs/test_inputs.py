"""What a run reads: the same to the bit as by pairs/, and without pandas."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from digitpairs.digits.idx import Digits
from digitpairs.pairs import pairset, pool
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.pool import Pool, pool_of
from digitpairs.runs import inputs
from nets import AT_MOST

READ = """
import sys
from pathlib import Path
from digitpairs.runs import inputs

assert len(inputs.pair_sets(Path("pairs"))["train"]) > 0 < len(inputs.test_digits(Path("digits")))
assert "pandas" not in sys.modules, "pyarrow imported pandas"
"""


@pytest.fixture(autouse=True)
def files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sets: dict[str, PairSet],
    pools: dict[str, Digits],
) -> None:
    monkeypatch.chdir(tmp_path)
    pairset.save(Path("pairs"), sets, AT_MOST)
    pool.save(Path("digits"), pool_of(pools["test"]))


def arrays(of: PairSet | Pool) -> list[npt.NDArray[Any]]:
    return [getattr(of, field.name) for field in fields(of)]


def test_what_is_read_is_what_pairs_read() -> None:
    by_pairs = pairset.load(Path("pairs"))
    found = inputs.pair_sets(Path("pairs"))
    assert found.keys() == by_pairs.keys()
    compared = [(found[part], by_pairs[part]) for part in found]
    both: list[tuple[PairSet | Pool, PairSet | Pool]] = [
        *compared,
        (inputs.test_digits(Path("digits")), pool.load(Path("digits"))),
    ]
    for ours, theirs in both:
        for one, other in zip(arrays(ours), arrays(theirs), strict=True):
            assert (one.dtype, one.shape, one.strides) == (other.dtype, other.shape, other.strides)
            assert np.array_equal(one, other)


def test_pairs_and_digits_are_read_without_pandas() -> None:
    subprocess.run([sys.executable, "-c", READ], check=True)
