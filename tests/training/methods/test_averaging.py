"""The mean of weights, held against epochs trained one after another."""

from dataclasses import replace

import pytest
import torch

from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import Averaging, Recipe
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import streams
from digitpairs.training.loop import History, train
from digitpairs.training.methods import averaging
from nets import SHARED, SIAMESE_MLP, STACK, as_pairs, as_seen, distance

EPOCHS = 4


def result(
    run: RunSpec, sets: dict[str, PairSet], epochs: int, last: int | None = None
) -> tuple[History, dict[str, torch.Tensor]]:
    """Train for so many epochs, with the mean of the last ones."""
    recipe = Recipe(averaging=Averaging(last) if last else None)
    spec = replace(run, epochs=epochs, recipe=recipe, learning_rate=1e-2)
    found = train([spec], {spec.seed: sets})
    return found.histories[0], found.weights(0)


@pytest.mark.parametrize("model", [SIAMESE_MLP, SHARED, STACK], ids=lambda model: model.family)
@pytest.mark.parametrize("last", [1, 3, EPOCHS, 9])
def test_weights_are_the_mean_of_those_after_the_last_epochs(
    last: int, model: ModelSpec, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    run = replace(mlp_run, model=model)
    states = [result(run, sets, epochs + 1)[1] for epochs in range(EPOCHS)][-last:]
    plain, _ = result(run, sets, EPOCHS)
    history, weights = result(run, sets, EPOCHS, last)
    for name, _ in streams.net_of(model).named_parameters():
        mean = torch.stack([state[name].double() for state in states]).mean(0)
        assert weights[name].equal(mean.float()), name
    for measure, values in plain.epochs.items():  # only what is measured at the end is another
        assert history.epochs[measure][:-1] == values[:-1], measure
    assert history.epochs["train_loss"] == plain.epochs["train_loss"]
    if last in (3, EPOCHS):
        assert history.epochs["test_loss"][-1] != plain.epochs["test_loss"][-1]


@pytest.mark.parametrize("model", [SHARED, STACK], ids=lambda model: model.family)
def test_batchnorm_looks_at_what_the_mean_weights_make_of_all_pairs(
    model: ModelSpec, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    """The same passes by plain modules in float64."""
    run = replace(mlp_run, model=model)
    _, before = result(run, sets, EPOCHS)
    _, weights = result(run, sets, EPOCHS, 2)
    net = streams.net_of(model).double().train()
    net.load_state_dict({name: weights.get(name) for name in weights})
    statistics = dict(net.named_buffers())
    for name, buffer in statistics.items():
        buffer.copy_(before[name])
    images = as_pairs(torch.from_numpy(as_seen(sets["train"])[0])).double()
    shuffler = streams.generator(run, streams.SHUFFLE_STREAM)
    for _ in range(EPOCHS):
        torch.randperm(60, generator=shuffler)
    with torch.no_grad():
        for _ in range(-(-averaging.BATCHES * run.batch_size // 60)):  # passes over 60 pairs
            for rows in torch.randperm(60, generator=shuffler).split(run.batch_size):
                net(images[rows])
    for name, expected in statistics.items():
        assert distance(weights[name], expected.double()) < 1e-5, name
    assert any(not weights[name].equal(before[name]) for name in statistics)


def test_sums_in_float64_leave_weights_of_that_type_alone() -> None:
    parameter = torch.ones(1, 3, dtype=torch.float64)
    optimizer = type("Of", (), {"parameters": [parameter]})()
    averaging.Averages(Averaging(2), optimizer)
    assert parameter.tolist() == [[1.0, 1.0, 1.0]]


def test_a_run_that_diverges_leaves_those_beside_it_alone(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    run = replace(mlp_run, recipe=Recipe(averaging=Averaging(2)), epochs=3)
    wild = replace(run, seed=1, learning_rate=1e30)
    together = train([run, wild], dict.fromkeys((0, 1), sets)).histories
    assert [history.status for history in together] == ["finished", "diverged"]
    assert together[0] == train([run], {0: sets}).histories[0]
