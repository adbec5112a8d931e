"""Which form a net trains in, and that those no form knows train by their own modules."""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from digitpairs.models.nets import build
from digitpairs.pairs import draw, pairset
from digitpairs.pairs.pairset import PairSet
from digitpairs.runs import batches
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import streams
from digitpairs.training.engines.choose import engine_for
from digitpairs.training.engines.fast_convnet import FastConvNet
from digitpairs.training.engines.plain import Plain
from digitpairs.training.engines.stacked import Stacked
from digitpairs.training.loop import Result, train

CONVNET = ModelSpec("convnet", (10,), (4, 8))
ONE_LAYER = ModelSpec("convnet", (10,), (4,))
SIAMESE = ModelSpec("siamese_convnet", (10,), (4, 8))
SHARED = replace(SIAMESE, shared=True)
MLP = ModelSpec("mlp", (13, 7))
SIAMESE_MLP = ModelSpec("siamese_mlp", (13,), shared=True)


@pytest.mark.parametrize(
    ("model", "on_cpu"),
    [
        *((model, FastConvNet) for model in (CONVNET, SIAMESE, SHARED)),
        *((model, Stacked) for model in (MLP, SIAMESE_MLP)),
        (ONE_LAYER, Plain),
    ],
)
def test_the_papers_nets_have_their_forms(model: ModelSpec, on_cpu: type[Any]) -> None:
    assert engine_for(build(model), "cpu") is on_cpu
    assert engine_for(build(model), "cuda") is Stacked


def exchange(net: nn.Module, old: type[nn.Module], new: Callable[[Any], nn.Module]) -> nn.Module:
    """Put another layer in place of each of a type."""
    for parent in list(net.modules()):
        for name, layer in parent.named_children():
            if type(layer) is old:
                setattr(parent, name, new(layer))
    return net


UNUSUAL: list[tuple[type[nn.Module], Callable[[Any], nn.Module]]] = [
    (nn.ReLU, lambda old: nn.GELU()),
    (nn.ReLU, lambda old: nn.Tanh()),
    (nn.ReLU, lambda old: nn.LeakyReLU()),
    (nn.ReLU, lambda old: nn.ReLU6()),
    (nn.Conv2d, lambda old: nn.Conv2d(old.in_channels, old.out_channels, 3, padding=1)),
    (nn.Conv2d, lambda old: nn.Conv2d(old.in_channels, old.out_channels, 3, padding="same")),
    (nn.Conv2d, lambda old: nn.Conv2d(old.in_channels, old.out_channels, 3, dilation=2)),
    (nn.Conv2d, lambda old: nn.Conv2d(old.in_channels, old.out_channels, 3, stride=2)),
    (nn.Conv2d, lambda old: nn.Conv2d(old.in_channels, old.out_channels, 3, bias=False)),
    (nn.Conv2d, lambda old: nn.Conv2d(old.in_channels, old.out_channels, 5)),
    (nn.Conv2d, lambda old: nn.Conv2d(4, 8, 3, groups=4) if old.in_channels == 4 else old),
    (nn.BatchNorm2d, lambda old: nn.BatchNorm2d(old.num_features, affine=False)),
    (nn.BatchNorm2d, lambda old: nn.BatchNorm2d(old.num_features, track_running_stats=False)),
    (nn.BatchNorm2d, lambda old: nn.BatchNorm2d(old.num_features, momentum=None)),
    (nn.BatchNorm2d, lambda old: nn.InstanceNorm2d(old.num_features)),
    (nn.MaxPool2d, lambda old: nn.AvgPool2d(2)),
    (nn.MaxPool2d, lambda old: nn.MaxPool2d(3)),
    (nn.MaxPool2d, lambda old: nn.MaxPool2d(2, stride=1)),
    (nn.MaxPool2d, lambda old: nn.MaxPool2d(2, padding=1)),
]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("model", [CONVNET, SIAMESE, SHARED])
@pytest.mark.parametrize(("old", "new"), UNUSUAL)
def test_a_convnet_with_an_unusual_layer_is_not_taken_for_a_usual_one(
    old: type[nn.Module], new: Callable[[Any], nn.Module], model: ModelSpec, device: str
) -> None:
    assert engine_for(exchange(build(model), old, new), device) is Plain


