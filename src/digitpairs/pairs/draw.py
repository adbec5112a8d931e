"""Draws pairs, and splits them into folds."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from digitpairs.digits.idx import Digits
from digitpairs.pairs.pairset import PARTS, PairSet
from digitpairs.pairs.pool import pooled
from digitpairs.pairs.sizes import SIDE
from digitpairs.spec import RunSpec

FOLD_STREAM = len(PARTS)  # train and test draw from streams 0 and 1 of a seed, folds from the next


def draw(digits: Digits, count: int, seed: int, part: str, side: int = SIDE) -> PairSet:
    """Draw `count` pairs of distinct digits: a seeded permutation, taken two by two."""
    rng = np.random.default_rng([seed, PARTS.index(part)])
    indices = rng.permutation(len(digits.labels))[: 2 * count].reshape(count, 2)
    pixels = pooled(digits.images[indices], side)
    return PairSet(pixels, digits.labels[indices].astype(np.int64), indices)


def draw_sets(
    pools: Mapping[str, Digits], counts: Mapping[str, int], seed: int, side: int = SIDE
) -> dict[str, PairSet]:
    """Draw a seed's pair set of each part, `train` and `test`, from the digits of that part."""
    return {part: draw(pools[part], counts[part], seed, part, side) for part in PARTS}


def folds(
    count: int, parts: int, seed: int
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Split `range(count)` into `parts` seeded folds: (training rows, validation rows) of each."""
    held_out = np.array_split(np.random.default_rng([seed, FOLD_STREAM]).permutation(count), parts)
    return [
        (np.concatenate(held_out[:fold] + held_out[fold + 1 :]), held_out[fold])
        for fold in range(parts)
    ]


def for_run(sets: dict[str, PairSet], spec: RunSpec) -> tuple[PairSet, PairSet]:
    """Pairs that a run trains on and is tested on: all of its seed's, or those of its fold.

    With `first_pairs` these are the first of the training pairs: more of them hold fewer of them.
    """
    train_set = sets["train"].take(np.arange(spec.used_pairs))
    if spec.folds is None or spec.fold is None:
        return train_set, sets["test"]
    rows, held_out = folds(len(train_set), spec.folds, spec.seed)[spec.fold]
    return train_set.take(rows), train_set.take(held_out)
