"""Weights in files: to the bit and back, and what is refused of files that hold none."""

import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from digitpairs.errors import UserError
from digitpairs.recipe import SGD, Recipe
from digitpairs.runs import weights
from digitpairs.spec import ModelSpec, RunSpec, to_json
from nets import CONVNET, MLP, SHARED, SIAMESE, SIAMESE_MLP, random_net

CONSTANTS = {
    "mean": np.array(0.1309),
    "std": np.array(0.2889),
    "each": np.arange(196.0).reshape(14, 14),
    "rows": np.arange(5, dtype=np.int64)[::2],
}
ABOUT = {"trained": "on a test", "where": "nowhere"}


@pytest.fixture
def spec(mlp_run: RunSpec) -> RunSpec:
    return replace(mlp_run, model=MLP)


@pytest.fixture
def file(spec: RunSpec, tmp_path: Path) -> Path:
    """A good file of an MLP's weights."""
    path = tmp_path / "net.safetensors"
    weights.save(path, spec, random_net(MLP, 0).state_dict(), CONSTANTS, ABOUT)
    return path


def refusal(path: Path) -> str:
    """Why a file is refused, its own name taken off."""
    with pytest.raises(UserError) as caught:
        weights.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert message.isprintable()
    return message.removeprefix(f"{path}: ")


def rewritten(path: Path, metadata: dict[str, str] | None = None, **changes: Any) -> Path:
    """Write a good file again with other tensors; one that is None is left out."""
    with safe_open(path, "pt") as opened:
        kept = opened.metadata()
    tensors = {**load_file(path), **{name.replace("__", "."): t for name, t in changes.items()}}
    tensors = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    save_file(tensors, path, kept if metadata is None else metadata)
    return path


def described(path: Path, **content: Any) -> Path:
    """Write a good file again that says something else of its run."""
    return rewritten(path, {weights.METADATA: json.dumps(content)})


@pytest.mark.parametrize("model", [MLP, CONVNET, SIAMESE_MLP, SIAMESE, SHARED], ids=str)
def test_weights_come_back_to_the_bit(model: ModelSpec, mlp_run: RunSpec, tmp_path: Path) -> None:
    spec = replace(mlp_run, model=model, recipe=Recipe(optimizer=SGD("sgd", 0.9)))
    net, path = random_net(model, 1), tmp_path / "deep/net.safetensors"
    weights.save(path, spec, net.state_dict(), CONSTANTS, ABOUT)
    loaded = weights.load(path)
    assert loaded.spec == spec
    assert loaded.about == ABOUT
    assert loaded.state.keys() == net.state_dict().keys()
    for name, tensor in net.state_dict().items():
        assert loaded.state[name].dtype == tensor.dtype
        assert torch.equal(loaded.state[name], tensor)
    assert loaded.constants.keys() == CONSTANTS.keys()
    for name, array in CONSTANTS.items():
        assert loaded.constants[name].dtype == array.dtype
        assert loaded.constants[name].shape == array.shape
        assert np.array_equal(loaded.constants[name], array)
    pairs = torch.randn(3, 2, 14, 14)
    assert not loaded.net().training
    assert torch.equal(loaded.net()(pairs).answer, net.eval()(pairs).answer)


def test_numbers_that_are_none_come_back_too(spec: RunSpec, tmp_path: Path) -> None:
    """A diverged run's weights are as they are."""
    state = random_net(MLP, 0).state_dict()
    state["branch.1.bias"][:2] = torch.tensor([float("nan"), float("inf")])
    weights.save(tmp_path / "net", spec, state, {}, {})
    back = weights.load(tmp_path / "net").state["branch.1.bias"]
    assert torch.equal(back.view(torch.int32), state["branch.1.bias"].view(torch.int32))


