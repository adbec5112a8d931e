"""SAM, held against its Algorithm 1 written out with plain modules in float64."""

import copy
from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import cross_entropy

from digitpairs.recipe import SGD, Recipe, Sharpness
from digitpairs.spec import PAPERS_TASK, ModelSpec
from digitpairs.training.data import Data
from digitpairs.training.engines.choose import engine_for
from digitpairs.training.methods import sharpness
from digitpairs.training.optimizer import optimizer_for
from digitpairs.training.step import stepping
from nets import MLP, SHARED, SIAMESE_MLP, STACK, as_pairs, distance, random_data, random_net

RADIUS, RATE = 0.5, 0.1


@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP, SHARED, STACK], ids=lambda model: model.family)
def test_a_step_is_that_of_algorithm_1(model: ModelSpec) -> None:
    net = random_net(model, 1)
    plain = copy.deepcopy(net).double().train()
    engine = engine_for(net, "cpu", PAPERS_TASK)([net])
    engine.train(True)
    images, target, digits = random_data(1, 3)
    feed = SimpleNamespace(data=Data(engine.inputs(images), target, digits))
    recipe = Recipe(optimizer=SGD("sgd"), sharpness=Sharpness(RADIUS))
    optimizer = optimizer_for(recipe.optimizer, engine.parameters, [RATE])
    loss = stepping(recipe, engine, optimizer, feed, None)(torch.arange(8)[None])  # type: ignore[arg-type]

    parameters = list(plain.parameters())

    def gradients() -> tuple[float, list[torch.Tensor]]:
        own = cross_entropy(plain(as_pairs(images[0]).double())[0], target[0])
        return float(own.detach()), list(torch.autograd.grad(own, parameters))

    at_weights, uphill = gradients()
    statistics = [buffer.clone() for buffer in plain.buffers()]
    length = torch.stack([gradient.square().sum() for gradient in uphill]).sum().sqrt()
    moves = [RADIUS * gradient / length for gradient in uphill]
    with torch.no_grad():
        for parameter, move in zip(parameters, moves, strict=True):
            parameter.add_(move)
    _, found = gradients()
    with torch.no_grad():
        for parameter, move, gradient in zip(parameters, moves, found, strict=True):
            parameter.sub_(move + RATE * gradient)

    assert float(loss) / 8 == pytest.approx(at_weights, rel=1e-5)
    weights = engine.weights(0)
    for name, expected in plain.named_parameters():
        assert distance(weights[name], expected.detach()) < 1e-6, name
    for kept, expected in zip(engine.buffers, statistics, strict=True):
        assert distance(kept, expected.double()) < 1e-6


def test_weights_come_back_to_the_bit_and_each_run_goes_as_far() -> None:
    nets = [random_net(SIAMESE_MLP, seed) for seed in range(3)]
    engine = engine_for(nets[0], "cpu", PAPERS_TASK)(nets)
    optimizer = optimizer_for(SGD("sgd"), engine.parameters, [RATE] * 3)
    before = [parameter.clone() for parameter in optimizer.parameters]
    random = torch.Generator().manual_seed(4)
    given = [torch.randn(p.shape, generator=random) for p in optimizer.parameters]
    given[0][1] *= 1e3  # a run's own gradients alone say how far it goes
    for gradient in given:
        gradient[2] = 0.0  # nowhere is worse
    gradients = [None, *given[1:]]
    with sharpness.worst_nearby(Sharpness(RADIUS), optimizer, engine, gradients):
        moved = [
            (now - was).double() for now, was in zip(optimizer.parameters, before, strict=True)
        ]
    lengths = torch.cat(moved, 1).norm(dim=1)
    assert lengths.tolist() == pytest.approx([RADIUS, RADIUS, 0], rel=1e-4)
    assert not moved[0].any()
    for parameter, was in zip(optimizer.parameters, before, strict=True):
        assert parameter.equal(was)


def test_the_length_of_a_gradient_is_added_up_in_one_order_whatever_runs_go_beside() -> None:
    """In float64, where nothing hides another order."""
    runs = 20
    nets = [random_net(SIAMESE_MLP, seed).double() for seed in range(runs)]
    random = torch.Generator().manual_seed(4)
    shapes = [tuple(parameter.shape) for parameter in nets[0].parameters()]
    given = [torch.randn(runs, *shape, generator=random, dtype=torch.float64) for shape in shapes]

    def moved(places: range) -> list[torch.Tensor]:
        engine = engine_for(nets[0], "cpu", PAPERS_TASK)([nets[place] for place in places])
        optimizer = optimizer_for(SGD("sgd"), engine.parameters, [RATE] * len(places))
        own = [gradient[places.start : places.stop].clone() for gradient in given]
        with sharpness.worst_nearby(Sharpness(RADIUS), optimizer, engine, own):
            return [parameter.clone() for parameter in optimizer.parameters]

    together = moved(range(runs))
    for place in range(runs):
        for tensor, alone in zip(together, moved(range(place, place + 1)), strict=True):
            assert tensor[place].equal(alone[0])
