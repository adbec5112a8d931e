"""Layers as plain data: torch.nn's names, and what each costs. Planning needs no torch.

The shapes of all layers are worked out here and nowhere else. Every run compares the parameter
count of its net with torch's.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """A layer of torch.nn: its class, what that is called with, and its cost for one image.

    `parameters` are trainable, `multiply_adds` those of a pass forward.
    """

    name: str
    arguments: tuple[int, ...] = ()
    parameters: int = 0
    multiply_adds: int = 0


FLATTEN = Layer("Flatten")
RELU = Layer("ReLU")


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


def convolution(inputs: int, outputs: int, side: int) -> list[Layer]:
    """3x3 convolution, BatchNorm, ReLU and 2x2 max-pool of images (inputs, side, side)."""
    weights = 9 * inputs * outputs
    return [
        Layer("Conv2d", (inputs, outputs, 3), weights + outputs, weights * convolved(side) ** 2),
        Layer("BatchNorm2d", (outputs,), 2 * outputs),
        RELU,
        Layer("MaxPool2d", (2,)),
    ]


def convolved(side: int) -> int:
    """The side of an image after a 3x3 convolution."""
    return side - 2


def pooled(side: int) -> int:
    """The side of an image after a 3x3 convolution and a 2x2 max-pool."""
    return convolved(side) // 2
