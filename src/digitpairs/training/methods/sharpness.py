"""Steps by the gradient at the worst place nearby (SAM, Foret et al. 2021, Algorithm 1)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from digitpairs.recipe import Sharpness
from digitpairs.training.engines.choose import Engine
from digitpairs.training.optimizer import Optimizer


@contextmanager
def worst_nearby(
    kind: Sharpness, optimizer: Optimizer, engine: Engine, gradients: Sequence[Tensor | None]
) -> Iterator[None]:
    """Move the weights of each run up its gradient by the radius, and back at the end.

    BatchNorm keeps the statistics that it had at the weights themselves.
    """
    given = [(parameter, gradient) for parameter, gradient, _ in optimizer.given(gradients)]
    squares = [gradient.double().square().sum(1, keepdim=True) for _, gradient in given]
    length = sum(squares[1:], squares[0]).sqrt()  # in this order, whatever runs go beside it
    scale = (kind.radius / length.clamp_min(1e-12)).to(given[0][1].dtype)
    kept = [tensor.detach().clone() for tensor in engine.buffers]
    before = [parameter.clone() for parameter, _ in given]
    with torch.no_grad():
        for parameter, gradient in given:
            parameter.add_(gradient * scale)
    yield
    with torch.no_grad():
        for (parameter, _), own in zip(given, before, strict=True):
            parameter.copy_(own)
        for tensor, own in zip(engine.buffers, kept, strict=True):
            tensor.copy_(own)
