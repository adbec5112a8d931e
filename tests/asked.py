"""A small ladder that nobody trained: results, and what nets of each seed make of test digits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from collected import run, setting
from digitpairs import paths
from digitpairs.recipe import Recipe
from digitpairs.runs import answers
from digitpairs.runs.wrong import by_posterior
from digitpairs.study.schema import Study
from readers import ANSWERS

COUNT, SEEDS = 120, 4
SIZES: dict[str, Any] = {"channels": (8, 8), "hidden": (10,), "shared": True}
NET, BY_DIGITS = setting("siamese_convnet", **SIZES), Recipe(readout="posterior")
RUNGS = {"first": 0.15, "second": 0.08, "third": 0.05}  # how many digits each misreads
LABELS = {"first": "The first", "second": "Then a second", "third": "And a third"}


def study(kind: str, **more: Any) -> Study:
    """A study of the three rungs."""
    return Study(kind=kind, title="A climb", variants=[*RUNGS], **more)


def results(seeds: Sequence[int] = range(SEEDS)) -> pd.DataFrame:
    """Collected results of all rungs."""
    rows = [
        run(name, seed, [0.8, 0.9 - missed + seed / 1000], of=NET, recipe=BY_DIGITS)
        for name, missed in RUNGS.items()
        for seed in seeds
    ]
    return pd.concat(rows, ignore_index=True)


def ask(seeds: Sequence[int] = range(SEEDS)) -> None:
    """Write what the nets of all rungs make of the same digits."""
    for place, (name, missed) in enumerate(RUNGS.items()):
        write(name, missed, seeds, place)


def write(name: str, missed: float, seeds: Sequence[int], place: int = 0) -> None:
    """Write what the nets of a variant make of digits."""
    labels = np.arange(COUNT) % 10
    tables = []
    for seed in seeds:
        rng = np.random.default_rng([place, seed])
        said = np.where(rng.random(COUNT) < missed, (labels + 1) % 10, labels)
        shares = np.full((COUNT, 10), 0.01, np.float32)
        shares[np.arange(COUNT), said] = rng.uniform(0.8, 0.91, COUNT)
        columns = {"seed": np.full(COUNT, seed, np.int32), "label": labels.astype(np.uint8)}
        columns["wrong"] = by_posterior(shares, labels, ANSWERS).astype(np.int32)
        tables.append(pa.table(columns | {f"p{c}": shares[:, c] for c in range(10)}))
    answers.write(pa.concat_tables(tables), paths.answers(name))
