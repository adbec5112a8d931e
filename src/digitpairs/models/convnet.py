"""A ConvNet (paper, Fig. 1): one or two conv layers, then linear ones."""

from digitpairs.models.layers import FLATTEN, Layer, convolution, linear_layers, pooled
from digitpairs.spec import ModelSpec


def branch(spec: ModelSpec, images: int, outputs: int) -> list[Layer]:
    """List the layers from (n, images, side, side) to (n, outputs).

    Raises ValueError for a conv layer of which no pixel comes out.
    """
    layers, side = [], spec.task.side
    for channels in spec.channels:
        layers += convolution(images, channels, side)
        images, side = channels, pooled(side)
        if side < 1:
            raise ValueError(
                f"channels: {list(spec.channels)}: images of {spec.task.side}x{spec.task.side} "
                "pixels leave no pixel after so many conv layers; choose fewer"
            )
    return [*layers, FLATTEN, *linear_layers(images * side * side, spec.hidden, outputs)]
