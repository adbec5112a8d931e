"""Collects run records into a Parquet file: a row per planned run and epoch. Trains nothing."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

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

# Long texts, the same in all rows of a run: memory and files hold each once.
TEXTS = ("spec", "record", "provenance")


def collect(runs: Sequence[PlannedRun], records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Join what was planned with what was recorded.

    Naive nets have no digit read-outs: these columns are empty. A diverged run has fewer epochs.
    Measures of the final epoch stand in each row of a run. Raises ValueError where there is no run.
    """
    if not runs:
        raise ValueError("no run to collect")
    # Column by column: a frame a run would take milliseconds each.
    constants = [constant(run, record) for run, record in zip(runs, records, strict=True)]
    counts = [count_epochs(record["epochs"]) for record in records]
    measured = {
        name: np.array(list(chain.from_iterable(of_epochs(name, records, counts))), dtype="float64")
        for name in MEASURES
    }
    final = [record.get("measures", {}) for record in records]
    frame = pd.DataFrame(constants).astype(dict.fromkeys(TEXTS, "category"))
    frame = frame.loc[np.repeat(frame.index, counts)].reset_index(drop=True)
    numbers = {
        "epoch": np.concatenate([np.arange(1, count + 1) for count in counts]),
        **measured,
        **{
            name: np.repeat(np.array([one.get(name) for one in final], dtype="float64"), counts)
            for name in FINAL_MEASURES
        },
    }
    return frame.assign(**numbers)


def count_epochs(measured: dict[str, list[float | None]]) -> int:
    """Count a run's epochs. Raises ValueError where not all measures have as many."""
    lengths = set(map(len, measured.values()))
    if len(lengths) > 1:
        raise ValueError(f"measures of {sorted(lengths)} epochs in one record")
    return lengths.pop() if lengths else 0


def of_epochs(
    name: str, records: Sequence[dict[str, Any]], counts: Sequence[int]
) -> Iterator[Sequence[float | None]]:
    """List a measure of each run, by epoch; None where the run does not have it."""
    for record, count in zip(records, counts, strict=True):
        yield record["epochs"].get(name, [None] * count)


def constant(run: PlannedRun, record: dict[str, Any]) -> dict[str, Any]:
    """What all rows of a run have in common, but for its measures."""
    spec, model = run.spec, run.spec.model
    return {
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
    tables = [pq.read_table(file, read_dictionary=TEXTS) for file in files]
    # Files may number their texts by integers of other sizes.
    return pa.concat_tables(tables, promote_options="permissive").to_pandas()


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
