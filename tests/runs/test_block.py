"""Blocks of runs: what is recorded is kept, what is missing or bad is trained."""

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch
from torch import nn

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.identity import fingerprint
from digitpairs.pairs import pairset, pixels
from digitpairs.pairs.pairset import PairSet
from digitpairs.runs import batches, block, store
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import TRAINING_MODULES, ModelSpec, RunSpec, result_digest
from digitpairs.training import data, loop
from digitpairs.training.engines.choose import Engine
from digitpairs.training.loop import Result

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
    pairset.save(Path("pairs.parquet"), sets)

    def on_these_pairs(runs: list[PlannedRun], threads: int = 1) -> list[dict[str, Any]]:
        return block.ensure(runs, lambda seed: "pairs.parquet", "cpu", threads, said.append)

    return on_these_pairs


@pytest.fixture
def runs(mlp_run: RunSpec) -> list[PlannedRun]:
    return [PlannedRun("mlp", replace(mlp_run, seed=seed)) for seed in range(2)]


def no_training(*_: object) -> Result:
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
        (expected,) = loop.train([run.spec], {run.spec.seed: sets}).histories
        assert (record["status"], record["epochs"]) == (expected.status, expected.epochs)
        assert f"mlp {run.spec.member}: accuracy" in line


def test_a_record_says_where_it_was_computed(ensure: Ensure, runs: list[PlannedRun]) -> None:
    provenance = ensure(runs[:1])[0]["provenance"]
    versions = {package.__name__: package.__version__ for package in (torch, np, numba)}
    assert versions.items() <= provenance.items()
    assert {"device", "python", "seconds", "cpu_seconds"} <= set(provenance)
    assert (provenance["engine"], provenance["side_by_side"]) == ("stacked", 1)
    assert provenance["threads"] == 1


def test_where_a_run_was_computed_is_no_part_of_its_identity(
    ensure: Ensure, runs: list[PlannedRun]
) -> None:
    (record,) = ensure(runs[:1])
    elsewhere = {**record, "provenance": {"device": "another", "engine": "another"}}
    assert result_digest(runs[0].spec, elsewhere) == result_digest(runs[0].spec, record)
    content = {key: value for key, value in elsewhere.items() if key not in ("spec", "checksum")}
    store.write(Path(runs[0].path), runs[0].spec, content)
    assert ensure(runs[:1]) == [elsewhere]  # taken for the same run: not trained again


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
    train = loop.train

    def break_off(specs: list[RunSpec], *rest: Any) -> Result:
        if specs[0].seed == 1:
            raise KeyboardInterrupt
        return train(specs, *rest)

    monkeypatch.setattr(training, "train", break_off)
    monkeypatch.setitem(batches.STACK, "cpu", 1)
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
    on_device, used = data.on_device, []

    def note(form: Engine, of_runs: list[PairSet], images: list[Any], device: str) -> data.Data:
        used.append((of_runs, images))
        return on_device(form, of_runs, images, device)

    monkeypatch.setattr(training, "on_device", note)
    ensure([PlannedRun("mlp", replace(mlp_run, folds=4, fold=fold)) for fold in range(4)])
    everything = np.sort(sets["train"].indices.ravel())
    (trained_on, train_images), (tested_on, test_images) = used
    for train_set, test_set, *images in zip(
        trained_on, tested_on, train_images, test_images, strict=True
    ):
        assert (len(train_set), len(test_set)) == (45, 15)
        both = np.concatenate([train_set.indices, test_set.indices]).ravel()
        assert np.array_equal(np.sort(both), everything)
        for found, expected in zip(images, pixels.normalised(train_set, test_set), strict=True):
            assert np.array_equal(found, expected)
    tested = np.concatenate([test_set.indices for test_set in tested_on])
    assert np.array_equal(np.sort(tested.ravel()), everything)


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


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 1, 3, 0, 2], [2, 3]])
def test_a_run_is_the_same_in_any_company_and_order(
    order: list[int], ensure: Ensure, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    models = [
        ModelSpec("siamese_convnet", (8,), (6, 4), shared=True),
        ModelSpec("mlp", (13,)),
        ModelSpec("convnet", (8,), (4, 8)),
        ModelSpec("siamese_convnet", (8,), (6, 4), shared=True),
        ModelSpec("mlp", (13,)),
    ]
    block_of = [
        PlannedRun("net", replace(mlp_run, model=model, seed=seed, learning_rate=10.0**-seed))
        for seed, model in enumerate(models)
    ]
    records = ensure([block_of[at] for at in order])
    for at, record in zip(order, records, strict=True):
        run = block_of[at].spec
        (alone,) = loop.train([run], {run.seed: sets}).histories
        assert (record["status"], record["epochs"]) == (alone.status, alone.epochs)
    forms = [record["provenance"]["engine"] for record in records]
    assert [form == "stacked" for form in forms] == [at in (1, 4) for at in order]


def test_code_that_was_edited_while_a_job_started_trains_nothing():
    block.load_code(fingerprint(*TRAINING_MODULES))
    with pytest.raises(UserError, match="edited while this job started"):
        block.load_code("0" * 20)


def test_kernels_are_kept_by_version_of_the_code(
    ensure: Ensure, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By file, as numba keeps them, an edit of what the file imports would be missed."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    block.load_code.cache_clear()
    ensure(runs[:1])
    code = fingerprint(*TRAINING_MODULES)
    assert os.environ["NUMBA_CACHE_DIR"] == str(Path(paths.KERNELS, code).absolute())


def test_layers_that_draw_do_so_from_the_runs_own_seed(
    ensure: Ensure, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    build = training.build

    def with_dropout(spec: ModelSpec) -> Any:
        net: Any = build(spec)
        net.branch.insert(3, nn.Dropout())
        return net

    monkeypatch.setattr(training, "build", with_dropout)
    together = results(ensure(runs))
    for run in runs:
        Path(run.path).unlink()
    torch.manual_seed(5)
    assert results(ensure(runs[::-1]))[::-1] == together


def test_too_little_memory_on_a_gpu_is_told(
    ensure: Ensure, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise torch.cuda.OutOfMemoryError("of no use to a user")

    monkeypatch.setattr(training, "train", fail)
    with pytest.raises(UserError, match="too little memory on the GPU"):
        ensure(runs)
