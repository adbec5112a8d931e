"""Nets with weights, statistics and data at random, and what their plain modules make of them."""

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from digitpairs.models.build import net_of
from digitpairs.models.registry import options_of
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.target import answers_of
from digitpairs.recipe import Loss
from digitpairs.spec import PAPERS_TASK, ModelSpec, RunSpec, Task
from digitpairs.training import measures
from digitpairs.training.data import Data
from digitpairs.training.engines.choose import Engine
from digitpairs.training.engines.plain import Plain
from digitpairs.training.engines.stacked import Stacked
from digitpairs.training.loop import History, train
from digitpairs.training.preprocess import fitted

# Small nets: those of the paper, and one with a single conv layer.
CONVNET = ModelSpec("convnet", (10,), (4, 8))
ONE_LAYER = ModelSpec("convnet", (10,), (4,))
SIAMESE = ModelSpec("siamese_convnet", (10,), (4, 8))
SHARED = replace(SIAMESE, shared=True)
MLP = ModelSpec("mlp", (13, 7))
SIAMESE_MLP = ModelSpec("siamese_mlp", (13,), shared=True)


def stack_of(options: dict[str, Any], task: Task = PAPERS_TASK) -> ModelSpec:
    """A ConvStack with these options."""
    return ModelSpec("convstack", (), options=options_of("convstack", options, task), task=task)


SAME = {"channels": 4, "padding": "same"}
STACK = stack_of(
    {"layers": [{"channels": 4, "pool": "max"}, SAME, {**SAME, "residual": 2}], "hidden": [9]}
)

PAIRS = 8
AT_MOST = answers_of(PAPERS_TASK)
CLEAR = 2e-5  # far more than float32 is off by, here


def train_one(spec: RunSpec, sets: dict[str, PairSet]) -> History:
    """Train a run that nothing goes beside."""
    (history,) = train([spec], {spec.seed: sets}).histories
    return history


def as_seen(train_set: PairSet, *others: PairSet) -> list[np.ndarray]:
    """Images of pair sets as the paper's nets see them, scaled by the first one's pixels."""
    prepare = fitted("none", train_set.pixels)
    return [prepare(pairs.pixels) for pairs in (train_set, *others)]


def exchange(net: nn.Module, old: type[nn.Module], new: Callable[[Any], nn.Module]) -> nn.Module:
    """Put another layer in place of each of a type."""
    for parent in list(net.modules()):
        for name, layer in parent.named_children():
            if type(layer) is old:
                setattr(parent, name, new(layer))
    return net


def random_net(spec: ModelSpec, seed: int) -> nn.Module:
    """A net as after some training: BatchNorm's weights of both signs, and statistics kept."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = net_of(spec)
        for layer in net.modules():
            if isinstance(layer, nn.BatchNorm2d):
                sign = torch.randn(layer.num_features).sign()
                nn.init.uniform_(layer.weight, 0.5, 1.5)
                layer.weight.data *= sign
                nn.init.normal_(layer.bias, std=0.5)
                nn.init.normal_(layer.running_mean, std=0.5)
                nn.init.uniform_(layer.running_var, 0.2, 1)
                layer.num_batches_tracked += 3
    return net


def as_pairs(images: Tensor) -> Tensor:
    """Images (n, 2, channels, side, side) as a net takes them: (n, 2 * channels, side, side)."""
    return images.flatten(1, 2)


def random_data(
    runs: int, seed: int, pairs: int = PAIRS, task: Task = PAPERS_TASK
) -> tuple[Tensor, Tensor, Tensor]:
    """Images (R, n, 2, channels, side, side) in float32, targets and digits."""
    generator = torch.Generator().manual_seed(seed)
    shape = (task.channels, task.side, task.side)
    images = torch.randn(runs, pairs, 2, *shape, generator=generator)
    digits = torch.randint(task.classes, (runs, pairs, 2), generator=generator)
    yes = torch.from_numpy(answers_of(task))[digits[..., 0], digits[..., 1]]
    return images, yes.long(), digits


def is_clear(net: nn.Module, images: Tensor, training: bool) -> bool:
    """Whether rounding to float32 moves no ReLU over its kink and no pool to another pixel.

    There the gradient jumps: two exact ways to compute it, in float32, differ by more than
    rounding.
    """
    net, clear = copy.deepcopy(net).double().train(training), True

    def look(layer: nn.Module, given: tuple[Tensor]) -> None:
        nonlocal clear
        (x,) = given
        if x.dim() == 4:
            windows = x.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
            best, second = windows.topk(2, -1).values.unbind(-1)
            clear &= bool((((best - second) > CLEAR) | (best < 0)).all())
            x = best
        clear &= bool((x.abs() > CLEAR).all())

    for layer in net.modules():
        if isinstance(layer, nn.ReLU):
            layer.register_forward_pre_hook(look)
    net(as_pairs(images).double())
    return clear


def clear_case(spec: ModelSpec, training: bool) -> tuple[nn.Module, tuple[Tensor, ...]]:
    """The first random net and data that are clear."""
    for seed in itertools.count():
        net, data = random_net(spec, seed), random_data(1, seed)
        if is_clear(net, data[0][0], training):
            return net, data
    raise AssertionError


def stepped(
    engine: Engine, data: Sequence[Tensor], training_mode: bool, aux_weights: Tensor | None
) -> tuple[Tensor, list[Tensor | None]]:
    """The loss of each run, and the gradients of the engine's parameters."""
    images, target, digits = data
    given = Data(engine.inputs(images), target, digits)
    engine.train(training_mode)
    loss = measures.losses(engine(*given.inputs), given, aux_weights, Loss())
    gradients = torch.autograd.grad(loss.sum(), engine.parameters, allow_unused=True)
    return loss.detach(), list(gradients)


