"""Blocks of runs: what is recorded is kept, what is missing or bad is trained."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch

from digitpairs.cluster import gpus
from digitpairs.errors import UserError
from digitpairs.pairs.pairset import PairSet
from digitpairs.runs import batches, block, store
from digitpairs.runs.blockfile import Block
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import RunSpec, result_digest
from digitpairs.training import data, feed, loop
from digitpairs.training.cuda import graphs
from digitpairs.training.engines.choose import Engine
from digitpairs.training.loop import Result
from nets import as_seen
from recorded import results

Train = Callable[..., list[dict[str, Any]]]
Plan = Callable[[RunSpec], PlannedRun]


def no_training(*_: object) -> Result:
    raise AssertionError("a run was trained")


def test_missing_runs_are_trained_and_recorded(
    train: Train, runs: list[PlannedRun], sets: dict[str, PairSet], said: list[str]
) -> None:
    records = train(runs)
    for run, record, line in zip(runs, records, said, strict=True):
        assert store.read(Path(run.path), run.spec) == record
        (expected,) = loop.train([run.spec], {run.spec.seed: sets}).histories
        assert (record["status"], record["epochs"]) == (expected.status, expected.epochs)
        assert f"mlp {run.spec.member}: accuracy" in line


def test_a_record_says_where_it_was_computed(train: Train, runs: list[PlannedRun]) -> None:
    provenance = train(runs[:1])[0]["provenance"]
    versions = {package.__name__: package.__version__ for package in (torch, np, numba)}
    assert versions.items() <= provenance.items()
    assert {"device", "python", "seconds", "cpu_seconds"} <= set(provenance)
    assert (provenance["engine"], provenance["side_by_side"]) == ("stacked", 1)
    assert provenance["threads"] == 1


def test_where_a_run_was_computed_is_no_part_of_its_identity(
    train: Train, runs: list[PlannedRun]
) -> None:
    (record,) = train(runs[:1])
    elsewhere = {**record, "provenance": {"device": "another", "engine": "another"}}
    assert result_digest(runs[0].spec, elsewhere) == result_digest(runs[0].spec, record)
    content = {key: value for key, value in elsewhere.items() if key not in ("spec", "checksum")}
    store.write(Path(runs[0].path), runs[0].spec, content)
    assert train(runs[:1]) == [elsewhere]  # taken for the same run: not trained again


def test_recorded_runs_are_not_trained_again(
    train: Train, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(runs)
    monkeypatch.setattr(loop, "train", no_training)
    assert train(runs) == first


def test_one_more_seed_trains_one_run(
    train: Train, runs: list[PlannedRun], said: list[str]
) -> None:
    train(runs[:1])
    said.clear()
    train(runs)
    assert [line.split(":")[0] for line in said] == ["mlp seed-1"]


def test_a_run_asked_for_twice_is_trained_once(
    train: Train, runs: list[PlannedRun], said: list[str]
) -> None:
    first, second = runs
    records = train([second, first, replace(second, name="mlp_selected")])
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
    train: Train,
    runs: list[PlannedRun],
    said: list[str],
) -> None:
    before = train(runs)
    path, other = (Path(run.path) for run in runs)
    damage(path, other)
    damaged = path.read_bytes()
    said.clear()
    assert results(train(runs)) == results(before)
    assert said[0].startswith(f"WARNING: {path}: ")
    assert path.with_name(f"{path.name}.bad").read_bytes() == damaged
    assert len(said) == 2
    assert results([store.read(path, runs[0].spec)]) == results(before[:1])


def test_a_block_that_breaks_off_keeps_the_runs_that_ended(
    train: Train, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    train_together = loop.train

    def break_off(specs: list[RunSpec], *rest: Any) -> Result:
        if specs[0].seed == 1:
            raise KeyboardInterrupt
        return train_together(specs, *rest)

    monkeypatch.setattr(loop, "train", break_off)
    monkeypatch.setitem(batches.STACK, "cpu", 1)
    with pytest.raises(KeyboardInterrupt):
        train(runs)
    assert store.read(Path(runs[0].path), runs[0].spec)["status"] == "finished"
    assert not Path(runs[1].path).exists()


def test_a_fold_trains_on_the_other_folds_and_is_tested_on_its_own(
    train: Train,
    planned: Plan,
    mlp_run: RunSpec,
    sets: dict[str, PairSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_device, used = data.on_device, []

    def note(engine: Engine, of_runs: list[PairSet], images: list[Any], *more: Any) -> data.Data:
        used.append((of_runs, images))
        return on_device(engine, of_runs, images, *more)

    for module in (feed, loop):
        monkeypatch.setattr(module, "on_device", note)
    train([planned(replace(mlp_run, folds=4, fold=fold)) for fold in range(4)])
    everything = np.sort(sets["train"].indices.ravel())
    (trained_on, train_images), (tested_on, test_images) = used
    for train_set, test_set, *images in zip(
        trained_on, tested_on, train_images, test_images, strict=True
    ):
        assert (len(train_set), len(test_set)) == (45, 15)
        both = np.concatenate([train_set.indices, test_set.indices]).ravel()
        assert np.array_equal(np.sort(both), everything)
        for found, expected in zip(images, as_seen(train_set, test_set), strict=True):
            assert np.array_equal(found, expected)
    tested = np.concatenate([test_set.indices for test_set in tested_on])
    assert np.array_equal(np.sort(tested.ravel()), everything)


def test_a_diverged_run_is_recorded_without_numbers_that_are_none(
    train: Train, planned: Plan, mlp_run: RunSpec, said: list[str]
) -> None:
    (record,) = train([planned(replace(mlp_run, learning_rate=1e30))])
    assert record["status"] == "diverged"
    assert record["epochs"]["train_loss"] == [None]
    assert "DIVERGED at epoch 1" in said[0]


def test_too_little_memory_on_a_gpu_is_named(
    train: Train, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise torch.cuda.OutOfMemoryError("of no use to a user")

    monkeypatch.setattr(loop, "train", fail)
    with pytest.raises(UserError, match="too little memory on the GPU"):
        train(runs)


@pytest.fixture
def five(mlp_run: RunSpec, planned: Plan) -> list[PlannedRun]:
    return [planned(replace(mlp_run, seed=seed)) for seed in range(5)]


@pytest.mark.parametrize("way", ["raised", "while recording", "by cuBLAS"])
def test_too_many_runs_for_a_gpu_are_halved_and_come_to_the_same(
    way: str,
    train: Train,
    five: list[PlannedRun],
    sets: dict[str, PairSet],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train_well, freed, tried = loop.train, [], []

    def small(specs: list[RunSpec], *rest: Any) -> Result:
        tried.append(len(specs))
        if len(specs) <= 2:
            return train_well(specs, *rest)
        if way == "by cuBLAS":
            raise RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate")
        try:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        finally:
            if way == "while recording":
                raise RuntimeError("CUDA error: operation failed due to a previous error")

    monkeypatch.setattr(loop, "train", small)
    monkeypatch.setattr(block, "free_gpu", lambda: freed.append(len(tried)))
    records = train(five)
    assert tried == [5, 3, 2, 1, 2]
    assert freed == [1, 2]  # after each that failed, before the next
    assert [line for line in said if "side by side" in line] == [
        "5 runs side by side are too many for the GPU's memory: now 3",
        "3 runs side by side are too many for the GPU's memory: now 2",
    ]
    assert [record["provenance"]["side_by_side"] for record in records] == [2, 2, 1, 2, 2]
    for run, record in zip(five, records, strict=True):
        (alone,) = train_well([run.spec], {run.spec.seed: sets}).histories
        assert record["epochs"] == alone.epochs


def test_runs_know_whether_graphs_can_be_trusted(
    train: Train, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The choice of the device says so to the block, which says it to each process."""
    seen: list[bool] = []
    train_well = loop.train

    def look(*given: Any) -> Result:
        seen.append(graphs.eager())
        assert torch.backends.cudnn.deterministic
        return train_well(*given)

    def choose(wanted: str, jobs: int, say: Any) -> str:
        graphs.step_eagerly(True)
        return "cpu"

    monkeypatch.setattr(loop, "train", look)
    monkeypatch.setattr(block, "choose_device", choose)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    with graphs.eagerly(False):
        records = train(runs[:1])
        assert records[0]["provenance"]["engine"] == "stacked, eager"
        graphs.step_eagerly(False)
        block.train_batch(block.Batch(runs[1:], "cpu", eager=True))  # as in another process
    with graphs.eagerly(False):
        block.train_batch(block.Batch(runs[1:], "cpu"))
    assert seen == [True, True, False]


def test_a_gpu_is_shared_by_all_that_train_on_it(
    train: Train, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def space(*given: Any) -> int:
        asked.append(given)
        return 123

    def cut(runs: Any, device: str, room: int | None) -> list[Any]:
        asked.append(room)
        return []

    monkeypatch.setattr(block, "choose_device", lambda *_: "cuda")
    monkeypatch.setattr(block, "room", space)
    monkeypatch.setattr(batches, "batches", cut)
    monkeypatch.setattr(block, "results_of", lambda work, threads: work)
    block.train_block(Block(runs, "auto", 3), 2, print)
    assert asked == [(3, 2), 123]


def test_a_block_takes_a_gpu_as_it_says_and_only_where_there_is_work(
    train: Train, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(gpus, "hold", lambda jobs, say: asked.append(jobs))
    monkeypatch.setattr(gpus, "listed", list)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    block.train_block(Block(runs, "auto", 4), 1, print)
    assert asked == [4]
    block.train_block(Block(runs, "auto", 4), 1, print)
    assert asked == [4]
