"""A ConvNet (paper, Fig. 1): one or two conv layers, then linear ones."""

from digitpairs.models.layers import FLATTEN, Layer, convolution, linear_layers, pooled
from digitpairs.pairs.sizes import SIDE
from digitpairs.spec import ModelSpec


def branch(spec: ModelSpec, images: int, outputs: int) -> list[Layer]:
    """List the layers from (n, images, 14, 14) to (n, outputs)."""
    layers, side = [], SIDE
    for channels in spec.channels:
        layers += convolution(images, channels, side)
        images, side = channels, pooled(side)
    return [*layers, FLATTEN, *linear_layers(images * side * side, spec.hidden, outputs)]