def names(net: nn.Module) -> list[str]:
    """Names of the parameters in the order in which all engines list them."""
    return [name for name, _ in net.named_parameters()]


def own_parameters(layer: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """Parameters of a layer itself, with their names."""
    return layer.named_parameters(recurse=False)


def before_batchnorm(net: nn.Module) -> set[str]:
    """Names of the biases that a batch's own mean takes out again."""
    return {
        f"{name}.bias"
        for (name, layer), (_, after) in itertools.pairwise(net.named_modules())
        if isinstance(layer, nn.Conv2d) and isinstance(after, nn.BatchNorm2d)
    }


def distance(found: Tensor, expected: Tensor) -> float:
    """Greatest difference, of the greatest number expected."""
    found = found.double().reshape(expected.shape)
    return float((found - expected).abs().max() / expected.abs().max())


def as_stacked(layer: nn.Module, name: str, tensor: Tensor) -> Tensor:
    """Lay a tensor of a plain layer as `Stacked` does."""
    weight = name == "weight" and isinstance(layer, nn.Linear | nn.Conv2d)
    return tensor.flatten(1).mT if weight else tensor


def differences(
    engine: Engine,
    run: int,
    net: nn.Module,
    data: Sequence[Tensor],
    training_mode: bool,
    aux_weights: Tensor | None,
    found: tuple[Tensor, list[Tensor | None]],
) -> Iterator[tuple[str, float]]:
    """How far a run in an engine is from its plain modules in float64: what, and by how much.

    `net` is the run as it was before; `found` is what `stepped` made of the engine.
    """
    net = copy.deepcopy(net).double()
    plain = Plain([net])
    images, target, digits = (tensor[run : run + 1] for tensor in data)
    own = None if aux_weights is None else aux_weights[run : run + 1].double()
    loss, gradients = stepped(plain, (images.double(), target, digits), training_mode, own)
    stack = isinstance(engine, Stacked)
    layers = [(layer, name) for layer in net.modules() for name, _ in own_parameters(layer)]
    yield "loss", distance(found[0][run], loss[0])
    vanishing = before_batchnorm(net) if training_mode else set()
    for (layer, part), name, gradient, expected in zip(
        layers, names(net), found[1], gradients, strict=True
    ):
        assert expected is not None
        if name in vanishing:
            assert expected.abs().max() < 1e-12
            zero = 0.0 if gradient is None else float(gradient.double().abs().max())
            yield f"zero gradient of {name}", zero
        else:
            assert gradient is not None, name
            yield (
                f"gradient of {name}",
                distance(
                    gradient[run] if stack else gradient,
                    as_stacked(layer, part, expected) if stack else expected,
                ),
            )
    for (name, expected), buffer in zip(net.named_buffers(), engine.buffers, strict=True):
        yield name, distance(buffer[run] if stack else buffer, expected.double())
