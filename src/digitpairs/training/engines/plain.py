"""One net by its own modules: for any net, and what other engines are held against."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from digitpairs.models.nets import Output


class OneNet:
    """An engine for one net, whose parameters and buffers stay in its modules."""

    side_by_side = False

    def __init__(self, models: Sequence[nn.Module]) -> None:
        """Take the one net."""
        self.model: Any = models[0]

    @property
    def parameters(self) -> list[Tensor]:
        """Those of the modules that are trained."""
        return [part for part in self.model.parameters() if part.requires_grad]

    @property
    def buffers(self) -> list[Tensor]:
        """Those of the modules."""
        return list(self.model.buffers())

    def train(self, mode: bool) -> None:
        """Set the modules' mode."""
        self.model.train(mode)

    def weights(self, run: int) -> dict[str, Tensor]:
        """Copy what the net holds; `run` is 0."""
        state = self.model.state_dict()
        return {name: tensor.to("cpu", copy=True) for name, tensor in state.items()}


class Plain(OneNet):
    """A net by its own modules."""

    def __init__(self, models: Sequence[nn.Module]) -> None:
        """Choose how images lie in memory."""
        super().__init__(models)
        convolutional = any(isinstance(module, nn.Conv2d) for module in self.model.modules())
        # oneDNN's convolutions are faster with channels last.
        self.layout = torch.channels_last if convolutional else torch.contiguous_format

    def inputs(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return images (1, n, 2, channels, side, side) as a net takes them."""
        return (images.flatten(2, 3),)

    def __call__(self, images: Tensor) -> Output:
        """Compare pairs (1, n, 2 * channels, side, side)."""
        answer, digits = self.model(images[0].contiguous(memory_format=self.layout))
        return Output(answer[None], None if digits is None else digits[None])
