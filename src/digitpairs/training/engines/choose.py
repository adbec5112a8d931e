"""Which engine trains a net.

Nets are written in plain torch.nn. An engine is derived from them. One that meets a layer that it
does not know leaves the net to a plainer engine, and at last to the net's own modules.
"""

from typing import Any, Protocol

from torch import Tensor, nn

from digitpairs.models.nets import Output
from digitpairs.pairs.sizes import SIDE
from digitpairs.spec import Task
from digitpairs.training.engines.fast_convnet import FastConvNet
from digitpairs.training.engines.fused import Fused
from digitpairs.training.engines.plain import Plain
from digitpairs.training.engines.stacked import Stacked


class Engine(Protocol):
    """The forward pass of R nets of one architecture: tensors lead with (R, n)."""

    side_by_side: bool  # whether it takes many nets

    @property
    def parameters(self) -> list[Tensor]:
        """Trainable tensors; each of R times as many numbers as one net has there."""

    @property
    def buffers(self) -> list[Tensor]:
        """BatchNorm's running statistics."""

    def train(self, mode: bool) -> None:
        """Let BatchNorm take a batch's statistics, or those it has kept."""

    def inputs(self, images: Tensor) -> tuple[Tensor, ...]:
        """Turn images (R, n, 2, channels, side, side) into what a call takes of each pair."""

    def __call__(self, *inputs: Tensor) -> Output:
        """Compare pairs."""

    def weights(self, run: int) -> dict[str, Tensor]:
        """Copy what a run's net has learned so far, as its state_dict names it, to the CPU."""


def engine_for(model: nn.Module, device: str, task: Task) -> type[Any]:
    """Choose the fastest engine that knows all layers of a net, and its images.

    On a CPU stacks of ConvNets are slower than one after another: they do not fit its cache.
    """
    convolutional = any(isinstance(module, nn.Conv2d) for module in model.modules())
    if device == "cpu" and convolutional:
        if task.side == SIDE and FastConvNet.knows(model):
            return FastConvNet
        return Fused if Fused.knows(model) else Plain
    return Stacked if Stacked.knows(model) else Plain
