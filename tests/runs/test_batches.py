"""Which runs of a block go side by side: those that differ in seed, fold and weights alone."""

from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest

from digitpairs.pairs import draw
from digitpairs.pairs.pairset import PairSet
from digitpairs.runs import footprint
from digitpairs.runs.batches import STACK, batches, most_together
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training.loop import train

CONVNET = ModelSpec("convnet", (10,), (4, 8))
SIAMESE_MLP = ModelSpec("siamese_mlp", (13,), shared=True)


@pytest.fixture
def run(mlp_run: RunSpec) -> RunSpec:
    return replace(mlp_run, epochs=3, batch_size=25)


def planned(spec: RunSpec) -> PlannedRun:
    return PlannedRun("net", spec, "pairs.parquet")


def test_folds_of_unequal_size_go_apart(run: RunSpec) -> None:
    counts = {}
    runs = [replace(run, folds=7, fold=fold, test_pairs=None) for fold in range(7)]
    for spec, (rows, held_out) in zip(runs, draw.folds(60, 7, 0), strict=True):
        counts[spec.fold] = len(rows), len(held_out)
    assert len(set(counts.values())) == 2
    together = batches([planned(spec) for spec in runs], "cpu")
    folds = [[one.spec.fold for one in batch] for batch in together]
    by_size = [list(of_size) for _, of_size in groupby(range(7), key=counts.__getitem__)]
    assert folds == by_size


def test_folds_of_unequal_size_train_in_one_block(run: RunSpec, sets: dict[str, PairSet]) -> None:
    runs = [replace(run, folds=7, fold=fold, test_pairs=None) for fold in range(7)]
    for batch in batches([planned(spec) for spec in runs], "cpu"):
        specs = [one.spec for one in batch]
        alone = [train([spec], {0: sets}).histories[0] for spec in specs]
        assert train(specs, {0: sets}).histories == alone


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 4},
        {"batch_size": 24},
        {"batchnorm": "frozen_after_first_epoch"},
        {"shuffle": False},
        {"train_pairs": 59},
        {"test_pairs": 39},
        {"model": ModelSpec("mlp", (9,))},
        {"model": ModelSpec("siamese_mlp", (8,))},
        {"model": ModelSpec("siamese_mlp", (8,), shared=True)},
        {"model": CONVNET},
        {"folds": 5, "fold": 0, "test_pairs": None},
        {"digits": "other"},
    ],
)
def test_runs_that_differ_in_more_than_seed_and_weights_go_apart(
    change: dict[str, Any], run: RunSpec
) -> None:
    runs = [planned(run), planned(replace(run, seed=1, **change))]
    assert [list(batch) for batch in batches(runs, "cpu")] == [[one] for one in runs]


def test_runs_with_auxiliary_loss_go_apart_from_those_without(run: RunSpec) -> None:
    weights = [0.0, 1.0, 0.0, 2.0]
    runs = [
        planned(replace(run, model=SIAMESE_MLP, aux_weight=weight, seed=seed))
        for seed, weight in enumerate(weights)
    ]
    together = [[one.spec.seed for one in batch] for batch in batches(runs, "cpu")]
    assert together == [[0, 2], [1, 3]]


def test_runs_that_differ_in_seed_fold_rate_and_weight_go_together(run: RunSpec) -> None:
    model = replace(run, model=SIAMESE_MLP, folds=5, test_pairs=None)
    runs = [
        planned(replace(model, seed=at, fold=at, learning_rate=10.0**-at, aux_weight=1.0 + at))
        for at in range(5)
    ]
    (batch,) = batches(runs, "cpu")
    assert list(batch) == runs


@pytest.mark.parametrize(
    ("model", "device", "most"),
    [
        (SIAMESE_MLP, "cpu", STACK["cpu"]),
        (SIAMESE_MLP, "cuda", STACK["cuda"]),
        (CONVNET, "cpu", 1),
        (CONVNET, "cuda", STACK["cuda"]),
        (ModelSpec("mlp", (1,)), "cuda", 1),  # its bits would depend on the stack
    ],
)
def test_only_what_is_stacked_goes_together(
    model: ModelSpec, device: str, most: int, run: RunSpec
) -> None:
    assert most_together(replace(run, model=model), device) == most


def test_a_batch_is_no_larger_than_a_stack(run: RunSpec) -> None:
    runs = [planned(replace(run, seed=seed)) for seed in range(33)]
    assert [len(batch) for batch in batches(runs, "cpu")] == [15, 15, 3]
    assert [one for batch in batches(runs, "cpu") for one in batch] == runs


@pytest.mark.parametrize(("room", "most"), [(10**9, 60), (12_000, 12), (12_999, 12), (10, 1)])
def test_a_stack_on_a_gpu_is_as_high_as_fits_its_memory(
    room: int, most: int, run: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footprint, "needed", lambda spec, runs: 1000 * runs)
    assert most_together(replace(run, model=CONVNET), "cuda", room) == most
    runs = [planned(replace(run, model=CONVNET, seed=seed)) for seed in range(61)]
    sizes = [len(batch) for batch in batches(runs, "cuda", room)]
    assert sizes[0] == most
    assert sum(sizes) == 61


def test_what_need_not_be_asked_of_memory_is_not(
    run: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first count takes long; more runs than there are need not fit."""
    asked: list[int] = []
    monkeypatch.setattr(footprint, "needed", lambda spec, runs: asked.append(runs) or 1)
    runs = [planned(replace(run, seed=seed)) for seed in range(7)]
    assert [len(batch) for batch in batches(runs, "cpu")] == [7]
    assert [len(batch) for batch in batches(runs, "cuda")] == [7]
    assert asked == []
    assert [len(batch) for batch in batches(runs, "cuda", 10**9)] == [7]
    assert asked == []  # a bound of it fits, too
    assert [len(batch) for batch in batches(runs, "cuda", 10)] == [7]
    assert asked == [7]


def test_the_real_count_bounds_a_stack(run: RunSpec) -> None:
    spec = replace(run, model=CONVNET)
    room = footprint.needed(spec, 5)
    assert footprint.needed(spec, 4) < room < footprint.needed(spec, 6)
    assert most_together(spec, "cuda", room) == 5
    assert most_together(spec, "cuda", room - 1) == 4
