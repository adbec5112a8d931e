"""A stand-in for a GPU: its kernels are the CPU's, its graphs do what was recorded.

What a real graph does beside that needs a GPU.
"""

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from digitpairs.training import loop
from digitpairs.training.cuda.graphs import Replayed


class SaidToBeCuda(str):
    """A device that training takes for a GPU, and torch for what it is."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return other == "cuda"


GPU = SaidToBeCuda("cpu")


class Graph:
    """Holds a function; the result is written where the recording left it."""

    call: Callable[[], Tensor]
    result: Tensor

    def replay(self) -> None:
        self.result.copy_(self.call())


def streams(patch: pytest.MonkeyPatch) -> None:
    """Stand in for what surrounds a recording: streams, and the recording's own context."""
    stream = SimpleNamespace(wait_stream=lambda other: None)
    patch.setattr(torch.cuda, "Stream", lambda: stream)
    patch.setattr(torch.cuda, "current_stream", lambda: stream)
    patch.setattr(torch.cuda, "stream", lambda which: nullcontext())
    patch.setattr(torch.cuda, "graph", lambda made: nullcontext())


def recording(patch: pytest.MonkeyPatch) -> list[Tensor]:
    """Stand in for CUDA graphs, too; list what was recorded, by its argument."""
    streams(patch)
    arguments: list[Tensor] = []
    patch.setattr(torch.cuda, "CUDAGraph", Graph)
    record = Replayed.record

    def recording(self: Replayed, argument: Tensor) -> tuple[Graph, Tensor, Tensor]:
        before = [tensor.detach().clone() for tensor in self.state]
        made, argument, result = record(self, argument)
        # A real recording leaves the state alone; here the last call did change it.
        for tensor, value in zip(self.state, before, strict=True):
            tensor.detach().copy_(value)
        made.call, made.result = lambda: self.function(argument), result.clone()
        arguments.append(argument)
        return made, argument, made.result

    patch.setattr(Replayed, "record", recording)
    patch.setattr(loop, "seeded", lambda spec, device: nullcontext())
    return arguments
