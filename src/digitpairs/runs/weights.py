"""A trained net in a file: weights, the run's spec, and what its preprocessing learned.

The format is safetensors: plain numbers, so that reading a file runs no code of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from digitpairs.errors import UserError, key_path, quoted, shortened
from digitpairs.files import written_whole
from digitpairs.models.build import net_of
from digitpairs.spec import ModelSpec, RunSpec, from_json, to_json

PREPROCESSING = "preprocessing."  # before the names of its constants; a net's names have no such
METADATA = "digitpairs"  # one key: the order of several would differ from file to file

Constants = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Weights:
    """A trained net: its run, tensors as its state_dict names them, the preprocessing's constants.

    `about` says where and how it was trained: texts by name.
    """

    spec: RunSpec
    state: Mapping[str, Tensor]
    constants: Constants
    about: Mapping[str, str]

    def net(self) -> nn.Module:
        """Build the net with these weights, ready to answer."""
        net = net_of(self.spec.model)
        net.load_state_dict(dict(self.state))
        return net.eval()


def save(
    path: Path,
    spec: RunSpec,
    state: Mapping[str, Tensor],
    constants: Constants,
    about: Mapping[str, str],
) -> None:
    """Write weights, whole or not at all; the same weights give the same bytes.

    Raises UserError where they are not those of the spec's net.
    """
    check_state(spec.model, state, path)
    tensors = {name: tensor.detach().cpu().clone() for name, tensor in state.items()}
    for name, array in constants.items():
        tensors[PREPROCESSING + name] = torch.from_numpy(np.array(array))
    content = {"spec": to_json(spec), "about": dict(about)}
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    with written_whole(path) as temporary:
        save_file(
            {name: tensor.contiguous() for name, tensor in tensors.items()},
            temporary,
            {METADATA: text},
        )


def load(path: Path) -> Weights:
    """Read weights. Raises UserError that names the file and says why it holds none."""
    tensors, metadata = read(path)
    spec, about = described(metadata, path)
    constants = {
        name.removeprefix(PREPROCESSING): tensors.pop(name).numpy()
        for name in list(tensors)
        if name.startswith(PREPROCESSING)
    }
    check_state(spec.model, tensors, path)
    return Weights(spec, tensors, constants, about)


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read tensors and metadata of a safetensors file. Raises UserError for any other."""
    try:
        path.open("rb").close()  # safetensors says less about what is not there
        with safe_open(path, "pt") as file:
            names, metadata = file.keys(), file.metadata() or {}
            return {name: file.get_tensor(name).clone() for name in names}, metadata
    except FileNotFoundError:
        raise UserError(
            f"{path}: is not there; `snakemake model` makes the net that is kept"
        ) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None
    except SafetensorError as error:
        why = shortened(str(error), 160)
        raise UserError(f"{path}: not a whole file of weights (safetensors): {why}") from None


def described(metadata: Mapping[str, str], path: Path) -> tuple[RunSpec, dict[str, str]]:
    """Read which run trained the weights, and what else is said about them."""
    if METADATA not in metadata:
        raise UserError(f"{path}: does not say which run trained it: not weights of digitpairs")
    try:
        content = json.loads(metadata[METADATA])
        about = content["about"]
        if not all(isinstance(text, str) for pair in about.items() for text in pair):
            raise TypeError("about holds more than texts")
        return from_json(content["spec"]), about
    except ValidationError as error:
        first = error.errors()[0]
        why = ": ".join(filter(None, (key_path(first["loc"]), first["msg"])))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = quoted(error)
    raise UserError(f"{path}: does not say which run trained it: {why}")


def check_state(model: ModelSpec, state: Mapping[str, Tensor], path: Path) -> None:
    """Raise UserError where tensors are not those of a model's net, by name, shape and type."""
    try:
        with torch.device("meta"):  # shapes alone: a false size takes no memory
            expected = net_of(model).state_dict()
    except (LookupError, ValueError, TypeError, ArithmeticError, RuntimeError, UserError) as error:
        raise UserError(f"{path}: {quoted(model)} is no net: {quoted(error)}") from None
    for name in sorted(expected.keys() | state.keys()):
        if name not in state:
            raise UserError(f"{path}: lacks {name}, {kind(expected[name])}, which its net has")
        if name not in expected:
            raise UserError(f"{path}: holds {quoted(name)}, which its net does not have")
        if kind(state[name]) != kind(expected[name]):
            found, needed = kind(state[name]), kind(expected[name])
            raise UserError(f"{path}: {name} is {found}; its net has {needed}")


def kind(tensor: Tensor) -> str:
    """Name a tensor's type and shape, such as float32 [10, 20]."""
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
