"""What the nets of a variant make of each test digit, read from its file, and what follows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from digitpairs import paths
from digitpairs.pairs.target import Answers
from digitpairs.runs import wrong


@dataclass(frozen=True)
class Answered:
    """Nets of R seeds beside n digits: `probabilities` (R, n, classes), `wrong` pairs (R, n)."""

    seeds: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]
    wrong: npt.NDArray[np.int64]

    @property
    def guesses(self) -> npt.NDArray[np.int64]:
        """The most probable class of each digit, by each net: (R, n)."""
        guesses: npt.NDArray[np.int64] = self.probabilities.argmax(2)
        return guesses

    @property
    def digit_accuracy(self) -> float:
        """How many digits the nets name rightly."""
        return float((self.guesses == self.labels).mean()) if len(self.seeds) else float("nan")

    def ensemble(self, answers: Answers) -> float:
        """Accuracy over all ordered pairs of the posterior that is the mean of all nets'."""
        count = len(self.labels)
        if not len(self.seeds):
            return float("nan")
        together = self.probabilities.mean(0, dtype=np.float64).astype(np.float32)
        bad = wrong.by_posterior(together, self.labels, answers)
        return 1 - int(bad.sum()) / 2 / (count * (count - 1))

    def first(self, count: int) -> "Answered":
        """Take the nets of the first so many seeds."""
        return Answered(
            self.seeds[:count], self.labels, self.probabilities[:count], self.wrong[:count]
        )

    def on(self, seeds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Wrong pairs of the nets of these seeds, in order."""
        return self.wrong[np.searchsorted(self.seeds, seeds)]


def read(path: str) -> Answered:
    """Read a file of answers, whose rows are runs by seed, each with the same digits."""
    with pq.ParquetFile(Path(path)) as file:
        table = file.read()
    seeds = table["seed"].to_numpy().astype(np.int64)
    each = np.unique(seeds)
    classes = [name for name in table.column_names if name.startswith("p")]
    labels = table["label"].to_numpy().astype(np.int64)
    shares = np.stack([table[name].to_numpy() for name in classes], 1)
    shape = (len(each), len(labels) // max(len(each), 1))
    return Answered(
        each,
        labels[: shape[1]],
        shares.reshape(*shape, len(classes)),
        table["wrong"].to_numpy().astype(np.int64).reshape(shape),
    )


def of_variant(name: str) -> Answered:
    """Read what the nets of a variant make of the digits."""
    return read(paths.answers(name))
