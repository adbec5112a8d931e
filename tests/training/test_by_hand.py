"""Nets train as a textbook would train them, by whichever engine, known or unknown layers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    SequentialLR,
)

from digitpairs.models.registry import family_of
from digitpairs.pairs import pairset
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import SGD, Adam, Cosine, OneCycle, Recipe
from digitpairs.runs import batches, block
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import streams
from digitpairs.training.engines.choose import engine_for
from digitpairs.training.engines.plain import Plain
from digitpairs.training.loop import Result, train
from nets import (
    CONVNET,
    MLP,
    ONE_LAYER,
    SHARED,
    SIAMESE,
    SIAMESE_MLP,
    as_pairs,
    as_seen,
    exchange,
    net_of,
)

STEPS = 9  # of the runs here: 60 pairs, 25 at a time, 3 epochs
Textbook = Callable[[Any, float], tuple[torch.optim.Optimizer, LRScheduler | None]]


def papers(parameters: Any, rate: float) -> tuple[torch.optim.Optimizer, None]:
    """Adam at a constant learning rate."""
    return torch.optim.Adam(parameters, lr=rate), None


def by_hand(spec: RunSpec, sets: dict[str, PairSet], textbook: Textbook) -> dict[str, list[float]]:
    """Train a net as a textbook would; with the weights and the order that are the run's own."""
    net = streams.initialised(spec)
    shuffler = streams.generator(spec, streams.SHUFFLE_STREAM)
    optimizer, scheduler = textbook(net.parameters(), spec.learning_rate)
    images = [as_pairs(torch.from_numpy(part)) for part in as_seen(sets["train"], sets["test"])]
    digits = [torch.from_numpy(sets[part].digits) for part in pairset.PARTS]

    def loss_of(part: int, rows: Tensor | slice) -> tuple[Tensor, Tensor]:
        answer, logits = net(images[part][rows])
        first, second = digits[part][rows].unbind(1)
        target = (first <= second).long()
        loss = cross_entropy(answer, target)
        if logits is not None:
            aux = cross_entropy(logits[:, 0], first) + cross_entropy(logits[:, 1], second)
            loss = loss + spec.aux_weight * aux
        return loss, (answer.argmax(1) == target).double().mean()

    measured: dict[str, list[float]] = {"train_loss": [], "test_loss": [], "test_accuracy": []}
    for epoch in range(spec.epochs):
        net.train(epoch == 0 or spec.batchnorm == "standard")
        total = 0.0
        for rows in torch.randperm(len(digits[0]), generator=shuffler).split(spec.batch_size):
            loss, _ = loss_of(0, rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if scheduler and scheduler.last_epoch < STEPS - 1:
                scheduler.step()
            total += loss.item() * len(rows)
        net.eval()
        with torch.no_grad():
            loss, accuracy = loss_of(1, slice(None))
        for name, value in zip(measured, (total / len(digits[0]), loss, accuracy), strict=True):
            measured[name].append(float(value))
    return measured


def check_by_hand(run: RunSpec, sets: dict[str, PairSet], textbook: Textbook = papers) -> Result:
    """Hold a run against the textbook's."""
    result = train([run], {run.seed: sets})
    for measure, values in by_hand(run, sets, textbook).items():
        assert result.histories[0].epochs[measure] == pytest.approx(values, rel=1e-7), measure
    return result


def aux_weight_of(model: ModelSpec, weight: float) -> float:
    """A weight of the auxiliary loss where there is one."""
    return weight if family_of(model).siamese else 0.0


@pytest.fixture
def run(mlp_run: RunSpec) -> RunSpec:
    return replace(mlp_run, epochs=3, batch_size=25)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("batchnorm", ["standard", "frozen_after_first_epoch"])
@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP, CONVNET, SIAMESE, SHARED, ONE_LAYER])
def test_the_papers_nets_train_as_by_hand(
    model: ModelSpec, batchnorm: Any, run: RunSpec, sets: dict[str, PairSet]
) -> None:
    own = replace(run, model=model, batchnorm=batchnorm, aux_weight=aux_weight_of(model, 2.0))
    result = check_by_hand(own, sets)
    assert result.engine == engine_for(net_of(model), "cpu", model.task).__name__
    assert ("own modules" in block.note(result.engine)) == (model is ONE_LAYER)


def sgd_and_cosine(parameters: Any, rate: float) -> tuple[torch.optim.Optimizer, LRScheduler]:
    """With a warm-up of one epoch of three steps, of three epochs."""
    optimizer = torch.optim.SGD(parameters, rate, 0.9, nesterov=True)
    up, down = LinearLR(optimizer, 1 / 3, 1.0, 2), CosineAnnealingLR(optimizer, 6, 0.1 * rate)
    return optimizer, SequentialLR(optimizer, [up, down], [3])


def adamw_and_one_cycle(parameters: Any, rate: float) -> tuple[torch.optim.Optimizer, LRScheduler]:
    """Up for one epoch of three steps, of three epochs."""
    optimizer = torch.optim.AdamW(parameters, rate, weight_decay=0.2)
    cycle = OneCycleLR(
        optimizer, rate, STEPS, pct_start=1 / 3, final_div_factor=1e9, cycle_momentum=False
    )
    return optimizer, cycle


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize(
    ("recipe", "textbook"),
    [
        (
            Recipe(SGD("sgd", 0.9, nesterov=True), Cosine("cosine", 0.1, warmup=1.0)),
            sgd_and_cosine,
        ),
        (
            Recipe(Adam("adamw", weight_decay=0.2), OneCycle("one_cycle", warmup=1.0)),
            adamw_and_one_cycle,
        ),
    ],
)
@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP])
def test_a_net_trains_by_its_optimizer_and_schedule_as_by_hand(
    model: ModelSpec, recipe: Recipe, textbook: Textbook, run: RunSpec, sets: dict[str, PairSet]
) -> None:
    own = replace(run, model=model, aux_weight=aux_weight_of(model, 2.0), recipe=recipe)
    check_by_hand(replace(own, learning_rate=1e-2), sets, textbook)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("layer", [nn.GELU, nn.Tanh])
@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP, CONVNET, SIAMESE, SHARED])
def test_a_net_with_a_layer_that_no_engine_knows_trains_by_its_own_modules(
    layer: Callable[[], nn.Module],
    model: ModelSpec,
    run: RunSpec,
    sets: dict[str, PairSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net_of = streams.net_of
    monkeypatch.setattr(
        streams, "net_of", lambda of: exchange(net_of(of), nn.ReLU, lambda old: layer())
    )
    own = replace(run, model=model, aux_weight=aux_weight_of(model, 0.5))
    monkeypatch.setattr(batches, "net_of", streams.net_of)
    result = check_by_hand(own, sets)
    assert result.engine == Plain.__name__
    assert "own modules" in block.note(result.engine)
    assert batches.most_together(own, "cpu") == 1


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("model", [CONVNET, SIAMESE, SHARED])
def test_a_convnet_that_ends_in_unusual_layers_trains_as_by_hand(
    model: ModelSpec, run: RunSpec, sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    def norm(net: nn.Module) -> nn.Module:
        for layers in [*net.branches] if family_of(model).siamese else [net.branch]:
            layers[-2] = nn.Sequential(nn.BatchNorm1d(10, affine=False).double(), nn.Tanh())
        return net

    net_of = streams.net_of
    monkeypatch.setattr(streams, "net_of", lambda of: norm(net_of(of)))
    check_by_hand(replace(run, model=model, aux_weight=aux_weight_of(model, 0.5)), sets)
