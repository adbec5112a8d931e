"""The pairs of runs side by side, as tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.target import Answers
from digitpairs.training.engines.choose import Engine


@dataclass(frozen=True)
class Data:
    """Pairs of R runs: what their engine takes of each, target (R, n), digit classes (R, n, 2).

    Where there are teachers, `lesson` is their probabilities of the digits, (R, n, 2, classes).
    """

    inputs: tuple[Tensor, ...]
    target: Tensor
    digits: Tensor
    lesson: Tensor | None = None

    def take(self, rows: Tensor) -> "Data":
        """Take the pairs at rows (R, m), of each run its own."""
        runs, count = self.target.shape
        flat = (rows + count * torch.arange(runs, device=rows.device)[:, None]).flatten()

        def taken(tensor: Tensor) -> Tensor:
            chosen = tensor.flatten(0, 1).index_select(0, flat)
            return chosen.view(*rows.shape, *tensor.shape[2:])

        lesson = None if self.lesson is None else taken(self.lesson)
        return Data(tuple(map(taken, self.inputs)), taken(self.target), taken(self.digits), lesson)


def on_device(
    engine: Engine,
    pairs: Sequence[PairSet],
    images: Sequence[np.ndarray],
    answers: Answers,
    device: str,
) -> Data:
    """Move the pairs and images of all runs to the device, once."""

    def moved(arrays: Sequence[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays)).to(device)

    return Data(
        engine.inputs(moved(images)),
        moved([pair_set.target(answers) for pair_set in pairs]),
        moved([pair_set.digits for pair_set in pairs]),
    )
