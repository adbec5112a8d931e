"""Which engine trains a net: one that knows all its layers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from torch import Tensor, nn

from digitpairs.models import layers
from digitpairs.models.nets import Residual
from digitpairs.spec import PAPERS_TASK, ModelSpec
from digitpairs.training.engines import choose
from digitpairs.training.engines.fast_convnet import FastConvNet
from digitpairs.training.engines.fused import Fused
from digitpairs.training.engines.plain import Plain
from digitpairs.training.engines.stacked import Stacked
from nets import (
    CONVNET,
    MLP,
    ONE_LAYER,
    SHARED,
    SIAMESE,
    SIAMESE_MLP,
    exchange,
    net_of,
    stack_of,
)

engine_for = partial(choose.engine_for, task=PAPERS_TASK)


@pytest.mark.parametrize(
    ("model", "on_cpu"),
    [
        *((model, FastConvNet) for model in (CONVNET, SIAMESE, SHARED)),
        *((model, Stacked) for model in (MLP, SIAMESE_MLP)),
        (ONE_LAYER, Plain),
    ],
)
def test_the_papers_nets_have_their_engines(model: ModelSpec, on_cpu: type[Any]) -> None:
    assert engine_for(net_of(model), "cpu") is on_cpu
    assert engine_for(net_of(model), "cuda") is Stacked


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
    assert engine_for(exchange(net_of(model), old, new), device) is Plain


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
    assert engine_for(exchange(net_of(model), old, new), "cpu") is Plain


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
    net = net_of(model)
    net.branch = nn.Sequential(*change(net.branch))
    assert engine_for(net, device) is Plain


STACKS: list[tuple[dict[str, Any], type[Any]]] = [
    ({"layers": [{"channels": 4, "pool": "max"}] * 2, "hidden": [10]}, Fused),
    ({"layers": [{"channels": 4}], "pooling": "mean", "head": False}, Fused),
    ({"layers": [{"channels": 4}, {"channels": 4, "residual": 1, "padding": "same"}]}, Fused),
    ({"layers": [{"channels": 4, "pool": "max", "batchnorm": False}] * 2}, Plain),
    ({"layers": [{"channels": 1, "padding": "same", "residual": 1}]}, Plain),
]


@pytest.mark.parametrize(("options", "on_cpu"), STACKS)
def test_a_stack_has_its_engine_on_a_cpu(options: dict[str, Any], on_cpu: type[Any]) -> None:
    """On a GPU its own modules, however much of it is what the paper's nets are made of."""
    net = net_of(stack_of(options))
    assert engine_for(net, "cpu") is on_cpu
    assert engine_for(net, "cuda") is Plain


class Knowing(nn.Module):
    """A module that reaches for a layer inside of those inside of it."""

    def __init__(self, inside: nn.Sequential) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x: Tensor) -> Tensor:
        given: Tensor = self.inside(x) * self.inside[0].weight.sum()
        return given


def test_a_stack_with_a_module_of_its_own_is_not_taken_for_a_usual_one() -> None:
    net = net_of(stack_of(STACKS[0][0]))
    net.branch = nn.Sequential(Knowing(net.branch))
    assert engine_for(net, "cpu") is Plain


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_residuals_in_one_of_the_papers_nets_are_not_taken_for_usual_layers(device: str) -> None:
    net = net_of(MLP)
    inside = [layers.linear(7, 7), layers.RELU, layers.linear(7, 7)]
    net.branch = nn.Sequential(*net.branch[:4], Residual(inside), *net.branch[4:])
    assert engine_for(net, device) is Plain


class Other(nn.Module):
    """A net that is neither of the paper's."""

    def __init__(self) -> None:
        super().__init__()
        self.branch = net_of(MLP).branch


def test_a_net_of_another_class_is_not_taken_for_one_of_the_papers() -> None:
    assert engine_for(Other(), "cpu") is Plain