def test_the_same_weights_give_the_same_bytes(file: Path, spec: RunSpec, tmp_path: Path) -> None:
    """In another process too, and in whatever order things are named."""
    code = f"""
from pathlib import Path
from digitpairs.runs import weights
given = weights.load(Path({str(file)!r}))
def turned(content): return dict(reversed(content.items()))
weights.save(Path({str(tmp_path / "again")!r}), given.spec, turned(given.state),
             turned(given.constants), turned(given.about))
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "again").read_bytes() == file.read_bytes()


def test_weights_that_share_memory_and_need_gradients_are_saved(
    spec: RunSpec, tmp_path: Path
) -> None:
    whole = torch.randn(2 * 13, requires_grad=True)
    state = {**random_net(MLP, 0).state_dict(), "branch.1.bias": whole[::2]}
    weights.save(tmp_path / "net", spec, state, {}, {})
    assert torch.equal(weights.load(tmp_path / "net").state["branch.1.bias"], whole[::2])


def test_weights_of_another_net_are_not_saved(spec: RunSpec, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="lacks branch"):
        weights.save(tmp_path / "net", spec, random_net(SIAMESE, 0).state_dict(), {}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_leaves_the_old_file(
    file: Path, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def half(tensors: Any, path: Path, metadata: Any) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights, "save_file", half)
    with pytest.raises(OSError, match="space"):
        weights.save(file, spec, random_net(MLP, 1).state_dict(), {}, {})
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_what_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").startswith("is not there; `snakemake model` makes the net")
    assert refusal(tmp_path) == "cannot be read: Is a directory"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\xff" * 100,
        b"\x00" * 8,
        (2**62).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        pickle.dumps({"branch.1.weight": [1.0]}),
    ],
    ids=["empty", "text", "ones", "zeros", "long header", "no header", "pickle"],
)
def test_what_is_no_safetensors_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "net").write_bytes(content)
    assert refusal(tmp_path / "net").startswith("not a whole file of weights (safetensors): ")


def test_a_file_cut_off_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])
    assert refusal(file).startswith("not a whole file of weights (safetensors): ")


def test_a_pickle_runs_nothing(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (tmp_path.joinpath("sprung").touch, ())

    torch.save({"weight": Trap()}, tmp_path / "net.pt")
    assert refusal(tmp_path / "net.pt").startswith("not a whole file of weights")
    assert not (tmp_path / "sprung").exists()


def test_a_file_without_a_spec_is_refused(file: Path) -> None:
    why = "does not say which run trained it: not weights of digitpairs"
    assert refusal(rewritten(file, {})) == why
    assert refusal(rewritten(file, {"format": "pt"})) == why


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", "{}", '{"spec": {}}', "[" * 100_000])
def test_a_description_that_is_none_is_refused(text: str, file: Path) -> None:
    rewritten(file, {weights.METADATA: text})
    assert refusal(file).startswith("does not say which run trained it: ")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"epochs": "two"}, "epochs: "),
        ({"colour": 1}, "colour: "),
        ({"model": {"family": "mlp"}}, "model.hidden: "),
        ({"recipe": {"readout": "guess"}}, "recipe.readout: "),
    ],
)
def test_a_spec_that_is_none_is_refused(
    change: dict[str, Any], named: str, file: Path, spec: RunSpec
) -> None:
    described(file, spec={**to_json(spec), **change}, about={})
    assert refusal(file).startswith(f"does not say which run trained it: {named}")


@pytest.mark.parametrize("about", [None, [], {"a": 1}, {"a": {}}])
def test_what_is_said_beside_is_texts(about: Any, file: Path, spec: RunSpec) -> None:
    described(file, spec=to_json(spec), about=about)
    assert refusal(file).startswith("does not say which run trained it: ")


@pytest.mark.parametrize(
    "model",
    [
        {"family": "unknown", "hidden": [8]},
        {"family": "mlp", "hidden": [-8]},
        {"family": "mlp", "hidden": [10**30]},
    ],
)
def test_a_model_that_is_no_net_is_refused(
    model: dict[str, Any], file: Path, spec: RunSpec
) -> None:
    described(file, spec={**to_json(spec), "model": model}, about={})
    assert "is no net: " in refusal(file)


def test_a_net_of_false_size_takes_no_memory(file: Path, spec: RunSpec) -> None:
    model = {"family": "mlp", "hidden": [10**9, 10**9]}
    described(file, spec={**to_json(spec), "model": model}, about={})
    assert "its net has float32 [1000000000" in refusal(file)


def test_a_tensor_lacking_is_named(file: Path) -> None:
    rewritten(file, branch__3__bias=None)
    assert refusal(file) == "lacks branch.3.bias, float32 [7], which its net has"


def test_a_tensor_too_many_is_named(file: Path) -> None:
    rewritten(file, branch__9__bias=torch.zeros(2))
    assert refusal(file) == "holds 'branch.9.bias', which its net does not have"


@pytest.mark.parametrize(
    ("tensor", "found"),
    [
        (torch.zeros(8), "float32 [8]"),
        (torch.zeros(7, 1), "float32 [7, 1]"),
        (torch.zeros(7, dtype=torch.float64), "float64 [7]"),
        (torch.zeros(7, dtype=torch.bfloat16), "bfloat16 [7]"),
    ],
)
def test_a_tensor_of_another_shape_or_type_is_named(
    tensor: torch.Tensor, found: str, file: Path
) -> None:
    rewritten(file, branch__3__bias=tensor)
    assert refusal(file) == f"branch.3.bias is {found}; its net has float32 [7]"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10**9), byte=st.integers(0, 255))
def test_a_byte_changed_is_refused_or_read(place: int, byte: int, file: Path) -> None:
    """In the header; among the numbers any byte is one."""
    content = bytearray(file.read_bytes())
    content[place % (8 + int.from_bytes(content[:8], "little"))] = byte
    damaged = file.with_name("damaged")
    damaged.write_bytes(content)
    try:
        weights.load(damaged)
    except UserError as error:
        assert str(error).startswith(f"{damaged}: ")
