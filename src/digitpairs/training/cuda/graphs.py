"""CUDA graphs: a training step of small nets is hundreds of kernels, shorter than their launch."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

WARM_UPS = 3  # torch's own advice: cuBLAS and autograd allocate their buffers
SETTINGS = {"eager": False}  # of this process


def eager() -> bool:
    """Whether steps are taken kernel by kernel here, with nothing recorded."""
    return SETTINGS["eager"]


def step_eagerly(wanted: bool) -> None:
    """Take steps kernel by kernel from now on in this process, or by graphs again."""
    SETTINGS["eager"] = wanted


@contextmanager
def eagerly(wanted: bool = True) -> Iterator[None]:
    """Take steps kernel by kernel in this block, or by graphs."""
    before = eager()
    step_eagerly(wanted)
    try:
        yield
    finally:
        step_eagerly(before)


class Replayed:
    """A function of one CUDA tensor that is recorded once for each shape and mode, then replayed.

    `state` lists the tensors that the function changes: recording leaves them as they were.
    The result is overwritten by the next call. Where steps are eager the function is called.
    """

    def __init__(
        self,
        function: Callable[[Tensor], Tensor],
        state: Sequence[Tensor],
        mode: Callable[[], Hashable],
    ) -> None:
        """Record nothing yet; `mode` returns what else a recording depends on."""
        self.function, self.state, self.mode = function, state, mode
        self.recorded: dict[Hashable, tuple[torch.cuda.CUDAGraph, Tensor, Tensor]] = {}

    def __call__(self, given: Tensor) -> Tensor:
        """Do what the function does."""
        if eager():
            return self.function(given)
        key = (given.shape, self.mode())
        if key not in self.recorded:
            self.recorded[key] = self.record(given.clone())
        graph, argument, result = self.recorded[key]
        argument.copy_(given)
        graph.replay()
        return result.clone()

    def record(self, argument: Tensor) -> tuple[torch.cuda.CUDAGraph, Tensor, Tensor]:
        """Warm up beside the main stream, as torch asks for, undo that, and record."""
        before = [tensor.detach().clone() for tensor in self.state]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                self.function(argument)
        torch.cuda.current_stream().wait_stream(stream)
        with torch.no_grad():
            for tensor, value in zip(self.state, before, strict=True):
                tensor.copy_(value)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            result = self.function(argument)
        return graph, argument, result
