"""Which layers a net runs, in order, and what each takes: seen while a pair passes through it.

Modules without parts are layers. So are functions that a net calls between them, such as the sum
at the end of a residual, but for those that only cut, turn or join the shape of one tensor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, resolve_name

INPUT = -1  # the place of what goes in

# What gives the same numbers in another shape.
SHAPES = {
    *("reshape", "view", "flatten", "unflatten", "squeeze", "unsqueeze", "permute", "transpose"),
    *("contiguous", "__getitem__", "unbind", "split", "chunk", "expand", "select", "narrow", "to"),
    *("mT", "T", "movedim", "view_as", "reshape_as", "clone", "detach", "swapaxes", "float"),
}
NAMES = {"add": "Add", "__add__": "Add", "cat": "Concatenate", "stack": "Stack", "mul": "Multiply"}


@dataclass(frozen=True)
class Layer:
    """A layer as it ran: its kind, what it does, the shape it gave, its parameters.

    `sources` are the places, in the order of layers, of those whose output it takes.
    """

    kind: str
    text: str
    shape: tuple[int, ...]
    parameters: int
    sources: tuple[int, ...]


class Recorder(TorchFunctionMode):
    """Notes layers as they run, and which layer each tensor came from."""

    def __init__(self, example: Tensor) -> None:
        """Start from what goes in."""
        super().__init__()
        self.layers: list[Layer] = []
        self.inside = 0  # whether a module without parts runs, which is a layer as a whole
        self.kept = [example]  # so that no other tensor takes the number of one that is gone
        self.origin = {id(example): INPUT}

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run a function, and note it if it is one of a net's own."""
        result = func(*args, **(kwargs or {}))
        if not self.inside:
            given = [*tensors_in(args), *tensors_in(list((kwargs or {}).values()))]
            name = (resolve_name(func) or "").removesuffix(".__get__").rpartition(".")[2]
            if name in SHAPES:
                for tensor in tensors_in(result):
                    self.follow(tensor, given)
            elif any(id(tensor) in self.origin for tensor in given):
                for tensor in tensors_in(result):
                    text = NAMES.get(name, name.strip("_").replace("_", " ").capitalize())
                    self.note(text, text, given, tensor, 0)
        return result

    def follow(self, tensor: Tensor, given: list[Tensor]) -> None:
        """Remember that a tensor is another in a new shape; note where its batch is another."""
        for one in given:
            if id(one) not in self.origin:
                continue
            before, after = len(one), len(tensor)
            if before != after:
                text = f"Each of {after}" if before < after else f"{before} together"
                self.note("Batch", text, [one], tensor, 0)
            self.kept.append(tensor)
            self.origin.setdefault(id(tensor), self.origin[id(one)])

    def note(
        self, kind: str, text: str, given: list[Tensor], output: Tensor, parameters: int
    ) -> None:
        """Remember a layer."""
        found = (self.origin[id(one)] for one in given if id(one) in self.origin)
        shape = tuple(output.shape[1:])
        self.layers.append(Layer(kind, text, shape, parameters, tuple(dict.fromkeys(found))))
        self.kept.append(output)
        self.origin[id(output)] = len(self.layers) - 1


def trace(module: nn.Module, example: Tensor) -> list[Layer]:
    """Run `example` (1, ...) through `module` and list its layers in the order they ran."""
    recorder = Recorder(example)

    def enter(layer: nn.Module, _: object) -> None:
        recorder.inside += 1

    def leave(layer: nn.Module, given: Any, output: Any) -> None:
        recorder.inside -= 1
        count = sum(parameter.numel() for parameter in layer.parameters())
        for tensor in tensors_in(output):
            kind = type(layer).__name__
            recorder.note(kind, text_of(layer), list(tensors_in(given)), tensor, count)

    leaves = [part for part in module.modules() if not list(part.children())]
    hooks = [leaf.register_forward_pre_hook(enter) for leaf in leaves]
    hooks += [leaf.register_forward_hook(leave) for leaf in leaves]
    with torch.no_grad(), recorder:
        module.eval()(example)
    for hook in hooks:
        hook.remove()
    return recorder.layers


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Find the tensors of arguments or results."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_in(item)


def text_of(layer: nn.Module) -> str:
    """Name a layer with its sizes."""
    text = type(layer).__name__
    match layer:
        case nn.Conv2d():
            side = layer.kernel_size[0]
            text = f"Conv {side}×{side}, {layer.in_channels} → {layer.out_channels}"
        case nn.Linear():
            text = f"Linear {layer.in_features} → {layer.out_features}"
        case nn.BatchNorm2d():
            text = f"BatchNorm {layer.num_features}"
        case nn.MaxPool2d():
            text = f"Max-pool {layer.kernel_size}×{layer.kernel_size}"
        case nn.AdaptiveAvgPool2d():
            text = "Mean of all pixels"
        case nn.AdaptiveMaxPool2d():
            text = "Maximum of all pixels"
        case nn.Dropout():
            text = f"Dropout {layer.p:g}"
    return text
