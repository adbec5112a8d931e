"""The trials of a strategy: what each changes, and how it scored on each rung it reached."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import pandas as pd

from digitpairs.products.labels import words
from digitpairs.products.numbers.trials import Seen, value_at
from digitpairs.products.tables.cells import DASH, EMPTY, Cell, plain
from digitpairs.study.schema import Study


def title(study: Study, found: Seen, rungs: Sequence[str]) -> str:
    """Say what is shown, and what the search saw."""
    return (
        f"{study.title}. {found.trials} trials, {found.runs} runs: {', then '.join(rungs)}. "
        "Accuracy: over all ordered pairs of the digits that a fold held out, with its standard "
        f"error over the folds. The search saw {found.sets} pair sets of its own: up to "
        f"{found.labels:,} labelled digits beyond those that a seed of the evaluation learns from. "
        "All sets are drawn from the same training digits. It saw no test digit, and no pair set "
        "of the evaluation"
    )


def frame(found: pd.DataFrame, keys: Sequence[str], rungs: int) -> pd.DataFrame:
    """A row a trial; `keys` are those of the space."""
    last = Counter(key.rpartition(".")[2] for key in keys)
    columns = {
        heading(key, last): [written(value_at(setting, key)) for setting in found["setting"]]
        for key in keys
    }
    columns["Parameters"] = [plain(f"{count:,}") for count in found["parameters"]]
    for place in range(1, rungs + 1):
        columns[f"Rung {place}"] = [
            score(accuracy, error, folds)
            for accuracy, error, folds in zip(
                *(found[f"{name}_{place}"] for name in ("accuracy", "error", "folds")), strict=True
            )
        ]
    return pd.DataFrame(columns)


def heading(key: str, last: Mapping[str, int]) -> str:
    """Head the column of a key: its last word, or all of it where another key ends so too."""
    word = key.rpartition(".")[2]
    return (word if last[word] == 1 else key).replace("_", " ").replace(".", " ").capitalize()


def written(value: Any) -> Cell:
    """Write what a trial has at a key; a dash where that is nothing."""
    if value is None:
        return DASH
    if isinstance(value, list | tuple):
        return plain("-".join(layer(one) if isinstance(one, dict) else str(one) for one in value))
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    return plain(words(value))


def layer(given: Mapping[str, Any]) -> str:
    """Write a layer of a ConvStack: its channels, then what else is said of it, as in 24p1."""
    rest = {key: value for key, value in given.items() if key != "channels"}
    more = (str(value) if key == "pool" else f"{key[0]}{value}" for key, value in rest.items())
    return f"{given.get('channels', '?')}{''.join(more)}"


def score(accuracy: float, error: float, folds: float) -> Cell:
    """Write an accuracy with its standard error; nothing where a rung was not reached."""
    if pd.isna(folds):
        return EMPTY
    if pd.isna(accuracy):
        return plain("diverged")
    text = f"{accuracy:.4f}".removeprefix("0")
    ends = "" if pd.isna(error) else f" ± {error:.4f}".replace("0.", ".")
    return plain(text + ends)


def findings(found: pd.DataFrame, rungs: int) -> Iterator[str]:
    """Say who won, and how far the others of the last rung are behind."""
    last = found[found["reached"] == rungs]
    best, others = last.iloc[0], last.iloc[1:]
    score = f"{best[f'accuracy_{rungs}']:.4f}".removeprefix("0")
    behind = best[f"accuracy_{rungs}"] - others[f"accuracy_{rungs}"].max()
    gap = f"; the next one is {100 * behind:.2f} points behind" if len(others) else ""
    yield f"The winner scores {score} on the last rung{gap}."
