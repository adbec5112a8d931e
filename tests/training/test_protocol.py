"""The protocol: batches and their order, BatchNorm, the weight of the auxiliary loss."""

from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from digitpairs.models.nets import Output
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import Loss
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import loop, step
from digitpairs.training.data import Data
from digitpairs.training.engines.choose import Engine
from nets import train_one

CONVNET = ModelSpec("convnet", (10,), (8, 4))
SIAMESE = ModelSpec("siamese_convnet", (10,), (8, 4))
SHARED = replace(SIAMESE, shared=True)


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 2e-3},
        {"aux_weight": 2.0},
        {"batch_size": 30},
        {"shuffle": False},
        {"batchnorm": "frozen_after_first_epoch"},
    ],
)
def test_every_setting_of_the_protocol_changes_the_run(
    change: dict[str, object], shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    changed = replace(shared_run, **change)  # type: ignore[arg-type]
    assert train_one(changed, sets) != train_one(shared_run, sets)


def test_more_epochs_start_with_the_same_epochs(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    longer = train_one(replace(shared_run, epochs=4), sets).epochs
    shorter = train_one(shared_run, sets).epochs
    assert {name: values[:2] for name, values in longer.items()} == shorter


class Spy:
    """Watches a run: what each epoch left in the net, and each step's batch, mode and weights."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statistics: list[Tensor] = []
        self.weights: list[Tensor] = []
        self.modes: list[bool] = []
        self.batches: list[list[list[int]]] = []
        self.aux_weights: list[list[float] | None] = []
        self._before = (loop.engine_for, loop.evaluate, step.losses)
        for place, name in ((loop, "engine_for"), (loop, "evaluate"), (step, "losses")):
            monkeypatch.setattr(place, name, getattr(self, name))

    def engine_for(self, model: nn.Module, *more: Any) -> type[Any]:
        self.model = model
        return self._before[0](model, *more)

    def evaluate(self, engine: Engine, *more: Any) -> object:
        kept = [tensor.flatten() for tensor in engine.buffers if tensor.is_floating_point()]
        self.statistics.append(torch.cat(kept) if kept else torch.zeros(0))
        weights = [weights.detach().flatten() for weights in engine.parameters]
        self.weights.append(torch.cat(weights))
        return self._before[1](engine, *more)

    def losses(self, output: Output, data: Data, aux_weights: Tensor | None, kind: Loss) -> Tensor:
        (batch,) = data.digits.tolist()
        self.batches.append(batch)
        self.modes.append(self.model.training)
        self.aux_weights.append(None if aux_weights is None else aux_weights.tolist())
        return self._before[2](output, data, aux_weights, kind)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    return Spy(monkeypatch)


@pytest.mark.parametrize(("aux_weight", "given"), [(0.0, None), (2.0, [2.0])])
def test_the_auxiliary_weight_is_the_runs_own(
    aux_weight: float,
    given: list[float] | None,
    spy: Spy,
    shared_run: RunSpec,
    sets: dict[str, PairSet],
) -> None:
    train_one(replace(shared_run, aux_weight=aux_weight), sets)
    assert spy.aux_weights == [given] * 6


@pytest.mark.parametrize("model", [CONVNET, SIAMESE, SHARED])
def test_frozen_batchnorm_keeps_the_first_epochs_statistics(
    model: ModelSpec, spy: Spy, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    frozen = "frozen_after_first_epoch"
    train_one(replace(mlp_run, model=model, batchnorm=frozen, epochs=3), sets)
    assert spy.modes == [True] * 3 + [False] * 6
    assert torch.equal(spy.statistics[1], spy.statistics[0])
    assert torch.equal(spy.statistics[2], spy.statistics[0])
    assert not torch.equal(spy.weights[1], spy.weights[0])


def test_standard_batchnorm_moves_its_statistics_every_epoch(
    spy: Spy, shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    train_one(replace(shared_run, epochs=3), sets)
    assert all(spy.modes)
    assert not torch.equal(spy.statistics[1], spy.statistics[0])
    assert not torch.equal(spy.statistics[2], spy.statistics[1])


def test_batchnorm_protocol_is_the_same_in_the_first_epoch(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    one_epoch = replace(shared_run, epochs=1)
    frozen = replace(one_epoch, batchnorm="frozen_after_first_epoch")
    assert train_one(frozen, sets) == train_one(one_epoch, sets)


def test_without_shuffling_every_epoch_takes_the_pairs_in_their_order(
    spy: Spy, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    train_one(replace(mlp_run, shuffle=False, batch_size=25), sets)
    in_order = sets["train"].digits.tolist()
    assert spy.batches == [in_order[:25], in_order[25:50], in_order[50:]] * 2


def test_shuffling_draws_a_new_order_of_all_pairs_each_epoch(
    spy: Spy, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    train_one(mlp_run, sets)
    in_order = sets["train"].digits.tolist()
    first, second = (list(chain(*spy.batches[start : start + 3])) for start in (0, 3))
    assert sorted(first) == sorted(second) == sorted(in_order)
    assert first != in_order
    assert second != first


def test_train_loss_is_the_mean_over_pairs_not_over_batches(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    still = replace(mlp_run, learning_rate=0.0, epochs=1)
    uneven = train_one(replace(still, batch_size=50), sets).epochs["train_loss"]
    whole = train_one(replace(still, batch_size=60), sets).epochs["train_loss"]
    assert uneven == pytest.approx(whole, rel=1e-6)
