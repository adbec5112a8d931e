"""A ConvStack: conv layers in a row, as many and as a variant's options say; one for both digits.

Each conv layer is a convolution, BatchNorm, ReLU, max-pool and dropout, of which all but the first
and the ReLU can be left out. A residual adds an earlier input before the ReLU (He et al. 2016).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from digitpairs.models.architecture import HEAD
from digitpairs.models.layers import (
    FLATTEN,
    MAX_POOL,
    RELU,
    Layer,
    batchnorm,
    conv,
    convolved,
    halved,
    linear_layers,
    residual,
)
from digitpairs.pairs.sizes import ANSWERS
from digitpairs.recipe import closed
from digitpairs.spec import Task
from digitpairs.values import PartShare, Size, no_truth

if TYPE_CHECKING:
    from digitpairs.models.nets import SharedBranch

MOST = 50  # conv layers
GLOBAL = {"mean": "AdaptiveAvgPool2d", "max": "AdaptiveMaxPool2d"}


@closed
@dataclass(frozen=True)
class ConvLayer:
    """A conv layer; `padding` is rows of zeros on each side, `same` as many as keep the size.

    `residual` adds what came in so many layers back: 1 its own input, 2 that of the layer before.
    """

    channels: Size
    kernel: Annotated[Literal[1, 3, 5], BeforeValidator(no_truth)] = 3
    padding: Annotated[Literal["same", 0, 1, 2], BeforeValidator(no_truth)] = 0
    batchnorm: StrictBool = True  # without it the convolution has biases
    residual: Annotated[StrictInt, Field(ge=0, le=MOST)] = 0
    pool: Literal["none", "max"] = "none"  # 2x2
    dropout: PartShare = 0.0

    @property
    def border(self) -> int:
        """Rows of zeros on each side."""
        return self.kernel // 2 if self.padding == "same" else self.padding


@closed
@dataclass(frozen=True)
class Options:
    """A ConvStack: `pooling` is over all pixels of what the conv layers give.

    `dropout` comes before each linear layer. Without a `head` the answer is that of the digits'
    posteriors.
    """

    layers: tuple[ConvLayer, ...]
    pooling: Literal["none", "mean", "max"] = "none"
    hidden: tuple[Size, ...] = ()
    dropout: PartShare = 0.0
    head: StrictBool = True  # the paper's

    def __post_init__(self) -> None:
        """Raise ValueError, which begins with a key, for no layer or too many."""
        if not 1 <= len(self.layers) <= MOST:
            raise ValueError(f"layers: {len(self.layers)} of them: choose 1 to {MOST}")


def check(options: Options, task: Task) -> None:
    """Raise ValueError, which begins with a key, for layers that do not fit each other."""
    branch(options, task)


def branch(options: Options, task: Task) -> list[Layer]:
    """List the layers from (n, channels, side, side) to (n, classes).

    Raises ValueError where they do not fit.
    """
    layers, (channels, side) = conv_layers(options, task)
    if options.pooling != "none":
        layers.append(Layer(GLOBAL[options.pooling], (1,)))
        side = 1
    layers.append(FLATTEN)
    for layer in linear_layers(channels * side * side, options.hidden, task.classes):
        if options.dropout and layer is not RELU:
            layers.append(Layer("Dropout", (options.dropout,)))
        layers.append(layer)
    return layers


def conv_layers(options: Options, task: Task) -> tuple[list[Layer], tuple[int, int]]:
    """List the layers of the convolutional part, and the channels and side that it gives."""
    shapes = [(task.channels, task.side)]  # channels and side of what each conv layer takes
    parts: list[tuple[int, list[Layer]]] = []  # the conv layer that a part begins with, its layers
    for place, layer in enumerate(options.layers):
        rows, shape = convolve(place, layer, shapes[-1])
        start = place
        if layer.residual:
            start = place + 1 - layer.residual
            check_residual(place, layer, shapes, shape)
            begin = place
            while parts and parts[-1][0] >= start:
                begin, before = parts.pop()
                rows = before + rows
            if begin != start:
                raise ValueError(
                    f"layers.{place}.residual: {layer.residual}: begins inside of an earlier one; "
                    "choose a number that takes in all of it, or none"
                )
            rows = [residual(rows)]
        rows.append(RELU)
        if layer.pool == "max":
            rows.append(MAX_POOL)
            shape = shape[0], halved(shape[1])
        if shape[1] < 1:
            raise ValueError(f"layers.{place}: leaves no pixel; choose less pool or more padding")
        if layer.dropout:
            rows.append(Layer("Dropout", (layer.dropout,)))
        parts.append((start, rows))
        shapes.append(shape)
    return [layer for _, rows in parts for layer in rows], shapes[-1]


def convolve(
    place: int, layer: ConvLayer, given: tuple[int, int]
) -> tuple[list[Layer], tuple[int, int]]:
    """List the convolution and its BatchNorm; tell channels and side of what they give."""
    inputs, side = given
    left = convolved(side, layer.kernel, layer.border)
    if left < 1:
        raise ValueError(
            f"layers.{place}.kernel: {layer.kernel}: is larger than its images, {side}×{side}"
        )
    bias = not layer.batchnorm
    rows = [conv(inputs, layer.channels, side, layer.kernel, layer.border, bias)]
    if layer.batchnorm:
        rows.append(batchnorm(layer.channels))
    return rows, (layer.channels, left)


def check_residual(
    place: int, layer: ConvLayer, shapes: list[tuple[int, int]], shape: tuple[int, int]
) -> None:
    """Raise ValueError where a residual adds what is not there, or has another shape."""
    path = f"layers.{place}.residual: {layer.residual}"
    if layer.residual > place + 1:
        raise ValueError(f"{path}: begins before the first layer; choose at most {place + 1}")
    given = shapes[place + 1 - layer.residual]
    if given != shape:
        added, to = (f"{channels}×{side}×{side}" for channels, side in (given, shape))
        raise ValueError(
            f"{path}: would add {added} to {to}; give both the same channels, and the layers in "
            "between padding: same and no pool"
        )


def head(options: Options, task: Task) -> list[Layer]:
    """List the layers from digit logits (n, 2, classes) to (n, 2); none without a head."""
    return [FLATTEN, *linear_layers(2 * task.classes, HEAD, ANSWERS)] if options.head else []


def parameters(options: Options, task: Task) -> int:
    """Count the trainable parameters."""
    return sum(layer.parameters for layer in [*branch(options, task), *head(options, task)])


def multiply_adds(options: Options, task: Task) -> int:
    """Count the multiply-adds of a pair's pass forward: both digits go through the branch."""
    each, once = branch(options, task), head(options, task)
    return sum(layer.multiply_adds for layer in [*each, *each, *once])


def build(options: Options, task: Task) -> "SharedBranch":
    """Build the net, initialised from torch's default generator."""
    from digitpairs.models import nets  # torch, which planning does not need

    return nets.SharedBranch(
        nets.sequence(branch(options, task)),
        nets.sequence(head(options, task)) if options.head else nets.Posterior(task),
    )
