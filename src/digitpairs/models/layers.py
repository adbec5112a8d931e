"""Layers as plain data: torch.nn's names, and what each costs. Planning needs no torch.

The shapes of all layers are worked out here and nowhere else. Every run compares the parameter
count of its net with torch's.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """A layer of torch.nn: its class, what that is called with, and its cost for one image.

    `parameters` are trainable, `multiply_adds` those of a pass forward. A layer with others
    `inside` passes its input through these, and adds it to what comes out (He et al. 2016).
    """

    name: str
    arguments: tuple[int | float, ...] = ()
    parameters: int = 0
    multiply_adds: int = 0
    inside: tuple["Layer", ...] = ()


FLATTEN = Layer("Flatten")
RELU = Layer("ReLU")
MAX_POOL = Layer("MaxPool2d", (2,))


def linear(inputs: int, outputs: int) -> Layer:
    """A linear layer with biases."""
    return Layer("Linear", (inputs, outputs), (inputs + 1) * outputs, inputs * outputs)


def linear_layers(inputs: int, hidden: tuple[int, ...], outputs: int) -> list[Layer]:
    """Linear layers of these sizes, with a ReLU between any two."""
    layers = []
    for size in hidden:
        layers += [linear(inputs, size), RELU]
        inputs = size
    return [*layers, linear(inputs, outputs)]


def conv(
    inputs: int, outputs: int, side: int, kernel: int = 3, padding: int = 0, bias: bool = True
) -> Layer:
    """A convolution of images (inputs, side, side)."""
    usual = padding == 0 and bias
    rest = () if usual else (1, padding, 1, 1, bias)  # stride, padding, dilation, groups, bias
    weights = kernel**2 * inputs * outputs
    pixels = convolved(side, kernel, padding) ** 2
    parameters = weights + outputs * bias
    return Layer("Conv2d", (inputs, outputs, kernel, *rest), parameters, weights * pixels)


def batchnorm(channels: int) -> Layer:
    """A BatchNorm with a weight and a bias for each channel."""
    return Layer("BatchNorm2d", (channels,), 2 * channels)


def residual(inside: Sequence[Layer]) -> Layer:
    """Layers whose input is added to what comes out of them: both have one shape."""
    parameters = sum(layer.parameters for layer in inside)
    multiply_adds = sum(layer.multiply_adds for layer in inside)
    return Layer("Residual", (), parameters, multiply_adds, tuple(inside))


def convolution(inputs: int, outputs: int, side: int) -> list[Layer]:
    """3x3 convolution, BatchNorm, ReLU and 2x2 max-pool of images (inputs, side, side)."""
    return [conv(inputs, outputs, side), batchnorm(outputs), RELU, MAX_POOL]


def convolved(side: int, kernel: int = 3, padding: int = 0) -> int:
    """The side of an image after a convolution."""
    return side + 2 * padding - kernel + 1


def halved(side: int) -> int:
    """The side of an image after a 2x2 max-pool."""
    return side // 2


def pooled(side: int) -> int:
    """The side of an image after a 3x3 convolution and a 2x2 max-pool."""
    return halved(convolved(side))
