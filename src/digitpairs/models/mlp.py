"""An MLP (paper, Fig. 1): linear layers on all pixels at once."""

from digitpairs.models.layers import FLATTEN, Layer, linear_layers
from digitpairs.spec import ModelSpec


def branch(spec: ModelSpec, images: int, outputs: int) -> list[Layer]:
    """List the layers from (n, images, side, side) to (n, outputs)."""
    return [FLATTEN, *linear_layers(images * spec.task.side**2, spec.hidden, outputs)]
