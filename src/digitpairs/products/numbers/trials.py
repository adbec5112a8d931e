"""What a strategy tried, rung by rung, and what its search saw."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from digitpairs.models.counts import parameters_of
from digitpairs.spec import Setting, from_text


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


def trials(
    ranked: Sequence[pd.DataFrame], entrants: Sequence[Mapping[str, Setting]]
) -> pd.DataFrame:
    """List the trials of a strategy, those that came furthest first.

    `ranked` has a table a rung, as `ranking` makes it, and `entrants` what each rung judged, by
    group. Columns: `setting`, `parameters`, `reached` (rungs) and, of each rung from 1,
    `accuracy_1`, `error_1` (standard error over folds) and `folds_1`; NaN where a trial did not
    reach it.
    """
    known = list(entrants[0].values())
    table = pd.DataFrame({"setting": known, "parameters": [parameters_of(s.model) for s in known]})
    for place, (rung, judged) in enumerate(zip(ranked, entrants, strict=True), 1):
        scores = rung.set_axis([known.index(judged[group]) for group in rung["group"]])
        for column in ("accuracy", "error", "folds"):
            table[f"{column}_{place}"] = scores[column].astype(float)
    places = range(1, len(ranked) + 1)
    table["reached"] = table[[f"folds_{place}" for place in places]].notna().sum(axis=1)
    order = ["reached", *(f"accuracy_{place}" for place in reversed(places))]
    return table.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def seen(rungs: Sequence[pd.DataFrame]) -> Seen:
    """Count what a search was judged on; a run that two rungs share counts once."""
    runs = pd.concat(rungs, ignore_index=True).drop_duplicates("run")
    pairs: dict[int, int] = {}
    for spec in map(from_text, runs["spec"]):
        pairs[spec.seed] = max(pairs.get(spec.seed, 0), spec.used_pairs)
    trials = rungs[0]["run"].str.split("/").str[0].nunique()
    return Seen(trials, len(rungs), len(runs), len(pairs), sum(pairs.values()))


def value_at(setting: Setting, key: str) -> Any:
    """Look up what a trial has at a key of its space, as plain data; None where it has nothing."""
    section, _, rest = key.partition(".")
    place: Any = {
        **{name: getattr(setting.model, name) for name in ("hidden", "channels", "shared")},
        "options": json.loads(setting.model.options or "{}"),
        **{name: getattr(setting, name) for name in ("learning_rate", "aux_weight", "training")},
        "teachers": "+".join(str(teacher.copies) for teacher in setting.teachers) or None,
        **vars(setting.recipe),
    }.get(section)
    for part in rest.split(".") if rest else ():
        place = place.get(part) if isinstance(place, dict) else getattr(place, part, None)
    return place
