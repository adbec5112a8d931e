"""An MLP (paper, Fig. 1): linear layers on all pixels at once."""

from digitpairs.models.layers import FLATTEN, Layer, linear_layers
from digitpairs.pairs.sizes import SIDE
from digitpairs.spec import ModelSpec


def branch(spec: ModelSpec, images: int, outputs: int) -> list[Layer]:
    """List the layers from (n, images, 14, 14) to (n, outputs)."""
    return [FLATTEN, *linear_layers(images * SIDE * SIDE, spec.hidden, outputs)]
