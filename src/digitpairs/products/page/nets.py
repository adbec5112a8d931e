"""Trained nets as a browser runs them: layers as plain data, weights as text."""

import base64
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from digitpairs.runs.one import train_one
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.weights import Weights, load
from digitpairs.study.schema import Params

Array = npt.NDArray[np.float32]


def trained(params: Params, run: PlannedRun, say: Callable[[str], None]) -> Weights:
    """Train a run once more, for its weights."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "net.safetensors"
        train_one(params, run, file, say)
        return load(file)


def as_data(weights: Weights) -> dict[str, Any]:
    """Write a net as layers and numbers, little-endian float32 in base64.

    `branches` are lists of layers, for each digit or for both; `head` that of a siamese net. A
    layer has a `kind`, `shape` where it has weights, and the place of its numbers in `weights`:
    first the weights, then the biases. A BatchNorm is a scale and a shift a channel.
    """
    net, numbers = weights.net(), list[Array]()
    children = dict(net.named_children())
    if "branch" in children:  # a naive net
        branches, head = [children["branch"]], []
    else:
        branches = [*children["branches"].children()]
        head = [*children["head"].children()]
    content: dict[str, Any] = {
        "branches": [list(layers(branch.children(), numbers)) for branch in branches],
        "head": list(layers(head, numbers)),
    }
    flat = np.concatenate(numbers)
    text = base64.b64encode(flat.astype("<f4").tobytes()).decode("ascii")
    scale = {name: float(value) for name, value in weights.constants.items()}
    return {**content, "scale": scale, "weights": text}


def layers(modules: Iterable[nn.Module], numbers: list[Array]) -> Iterator[dict[str, Any]]:
    """List the layers of a branch or head, and add their numbers to `numbers`.

    Raises TypeError for a module that the page does not know.
    """
    for module in modules:
        match module:
            case nn.Linear() | nn.Conv2d() if module.bias is not None:
                yield weighted(module.weight, module.bias, numbers)
            case nn.BatchNorm2d():
                yield weighted(*scale_and_shift(module), numbers)
            case nn.ReLU() | nn.MaxPool2d() | nn.Flatten():
                yield {"kind": type(module).__name__}
            case _:
                raise TypeError(f"{module}: the page does not know this layer")


def weighted(weight: Tensor, bias: Tensor, numbers: list[Array]) -> dict[str, Any]:
    """Write a layer with weights: what it is follows from how many dimensions they have."""
    start = sum(map(len, numbers))
    numbers += [part.detach().numpy().ravel() for part in (weight, bias)]
    kind = {1: "Scale", 2: "Linear", 4: "Conv2d"}[weight.ndim]
    return {"kind": kind, "shape": list(weight.shape), "start": start}


def scale_and_shift(module: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """What a BatchNorm does to a channel once it is trained: scale it, then shift it."""
    mean, variance = module.running_mean, module.running_var
    assert mean is not None and variance is not None  # the nets' BatchNorms track both
    scale = module.weight.double() / (variance.double() + module.eps).sqrt()
    shift = module.bias.double() - mean.double() * scale
    return scale.float(), shift.float()
