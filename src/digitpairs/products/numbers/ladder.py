"""A ladder of nets, each one change from the rung before: a row a rung.

Two measures stand beside each other. `final` is the paper's: the final epoch on each seed's own
test pairs, with Student's t over seeds. `pairs` is over all ordered pairs of distinct test digits,
by the net's own read-out, with the interval of `crossed`: digits and seeds are both samples.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digitpairs import paths
from digitpairs.pairs.target import answers_of
from digitpairs.products.numbers import answered, crossed
from digitpairs.products.numbers.answered import Answered
from digitpairs.products.numbers.metrics import summary
from digitpairs.spec import from_text
from digitpairs.study.schema import MOST_GOALS, Study

RUNG = ["variant", "label", "runs", "diverged", "parameters", "epochs", "readout", "teachers"]
MEASURED = [
    *("final_mean", "final_low", "final_high", "pairs_mean", "pairs_low", "pairs_high"),
    *("before", "seeds", "difference", "difference_low", "difference_high"),
    *("digit_accuracy", "ensemble"),
]
FEW = ["few", "ensemble_few"]
COSTS = ["cpu_seconds", "teacher_seconds"]
GOALS = [f"goal_{place + 1}" for place in range(MOST_GOALS)]
COLUMNS = ["group", "study", *RUNG, *MEASURED, *GOALS, "public"]


def rungs(
    results: pd.DataFrame, labels: Mapping[str, str], from_first: bool = False
) -> pd.DataFrame:
    """Measure the variants of collected results, each against the one before it or the first one.

    `ensemble` is of all of a variant's nets, `ensemble_few` of the first `few` of each: as many as
    all have. What a run cost stands beside, where it was recorded (`make bench-beyond`).
    """
    nets = {name: answered.of_variant(name) for name in labels}
    few = min((len(one.seeds) for one in nets.values() if len(one.seeds)), default=0)
    measured = {row["variant"]: row for row in summary(results).to_dict("records")}
    rows: list[dict[str, Any]] = []
    before: tuple[str, Answered] | None = None
    for name, label in labels.items():
        own = results[results["variant"] == name]
        spec = from_text(own["spec"].iloc[0])
        asked, answers = nets[name], answers_of(spec.model.task)
        found = {
            "variant": name,
            "label": label,
            "epochs": spec.epochs,
            "readout": spec.recipe.readout,
            "teachers": len(spec.taught_by),
            **{key: measured[name][key] for key in ("runs", "diverged", "parameters")},
            **{key: measured[name][key] for key in ("final_mean", "final_low", "final_high")},
            **named("pairs", crossed.accuracy(asked.wrong)),
            "digit_accuracy": asked.digit_accuracy,
            "ensemble": asked.ensemble(answers),
            "few": few,
            "ensemble_few": asked.first(few).ensemble(answers),
        }
        rows.append(found | (against(*before, asked) if before else {}))
        if not (before and from_first):
            before = name, asked
    frame = pd.DataFrame(rows, columns=[*RUNG, *MEASURED, *FEW]).astype({"seeds": "Int64"})
    return frame.merge(costs(), on="variant", how="left")


def against(name: str, before: Answered, asked: Answered) -> dict[str, Any]:
    """Compare a rung with the one before, on the seeds that both have."""
    seeds = np.intersect1d(before.seeds, asked.seeds)
    if not len(seeds):
        return {"before": name, "seeds": 0}
    gained = crossed.gain(asked.on(seeds), before.on(seeds))
    ends = {"difference_low": gained.low, "difference_high": gained.high}
    return {"before": name, "seeds": len(seeds), "difference": gained.mean, **ends}


def named(measure: str, found: crossed.Crossed) -> dict[str, float]:
    """Name a mean and the ends of its interval."""
    parts = {"mean": found.mean, "low": found.low, "high": found.high}
    return {f"{measure}_{part}": value for part, value in parts.items()}


def costs() -> pd.DataFrame:
    """Read what a run of each variant cost, its teachers apart; no row where none was recorded."""
    file = Path(paths.BEYOND)
    known = pd.read_csv(file) if file.exists() else pd.DataFrame(columns=["variant", *COSTS])
    return known[["variant", *COSTS]]


def public() -> pd.DataFrame:
    """Read what others have published, most accurate first."""
    return pd.read_csv(paths.PUBLIC).sort_values("accuracy", ascending=False, kind="stable")


def ladders(studies: Mapping[str, Study], found: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """List the rungs of several ladders, with the goals of each and the best public number."""
    best = public()["accuracy"].max()
    parts = [
        frame.assign(group=study.group, study=name, **goals(study), public=best)
        for (name, study), frame in zip(studies.items(), found, strict=True)
    ]
    return pd.concat(parts)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def goals(study: Study) -> dict[str, float]:
    """Name the accuracies that a study is to reach, lowest first."""
    return dict(zip(GOALS, [*sorted(study.goals), *[float("nan")] * MOST_GOALS], strict=False))
