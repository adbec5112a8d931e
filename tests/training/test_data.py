"""The pairs of runs side by side: each run takes its own, and what engines take goes along."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from digitpairs.pairs.pairset import PairSet
from digitpairs.training.data import Data, on_device
from nets import AT_MOST


def test_each_run_takes_its_own_rows() -> None:
    images = torch.arange(2 * 5 * 3).view(2, 5, 3)
    target = torch.arange(10).view(2, 5)
    digits = torch.arange(20).view(2, 5, 2)
    rows = torch.tensor([[4, 0, 0], [1, 2, 3]])
    taken = Data((images, 2 * images), target, digits).take(rows)
    for found, given in zip(
        (*taken.inputs, taken.target, taken.digits),
        (images, 2 * images, target, digits),
        strict=True,
    ):
        expected = [[given[run, row].tolist() for row in rows[run]] for run in range(2)]
        assert found.tolist() == expected


def test_pairs_of_runs_lie_one_after_another(sets: dict[str, PairSet]) -> None:
    pairs = [sets["train"].take(np.arange(20)), sets["train"].take(np.arange(20, 40))]
    images = [own.pixels.astype(np.float32) for own in pairs]
    engine: Any = SimpleNamespace(inputs=lambda given: (given, -given))
    data = on_device(engine, pairs, images, AT_MOST, "cpu")
    for run, own in enumerate(pairs):
        assert np.array_equal(data.inputs[0][run], own.pixels)
        assert np.array_equal(-data.inputs[1][run], own.pixels)
        assert np.array_equal(data.target[run], own.target(AT_MOST))
        assert np.array_equal(data.digits[run], own.digits)
