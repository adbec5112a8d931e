"""Collects run records into a Parquet file: a row per planned run and epoch. Trains nothing."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from digitpairs.errors import UserError
from digitpairs.files import written_whole
from digitpairs.identity import essentials
from digitpairs.models.counts import parameters_of
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import RunSpec, result_digest, to_json

ANSWER_MEASURES = ("train_loss", "test_loss", "test_accuracy")
DIGIT_MEASURES = ("digit_accuracy", "argmax_accuracy", "posterior_accuracy")  # of siamese nets
MEASURES = (*ANSWER_MEASURES, *DIGIT_MEASURES)
# Of the final epoch alone: of runs that finished and are no folds, the last three of siamese nets.
FINAL_MEASURES = (
    "many_pairs_accuracy",
    "many_pairs_head_accuracy",
    "all_pairs_argmax_accuracy",
    "all_pairs_posterior_accuracy",
)

# Of a record's provenance, what travels with the results. Times do not: no two are the same.
ENVIRONMENT = ("device", "engine", "threads", "python", "torch", "numpy", "numba")


def collect(runs: Sequence[PlannedRun], records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Join what was planned with what was recorded.

    Naive nets have no digit read-outs: these columns are empty. A diverged run has fewer epochs.
    Measures of the final epoch stand in each row of a run.
    """
    return pd.concat(
        [epochs(run, record) for run, record in zip(runs, records, strict=True)], ignore_index=True
    )


def epochs(run: PlannedRun, record: dict[str, Any]) -> pd.DataFrame:
    """One run's rows."""
    spec, model = run.spec, run.spec.model
    measured = pd.DataFrame(record["epochs"], dtype="float64").reindex(columns=list(MEASURES))
    final = record.get("measures", {})
    measured = measured.assign(**{name: final.get(name, math.nan) for name in FINAL_MEASURES})
    constant = {
        "variant": run.name,
        "family": model.family,
        "channels": "-".join(map(str, model.channels)),
        "hidden": "-".join(map(str, model.hidden)),
        "shared": model.shared,
        "options": model.options,
        "aux_weight": spec.aux_weight,
        "learning_rate": spec.learning_rate,
        "recipe": recipe_text(spec),
        "parameters": parameters_of(model),
        "seed": spec.seed,
        "fold": -1 if spec.fold is None else spec.fold,
        "run": f"{spec.group}/{spec.member}",
        "status": record["status"],
        # The run store is filled again from these.
        "spec": json.dumps(to_json(spec), sort_keys=True),
        "record": result_digest(spec, record),
        "provenance": json.dumps(
            {key: record["provenance"][key] for key in ENVIRONMENT if key in record["provenance"]}
        ),
    }
    measured.insert(0, "epoch", range(1, len(measured) + 1))
    return pd.DataFrame({**dict.fromkeys(constant), **measured}).assign(**constant)


def recipe_text(spec: RunSpec) -> str:
    """Write what a recipe changes of the paper's, as JSON: nothing where it is the paper's."""
    changed = essentials(spec.recipe)
    return json.dumps(changed, sort_keys=True) if changed else ""


def computed(provenance: str) -> str:
    """Say where and by what a run was trained; runs that were elsewhere compare by means."""
    known = json.loads(provenance)
    versions = (f"{name} {known.get(name, '?')}" for name in ("torch", "numpy", "numba"))
    return ", ".join([known.get("device", "?"), known.get("engine", "?"), *versions])


def write(frame: pd.DataFrame, path: str) -> None:
    """Write collected results."""
    with written_whole(Path(path)) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")


def read(inputs: Iterable[str]) -> pd.DataFrame:
    """Read the collected results among the inputs of a step, one file after another.

    Raises UserError where there are none.
    """
    files = [path for path in inputs if path.endswith(".parquet")]
    if not files:
        raise UserError("nothing to show: the search has no winner where a study names its winner")
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


def per_run(frame: pd.DataFrame) -> pd.DataFrame:
    """Reduce epochs to runs: best and final accuracy, and the read-outs at the final epoch.

    `best_accuracy` is the best test accuracy of all epochs, at `best_epoch`: the paper's measure,
    which picks on the test set. `final_accuracy` is the last epoch's. A diverged run has neither.
    """
    keys = ["variant", "seed", "fold", "run"]
    frame = frame.sort_values([*keys, "epoch"], kind="stable")
    last = frame.groupby(keys, sort=False).tail(1).set_index(keys)
    best = frame.loc[frame.groupby(keys, sort=False)["test_accuracy"].idxmax()].set_index(keys)
    runs = last.rename(columns={"test_accuracy": "final_accuracy", "epoch": "epochs"}).assign(
        best_epoch=best["epoch"], best_accuracy=best["test_accuracy"]
    )
    outcome = ["best_epoch", "best_accuracy", "final_accuracy", *DIGIT_MEASURES]
    runs["best_epoch"] = runs["best_epoch"].astype("Int64")
    runs.loc[runs["status"] == "diverged", outcome] = pd.NA
    return runs.reset_index()
