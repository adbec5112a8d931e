"""Layers as plain data are torch's layers: the same shapes and as many parameters."""

import pytest
import torch
from torch import nn

from digitpairs.models.layers import (
    FLATTEN,
    RELU,
    Layer,
    convolution,
    linear,
    linear_layers,
    pooled,
)
from digitpairs.models.nets import sequence


@pytest.mark.parametrize(
    "layer",
    [FLATTEN, RELU, linear(7, 3), linear(1, 1), *convolution(2, 5, 14), *convolution(5, 1, 6)],
)
def test_a_layer_has_as_many_parameters_as_torchs(layer: Layer) -> None:
    (module,) = sequence([layer])
    assert type(module) is getattr(nn, layer.name)
    assert sum(weights.numel() for weights in module.parameters()) == layer.parameters


def test_dense_layers_have_a_relu_between_two() -> None:
    assert linear_layers(8, (5, 3), 2) == [linear(8, 5), RELU, linear(5, 3), RELU, linear(3, 2)]
    assert linear_layers(8, (), 2) == [linear(8, 2)]


@pytest.mark.parametrize("side", [14, 6, 9, 4])
def test_the_side_after_a_convolution_is_that_of_torchs_image(side: int) -> None:
    image = sequence(convolution(2, 3, side))(torch.zeros(1, 2, side, side))
    assert image.shape == (1, 3, pooled(side), pooled(side))
