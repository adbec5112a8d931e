"""What a strategy tried, rung by rung, and what its search saw."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from digitpairs.search.ranking import ranking
from digitpairs.spec import RunSpec, from_text


@dataclass(frozen=True)
class Seen:
    """What a search was judged on: its trials, rungs, folds, pair sets, and the labels in these."""

    trials: int
    rungs: int
    runs: int
    sets: int
    pairs: int  # of all sets together

    @property
    def labels(self) -> int:
        """The digits of these pairs: beyond those that a seed of the evaluation learns from."""
        return 2 * self.pairs


def trials(rungs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """List the trials of a strategy, those that came furthest first.

    `rungs` are the runs of each rung, a row a fold. Columns: `spec` of the first fold,
    `parameters`, `reached` (rungs) and, of each rung from 1, `accuracy_1`, `error_1` (standard
    error over folds) and `folds_1`; NaN where a trial did not reach it.
    """
    tables = [one_rung(runs, place) for place, runs in enumerate(rungs, 1)]
    table = tables[0]
    for other in tables[1:]:
        table = table.merge(other.drop(columns=["spec", "parameters"]), on="key", how="left")
    places = range(1, len(rungs) + 1)
    table["reached"] = table[[f"folds_{place}" for place in places]].notna().sum(axis=1)
    order = ["reached", *(f"accuracy_{place}" for place in reversed(places))]
    return table.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def one_rung(runs: pd.DataFrame, place: int) -> pd.DataFrame:
    """Score the trials of a rung. Trials are known by what rungs do not change: see `key_of`."""
    ranked = ranking(runs)
    return pd.DataFrame(
        {
            "key": [key_of(from_text(row)) for row in ranked["spec"]],
            "spec": ranked["spec"],
            "parameters": ranked["parameters"],
            f"accuracy_{place}": ranked["accuracy"].astype(float),
            f"error_{place}": ranked["error"],
            f"folds_{place}": ranked["folds"],
        }
    )


def key_of(spec: RunSpec) -> str:
    """Name a trial whatever the epochs of a rung are, and the warm-up that goes with these."""
    share = spec.recipe.schedule.warmup / spec.epochs
    teachers = [repr(teacher) for teacher in spec.teachers]
    parts = [spec.model, spec.learning_rate, spec.aux_weight, spec.batch_size, round(share, 9)]
    recipe = {name: value for name, value in vars(spec.recipe).items() if name != "schedule"}
    return repr([*parts, type(spec.recipe.schedule), recipe, teachers])


def seen(rungs: Sequence[pd.DataFrame]) -> Seen:
    """Count what a search was judged on; a run that two rungs share counts once."""
    runs = pd.concat(rungs, ignore_index=True).drop_duplicates("run")
    pairs = {spec.seed: spec.used_pairs for spec in map(from_text, runs["spec"])}
    return Seen(len(trials(rungs[:1])), len(rungs), len(runs), len(pairs), sum(pairs.values()))


def value_at(spec: RunSpec, key: str) -> Any:
    """Look up what a trial has at a key of its space, as plain data; None where it has nothing."""
    section, _, rest = key.partition(".")
    place: Any = {
        "options": json.loads(spec.model.options or "{}"),
        "training": {
            "epochs": spec.epochs,
            "batch_size": spec.batch_size,
            "pairs": spec.first_pairs,
        },
        "learning_rate": spec.learning_rate,
        "aux_weight": spec.aux_weight,
        "teachers": "+".join(str(teacher.copies) for teacher in spec.teachers) or None,
        **{name: getattr(spec.model, name) for name in ("hidden", "channels", "shared")},
        **vars(spec.recipe),
    }.get(section)
    for part in rest.split(".") if rest else ():
        place = place.get(part) if isinstance(place, dict) else getattr(place, part, None)
    return place
