"""What ladders and searches cost is read from records, each run once."""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from digitpairs import paths
from digitpairs.runs import store
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import RunSpec, Teacher
from project import ROOT

sys.path.insert(0, str(ROOT))
from benchmarks import beyond

RECORD = {"status": "finished", "epochs": {"test_accuracy": [0.5]}, "measures": {}}


def recorded(spec: RunSpec, seconds: float | None, kind: str = "cpu") -> None:
    provenance = {"kind": kind} | ({} if seconds is None else {"cpu_seconds": seconds})
    store.write(Path(spec.path), spec, {**RECORD, "provenance": provenance})


@pytest.fixture
def students(mlp_run: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[PlannedRun]:
    """Two, each taught by two teachers of its own."""
    monkeypatch.chdir(tmp_path)
    taught = Teacher(mlp_run.model, 0.5, 3, 10, copies=2)
    specs = [replace(mlp_run, seed=seed, teachers=(taught,)) for seed in range(2)]
    return [PlannedRun("student", spec, "") for spec in specs]


def test_teachers_count_and_runs_that_do_not_say_do_not(students: list[PlannedRun]) -> None:
    assert beyond.row("student", students) is None
    for run, own in zip(students, (10.0, None), strict=True):
        recorded(run.spec, own)
        for teacher in run.spec.taught_by:
            recorded(teacher, 2.0)
    found = beyond.row("student", students)
    assert found is not None
    assert (found["runs"], found["cpu_seconds"], found["teacher_seconds"]) == (1, 10, 4)
    assert found["total_seconds"] == 14


def test_seconds_of_a_gpu_are_others(students: list[PlannedRun]) -> None:
    for run, kind in zip(students, ("cuda", "cpu"), strict=True):
        recorded(run.spec, 10.0, kind)
        for teacher in run.spec.taught_by:
            recorded(teacher, 2.0)
    found = beyond.row("student", students)
    assert found is not None and found["runs"] == 1
    assert beyond.together(students)["total_seconds"] == 10.0 + 4 * 2.0


def test_the_page_shows_the_costs_that_were_read() -> None:
    text = (ROOT / beyond.PAGE).read_text(encoding="utf-8")
    found = pd.read_csv(ROOT / paths.BEYOND)
    assert f"<!-- costs -->\n\n{beyond.shown(found)}\n\n<!-- /costs -->" in text


def test_together_a_run_counts_once(students: list[PlannedRun]) -> None:
    for run in students:
        recorded(run.spec, 10.0)
        for teacher in run.spec.taught_by:
            recorded(teacher, 2.0)
    found = beyond.together([*students, *students])
    assert (found["runs"], found["total_seconds"]) == (6, 28)
