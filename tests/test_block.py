"""Blocks of runs: what is recorded is kept, what is missing or bad is trained."""

import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from digitpairs import block, pairs, store, training
from digitpairs.errors import UserError
from digitpairs.pairs import PairSet
from digitpairs.plan import PlannedRun
from digitpairs.spec import TRAINING_MODULES, ModelSpec, RunSpec, fingerprint
from digitpairs.training import History

Ensure = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def ensure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sets: dict[str, PairSet], said: list[str]
) -> Ensure:
    """block.ensure in a folder of its own; all seeds share one pair set."""
    monkeypatch.chdir(tmp_path)
    pairs.save(Path("pairs.parquet"), sets)

    def on_these_pairs(runs: list[PlannedRun], threads: int = 1) -> list[dict[str, Any]]:
        return block.ensure(runs, lambda seed: "pairs.parquet", "cpu", threads, said.append)

    return on_these_pairs


@pytest.fixture
def runs(mlp_run: RunSpec) -> list[PlannedRun]:
    return [PlannedRun("mlp", replace(mlp_run, seed=seed)) for seed in range(2)]


def no_training(*_: object) -> History:
    raise AssertionError("a run was trained")


def results(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the records hold beside where and how it was computed."""
    return [{k: v for k, v in record.items() if k != "provenance"} for record in records]


def test_missing_runs_are_trained_and_recorded(
    ensure: Ensure, runs: list[PlannedRun], sets: dict[str, PairSet], said: list[str]
) -> None:
    records = ensure(runs)
    for run, record, line in zip(runs, records, said, strict=True):
        assert store.read(Path(run.path), run.spec) == record
        expected = training.train(run.spec, sets["train"], sets["test"])
        assert (record["status"], record["epochs"]) == (expected.status, expected.epochs)
        assert f"mlp {run.spec.member}: accuracy" in line


def test_a_record_says_where_it_was_computed(ensure: Ensure, runs: list[PlannedRun]) -> None:
    provenance = ensure(runs[:1])[0]["provenance"]
    assert {"device", "python", "torch", "seconds", "cpu_seconds"} <= set(provenance)


def test_recorded_runs_are_not_trained_again(
    ensure: Ensure, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ensure(runs)
    monkeypatch.setattr(training, "train", no_training)
    assert ensure(runs) == first


def test_one_more_seed_trains_one_run(
    ensure: Ensure, runs: list[PlannedRun], said: list[str]
) -> None:
    ensure(runs[:1])
    said.clear()
    ensure(runs)
    assert [line.split(":")[0] for line in said] == ["mlp seed-1"]


def test_a_run_asked_for_twice_is_trained_once(
    ensure: Ensure, runs: list[PlannedRun], said: list[str]
) -> None:
    first, second = runs
    records = ensure([second, first, replace(second, name="mlp_selected")])
    assert len(said) == 2
    assert records[0] == records[2]
    assert [record["spec"]["seed"] for record in records] == [1, 0, 1]


def truncate(path: Path, other: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def edit(path: Path, other: Path) -> None:
    path.write_text(path.read_text().replace('"finished"', '"diverged"'))


def swap(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes())


@pytest.mark.parametrize("damage", [truncate, edit, swap])
def test_a_bad_record_is_named_set_aside_and_computed_again(
    damage: Callable[[Path, Path], None],
    ensure: Ensure,
    runs: list[PlannedRun],
    said: list[str],
) -> None:
    before = ensure(runs)
    path, other = (Path(run.path) for run in runs)
    damage(path, other)
    damaged = path.read_bytes()
    said.clear()
    assert results(ensure(runs)) == results(before)
    assert said[0].startswith(f"WARNING: {path}: ")
    assert path.with_name(f"{path.name}.bad").read_bytes() == damaged
    assert len(said) == 2
    assert results([store.read(path, runs[0].spec)]) == results(before[:1])


def test_a_block_that_breaks_off_keeps_the_runs_that_ended(
    ensure: Ensure, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    train = training.train

    def break_off(spec: RunSpec, *rest: Any) -> History:
        if spec.seed == 1:
            raise KeyboardInterrupt
        return train(spec, *rest)

    monkeypatch.setattr(training, "train", break_off)
    with pytest.raises(KeyboardInterrupt):
        ensure(runs)
    assert store.read(Path(runs[0].path), runs[0].spec)["status"] == "finished"
    assert not Path(runs[1].path).exists()


def test_a_fold_trains_on_the_other_folds_and_is_tested_on_its_own(
    ensure: Ensure,
    mlp_run: RunSpec,
    sets: dict[str, PairSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train, used = training.train, []

    def note(spec: RunSpec, train_set: PairSet, test_set: PairSet, device: str) -> History:
        used.append((train_set.indices, test_set.indices))
        return train(spec, train_set, test_set, device)

    monkeypatch.setattr(training, "train", note)
    ensure([PlannedRun("mlp", replace(mlp_run, folds=4, fold=fold)) for fold in range(4)])
    everything = np.sort(sets["train"].indices.ravel())
    for trained_on, tested_on in used:
        assert (len(trained_on), len(tested_on)) == (45, 15)
        both = np.concatenate([trained_on, tested_on]).ravel()
        assert np.array_equal(np.sort(both), everything)
    assert np.array_equal(np.sort(np.concatenate([rows for _, rows in used]).ravel()), everything)


def test_a_diverged_run_is_recorded_without_numbers_that_are_none(
    ensure: Ensure, mlp_run: RunSpec, said: list[str]
) -> None:
    (record,) = ensure([PlannedRun("mlp", replace(mlp_run, learning_rate=1e30))])
    assert record["status"] == "diverged"
    assert record["epochs"]["train_loss"] == [None]
    assert "DIVERGED at epoch 1" in said[0]


def test_runs_side_by_side_are_the_same_as_one_after_another(
    ensure: Ensure, mlp_run: RunSpec, said: list[str]
) -> None:
    model = ModelSpec("siamese_convnet", (8,), (6, 4), shared=True)
    runs = [PlannedRun("conv", replace(mlp_run, model=model, seed=seed)) for seed in range(2)]
    side_by_side = ensure(runs, threads=2)
    assert multiprocessing.active_children() == []
    for run in runs:
        Path(run.path).unlink()
    assert results(ensure(runs)) == results(side_by_side)
    assert len(said) == 4


def test_code_that_was_edited_while_a_job_started_trains_nothing():
    block.load_code(fingerprint(*TRAINING_MODULES))
    with pytest.raises(UserError, match="edited while this job started"):
        block.load_code("0" * 20)