@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (nn.ReLU, lambda old: nn.GELU()),
        (nn.Flatten, lambda old: nn.Sequential(nn.Flatten(), nn.Dropout(0.5))),
        (nn.Linear, lambda old: nn.Linear(old.in_features, old.out_features, bias=False)),
    ],
)
def test_an_mlp_with_an_unusual_layer_is_not_taken_for_a_usual_one(
    old: type[nn.Module], new: Callable[[Any], nn.Module], model: ModelSpec
) -> None:
    assert engine_for(exchange(build(model), old, new), "cpu") is Plain


ROWS: dict[str, tuple[ModelSpec, Callable[[Any], list[nn.Module]]]] = {
    "pool before ReLU": (CONVNET, lambda row: [*row[:2], row[3], row[2], *row[4:]]),
    "ReLU after pool": (CONVNET, lambda row: [*row[:8], nn.ReLU(), *row[8:]]),
    "row in a row": (CONVNET, lambda row: [row[0], nn.Sequential(*row[1:3]), *row[3:]]),
    "MLP in a row": (MLP, lambda row: [row[0], nn.Sequential(*row[1:3]), *row[3:]]),
    "ReLU twice": (MLP, lambda row: [*row[:3], nn.ReLU(), *row[3:]]),
    "ReLU of images": (MLP, lambda row: [nn.ReLU(), *row]),
}


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("row", ROWS)
def test_layers_in_another_order_are_not_taken_for_the_usual_one(row: str, device: str) -> None:
    model, change = ROWS[row]
    net = build(model)
    net.branch = nn.Sequential(*change(net.branch))
    assert engine_for(net, device) is Plain


class Other(nn.Module):
    """A net that is neither of the paper's."""

    def __init__(self) -> None:
        super().__init__()
        self.branch = build(MLP).branch


def test_a_net_of_another_class_is_not_taken_for_one_of_the_papers() -> None:
    assert engine_for(Other(), "cpu") is Plain


def by_hand(spec: RunSpec, sets: dict[str, PairSet]) -> dict[str, list[float]]:
    """Train a net as a textbook would; with the weights and the order that are the run's own."""
    net = streams.initialised(spec)
    shuffler = streams.generator(spec, streams.SHUFFLE_STREAM)
    optimizer = torch.optim.Adam(net.parameters(), lr=spec.learning_rate)
    images = [torch.from_numpy(part) for part in training.normalised(sets["train"], sets["test"])]
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
            total += loss.item() * len(rows)
        net.eval()
        with torch.no_grad():
            loss, accuracy = loss_of(1, slice(None))
        for name, value in zip(measured, (total / len(digits[0]), loss, accuracy), strict=True):
            measured[name].append(float(value))
    return measured


def check_by_hand(run: RunSpec, sets: dict[str, PairSet]) -> Result:
    """Hold a run against the textbook's."""
    result = train([run], {run.seed: sets})
    for measure, values in by_hand(run, sets).items():
        assert result.histories[0].epochs[measure] == pytest.approx(values, rel=1e-7), measure
    return result


@pytest.fixture
def run(mlp_run: RunSpec) -> RunSpec:
    return replace(mlp_run, epochs=3, batch_size=25)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("batchnorm", ["standard", "frozen_after_first_epoch"])
