"""Forms in which nets train: what goes forward in place of their modules, and how fast.

Models are written in plain torch.nn (models.py). A form is derived from them; one that meets a
layer that it does not know leaves the net to a plainer form, and at last to its own modules.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from digitpairs.fast_convnet import FastConvNet
from digitpairs.models import Output
from digitpairs.stacked import Stacked


class Form(Protocol):
    """The forward pass of R nets of one architecture: tensors lead with (R, n)."""

    name: str

    @property
    def parameters(self) -> list[Tensor]:
        """Trainable tensors; each of R times as many numbers as one net has there."""

    @property
    def buffers(self) -> list[Tensor]:
        """BatchNorm's running statistics."""

    def train(self, mode: bool) -> None:
        """Let BatchNorm take a batch's statistics, or those it has kept."""

    def inputs(self, images: Tensor) -> tuple[Tensor, ...]:
        """Turn images (R, n, 2, 14, 14) into what a call takes of each pair."""

    def __call__(self, *inputs: Tensor) -> Output:
        """Compare pairs."""


class Plain:
    """One net by its own modules."""

    name = "plain modules"

    def __init__(self, models: Sequence[nn.Module]) -> None:
        """Take the one net."""
        self.model: Any = models[0]
        if any(isinstance(module, nn.Conv2d) for module in self.model.modules()):
            self.layout = torch.channels_last  # oneDNN's convolutions are faster so
        else:
            self.layout = torch.contiguous_format

    @property
    def parameters(self) -> list[Tensor]:
        """Those of the modules."""
        return list(self.model.parameters())

    @property
    def buffers(self) -> list[Tensor]:
        """Those of the modules."""
        return list(self.model.buffers())

    def train(self, mode: bool) -> None:
        """Set the modules' mode."""
        self.model.train(mode)

    def inputs(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return the images as they are."""
        return (images,)

    def __call__(self, images: Tensor) -> Output:
        """Compare pairs (1, n, 2, 14, 14)."""
        answer, digits = self.model(images[0].contiguous(memory_format=self.layout))
        return Output(answer[None], None if digits is None else digits[None])


def form_of(model: nn.Module, device: str) -> type[Any]:
    """Choose the fastest form that knows all layers of a net.

    On a CPU stacks of ConvNets are slower than one after another: they do not fit its cache.
    """
    convolutional = any(isinstance(module, nn.Conv2d) for module in model.modules())
    if device == "cpu" and convolutional:
        return FastConvNet if FastConvNet.knows(model) else Plain
    return Stacked if Stacked.knows(model) else Plain
