"""Collected results: a row a run and epoch, whatever a run has recorded."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from collected import PROVENANCE
from digitpairs.runs import collect
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import ModelSpec, RunSpec, result_digest

SIAMESE = ModelSpec("siamese_convnet", (10,), (4,), shared=True)
FINAL = {"many_pairs_accuracy": 0.7, "all_pairs_argmax_accuracy": 0.9}


def record(names: tuple[str, ...], epochs: int, first: float, **more: Any) -> dict[str, Any]:
    """A record whose every value is another, with one that was not finite."""
    values = {
        name: [first + place + epoch / 100 for epoch in range(epochs)]
        for place, name in enumerate(names)
    }
    measured: dict[str, list[float | None]] = {name: [*values[name][:-1], None] for name in names}
    return {"status": "finished", "epochs": measured, "provenance": PROVENANCE, **more}


@pytest.fixture
def several(mlp_run: RunSpec) -> tuple[list[PlannedRun], list[dict[str, Any]]]:
    """A naive net, a siamese one, a diverged one, a fold, and one that recorded nothing."""
    siamese = replace(mlp_run, model=SIAMESE, aux_weight=1.0)
    fold = replace(mlp_run, seed=3, folds=5, fold=2, test_pairs=None)
    specs = [mlp_run, siamese, replace(siamese, seed=1), fold, replace(mlp_run, seed=4)]
    records = [
        record(collect.ANSWER_MEASURES, 3, 0, measures={"many_pairs_accuracy": 0.6}),
        record(collect.MEASURES, 3, 10, measures=FINAL),
        record(collect.MEASURES, 1, 20, status="diverged"),
        record(("test_accuracy", "new_measure"), 2, 30, provenance={"seconds": 1.5}),
        {"status": "diverged", "epochs": {}, "provenance": {}},
    ]
    return [PlannedRun(f"v{spec.seed}", spec, "") for spec in specs], records


def test_each_value_stands_in_the_row_of_its_run_and_epoch(
    several: tuple[list[PlannedRun], list[dict[str, Any]]],
) -> None:
    """A diverged run has fewer rows; what a run does not have is empty."""
    runs, records = several
    rows = collect.collect(runs, records).to_dict("records")
    assert len(rows) == 3 + 3 + 1 + 2 + 0
    for run, found in zip(runs, records, strict=True):
        for epoch in range(max(map(len, found["epochs"].values()), default=0)):
            row = rows.pop(0)
            assert (row["variant"], row["epoch"]) == (run.name, epoch + 1)
            assert (row["seed"], row["status"]) == (run.spec.seed, found["status"])
            assert row["fold"] == (-1 if run.spec.fold is None else run.spec.fold)
            assert row["run"] == f"{run.spec.group}/{run.spec.member}"
            assert row["record"] == result_digest(run.spec, found)
            expected = {
                name: found["epochs"][name][epoch] if name in found["epochs"] else None
                for name in collect.MEASURES
            } | {name: found.get("measures", {}).get(name) for name in collect.FINAL_MEASURES}
            for name, value in expected.items():
                assert row[name] == value or (value is None and math.isnan(row[name])), name
            assert "new_measure" not in row


def test_columns_have_the_types_of_their_values(
    several: tuple[list[PlannedRun], list[dict[str, Any]]],
) -> None:
    """And these are the same where no run has a value."""
    runs, records = several
    whole, naive = collect.collect(runs, records), collect.collect(runs[:1], records[:1])
    assert naive.dtypes.astype(str).to_dict() == whole.dtypes.astype(str).to_dict()
    kinds = {"seed": "int64", "fold": "int64", "epoch": "int64", "shared": "bool"}
    kinds |= dict.fromkeys((*collect.MEASURES, *collect.FINAL_MEASURES), "float64")
    assert {name: str(whole[name].dtype) for name in kinds} == kinds


def test_long_texts_are_held_once_a_run(
    several: tuple[list[PlannedRun], list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Also where files are read together, one of which is from before texts were shared."""
    runs, records = several
    frame = collect.collect(runs, records)
    files = [str(tmp_path / name) for name in ("now.parquet", "before.parquet", "part.parquet")]
    collect.write(frame, files[0])
    collect.write(frame.astype(dict.fromkeys(collect.TEXTS, "str")), files[1])
    part = collect.collect(runs[:2], records[:2])
    collect.write(part.astype({"aux_weight": "int64"}), files[2])  # as pandas, whole numbers join
    found = collect.read(files)
    texts = dict.fromkeys(collect.TEXTS, "str")
    expected = pd.concat([frame.astype(texts), frame.astype(texts), frame[:6].astype(texts)])
    pd.testing.assert_frame_equal(found.astype(texts), expected.reset_index(drop=True))
    for one in (frame, found):
        assert {str(one[name].dtype) for name in collect.TEXTS} == {"category"}
        assert len(one["spec"].cat.categories) <= len(runs)


def test_measures_of_unlike_length_are_refused(mlp_run: RunSpec) -> None:
    """Even where runs make up for one another: values would stand in rows of other runs."""
    runs = [PlannedRun("mlp", replace(mlp_run, seed=seed), "") for seed in (0, 1)]
    records = [record(("train_loss", "test_loss"), 2, 0) for _ in runs]
    records[0]["epochs"]["train_loss"].append(0.5)
    records[1]["epochs"]["train_loss"].pop()
    with pytest.raises(ValueError, match="measures of"):
        collect.collect(runs, records)


def test_nothing_to_collect_is_an_error(mlp_run: RunSpec) -> None:
    with pytest.raises(ValueError, match="no run to collect"):
        collect.collect([], [])
    with pytest.raises(ValueError, match="zip"):
        collect.collect([PlannedRun("mlp", mlp_run, "")], [])