@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP, CONVNET, SIAMESE, SHARED, ONE_LAYER])
def test_the_papers_nets_train_as_by_hand(
    model: ModelSpec, batchnorm: Any, run: RunSpec, sets: dict[str, PairSet]
) -> None:
    own = replace(run, model=model, batchnorm=batchnorm, aux_weight=2.0 * model.siamese)
    result = check_by_hand(own, sets)
    assert result.engine == engine_for(build(model), "cpu").name
    assert ("own modules" in result.note) == (model is ONE_LAYER)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("layer", [nn.GELU, nn.Tanh])
@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP, CONVNET, SIAMESE, SHARED])
def test_a_net_with_a_layer_that_no_form_knows_trains_by_its_own_modules(
    layer: Callable[[], nn.Module],
    model: ModelSpec,
    run: RunSpec,
    sets: dict[str, PairSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build = training.build
    monkeypatch.setattr(
        training, "build", lambda spec: exchange(build(spec), nn.ReLU, lambda old: layer())
    )
    own = replace(run, model=model, aux_weight=0.5 * model.siamese)
    result = check_by_hand(own, sets)
    assert result.engine == Plain.name
    assert "own modules" in result.note
    assert batches.most_together(own, "cpu") == 1


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("model", [CONVNET, SIAMESE, SHARED])
def test_a_convnet_that_ends_in_unusual_layers_trains_as_by_hand(
    model: ModelSpec, run: RunSpec, sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    def norm(net: nn.Module) -> nn.Module:
        for layers in [*net.branches] if model.siamese else [net.branch]:
            layers[-2] = nn.Sequential(nn.BatchNorm1d(10).double(), nn.Tanh())
        return net

    build = training.build
    monkeypatch.setattr(training, "build", lambda spec: norm(build(spec)))
    check_by_hand(replace(run, model=model, aux_weight=0.5 * model.siamese), sets)


def test_folds_of_unequal_size_go_apart(run: RunSpec) -> None:
    counts = {}
    runs = [replace(run, folds=7, fold=fold, test_pairs=None) for fold in range(7)]
    for spec, (rows, held_out) in zip(runs, draw.folds(60, 7, 0), strict=True):
        counts[spec.fold] = len(rows), len(held_out)
    assert len(set(counts.values())) == 2
    together = batches.batches([PlannedRun("mlp", spec) for spec in runs], "cpu")
    folds = [[planned.spec.fold for planned in batch] for batch in together]
    by_size = [list(of_size) for _, of_size in groupby(range(7), key=counts.__getitem__)]
    assert folds == by_size


def test_folds_of_unequal_size_train_in_one_block(run: RunSpec, sets: dict[str, PairSet]) -> None:
    runs = [replace(run, folds=7, fold=fold, test_pairs=None) for fold in range(7)]
    for batch in batches.batches([PlannedRun("mlp", spec) for spec in runs], "cpu"):
        specs = [planned.spec for planned in batch]
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
    runs = [PlannedRun("a", run), PlannedRun("b", replace(run, seed=1, **change))]
    assert [list(batch) for batch in batches.batches(runs, "cpu")] == [[one] for one in runs]


def test_runs_with_auxiliary_loss_go_apart_from_those_without(run: RunSpec) -> None:
    weights = [0.0, 1.0, 0.0, 2.0]
    runs = [
        PlannedRun("a", replace(run, model=SIAMESE_MLP, aux_weight=weight, seed=seed))
        for seed, weight in enumerate(weights)
    ]
    together = [[one.spec.seed for one in batch] for batch in batches.batches(runs, "cpu")]
    assert together == [[0, 2], [1, 3]]


def test_runs_that_differ_in_seed_fold_rate_and_weight_go_together(run: RunSpec) -> None:
    model = replace(run, model=SIAMESE_MLP, folds=5, test_pairs=None)
    runs = [
        PlannedRun(
            "a", replace(model, seed=at, fold=at, learning_rate=10.0**-at, aux_weight=1.0 + at)
        )
        for at in range(5)
    ]
    (batch,) = batches.batches(runs, "cpu")
    assert list(batch) == runs
