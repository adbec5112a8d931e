"""ConvStacks by their engine on a CPU: what the plain modules compute, for less work."""

import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from digitpairs.pairs.pairset import PairSet
from digitpairs.spec import RunSpec
from digitpairs.training import loop
from digitpairs.training.engines.fused import AT_A_TIME, Fused, NormReluPool, fused, keep_memory
from digitpairs.training.engines.plain import Plain
from nets import as_seen, clear_case, differences, random_data, random_net, stack_of, stepped

SAME = {"channels": 5, "padding": "same"}
POOLED = {**SAME, "pool": "max"}
STACKS: dict[str, dict[str, Any]] = {
    "odd sides": {"layers": [{**POOLED, "channels": 17}, POOLED, POOLED]},  # 14, 7, 3, 1
    "residual": {"layers": [SAME, POOLED, {**SAME, "residual": 1}, SAME], "hidden": [9]},
    "mean": {"layers": [POOLED, {"channels": 8, "kernel": 5}], "pooling": "mean", "head": False},
    "some without": {"layers": [{**POOLED, "batchnorm": False}, {"channels": 1}, SAME]},
}
PAIR = (2, 1, 14, 14)
WEIGHTS = torch.tensor([2.0])
MODES = pytest.mark.parametrize("training", [True, False], ids=["batch", "frozen"])


def images_of(seed: int, pairs: int = 8) -> Tensor:
    """Images as an engine takes them, flat by pair: (1, n, 2, 14, 14)."""
    return random_data(1, seed, pairs)[0].view(1, -1, 2, 14, 14)


def check(net: nn.Module, data: tuple[Tensor, ...], training: bool, tolerance: float) -> None:
    """Hold loss, gradients and kept statistics against the plain modules in float64."""
    engine = Fused([copy.deepcopy(net)])
    data = (data[0].view(1, -1, *PAIR), *data[1:])
    found = stepped(engine, data, training, WEIGHTS)
    apart = dict(differences(engine, 0, net, data, training, WEIGHTS, found))
    assert {what: by for what, by in apart.items() if not by <= tolerance} == {}


@MODES
@pytest.mark.parametrize("stack", STACKS)
def test_in_float64_gradients_are_those_of_the_plain_modules(stack: str, training: bool) -> None:
    net = random_net(stack_of(STACKS[stack]), 0).double()
    images, *classes = random_data(1, 0)
    check(net, (images.double(), *classes), training, 1e-9)


@MODES
def test_in_float32_gradients_are_those_of_the_plain_modules(training: bool) -> None:
    net, data = clear_case(stack_of(STACKS["mean"]), training)
    check(net, data, training, 1e-4)


@MODES
def test_on_digits_whose_background_makes_ties_gradients_are_the_same(
    training: bool, sets: dict[str, PairSet]
) -> None:
    train_set = sets["train"]
    images = torch.from_numpy(as_seen(train_set)[0]).double()[None]
    digits = torch.from_numpy(train_set.digits)[None]
    data = images, (digits[..., 0] <= digits[..., 1]).long(), digits
    check(random_net(stack_of(STACKS["odd sides"]), 1).double(), data, training, 1e-9)


def test_far_from_zero_the_statistics_are_as_exact() -> None:
    """As where a convolution has biases: the square of a mean is not taken from a mean square."""
    net = random_net(stack_of({"layers": [{**SAME, "kernel": 1}], "pooling": "mean"}), 2)
    images = images_of(2)
    engine = Fused([net])
    engine.train(True)
    engine(images + 1000)
    norm = next(layer for layer in net.modules() if isinstance(layer, nn.BatchNorm2d))
    norm.reset_running_stats()
    norm.momentum = 1.0
    engine(images + 1000)
    conv = next(layer for layer in net.modules() if isinstance(layer, nn.Conv2d)).double()
    expected = conv(images.double().view(-1, 1, 14, 14) + 1000).var((0, 2, 3))
    torch.testing.assert_close(norm.running_var.double(), expected, rtol=1e-4, atol=0)


@pytest.mark.parametrize("stack", STACKS)
def test_in_test_mode_outputs_are_those_of_the_plain_modules(stack: str) -> None:
    """Of more pairs than go through the net at a time, and not twice as many."""
    net = random_net(stack_of(STACKS[stack]), 3).double()
    images = images_of(3, AT_A_TIME + 7).double()
    engine, plain = Fused([net]), Plain([copy.deepcopy(net)])
    for one in (engine, plain):
        one.train(False)
    with torch.no_grad():
        for found, expected in zip(engine(images), plain(images), strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_nan_stays_nan() -> None:
    """So that a run that diverges is seen to."""
    net = random_net(stack_of(STACKS["odd sides"]), 4)
    images = images_of(4)
    images[:, 0] = torch.nan
    for training in (True, False):
        engine = Fused([net])
        engine.train(training)
        assert engine(images).answer[0, 0].isnan().all()


def test_each_batchnorm_with_a_relu_is_fused_and_the_weights_are_the_nets() -> None:
    net = random_net(stack_of(STACKS["residual"]), 5)
    made = [part for part in fused(net).modules() if type(part) is NormReluPool]
    assert [part.pooled for part in made] == [False, True, False]  # the fourth ends a residual
    engine = Fused([net])
    given = {id(parameter) for parameter in engine.net.parameters()}
    assert given == {id(parameter) for parameter in net.parameters()}
    assert engine.weights(0).keys() == net.state_dict().keys()


def test_dropout_draws_in_training_alone() -> None:
    net = random_net(stack_of({"layers": [{**POOLED, "dropout": 0.5}], "dropout": 0.5}), 6)
    images = images_of(6)
    engine = Fused([net])
    for training in (True, False):
        engine.train(training)
        torch.manual_seed(0)
        first, second = engine(images).answer, engine(images).answer
        assert torch.equal(first, second) is not training


@pytest.mark.usefixtures("in_double")
def test_runs_are_trained_as_by_plain_modules(
    mlp_run: RunSpec, sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(mlp_run, model=stack_of(STACKS["odd sides"]), epochs=3)
    fast = loop.train([spec], {0: sets})
    monkeypatch.setattr(loop, "engine_for", lambda *_: Plain)
    plain = loop.train([spec], {0: sets})
    assert (fast.engine, plain.engine) == (Fused.__name__, Plain.__name__)
    for measure, values in plain.histories[0].epochs.items():
        assert fast.histories[0].epochs[measure] == pytest.approx(values, rel=1e-7), measure


@pytest.mark.parametrize("libc", [True, False])
def test_freed_memory_is_kept_where_the_c_library_can(
    libc: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: dict[int, int] = {}
    library = SimpleNamespace(mallopt=called.__setitem__) if libc else SimpleNamespace()
    monkeypatch.setattr("ctypes.CDLL", lambda _: library)
    keep_memory.cache_clear()
    Fused([random_net(stack_of(STACKS["mean"]), 0)])
    assert called == ({-3: 2**25, -1: 2**31 - 1} if libc else {})
    keep_memory.cache_clear()
