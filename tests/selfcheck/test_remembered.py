"""A verdict is made once a GPU, driver, torch and code, and read from then on."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from digitpairs import paths
from digitpairs.cluster import gpus
from digitpairs.identity import fingerprint
from digitpairs.selfcheck import remembered
from digitpairs.selfcheck.check import Row, Verdict

FOUND = Verdict("", "MLP: other numbers", [Row("MLP", 1e-7, 1e-4, False), Row("x", 0.0, 0.0)])


class Machine:
    """A GPU that CUDA has, and how often it was checked."""

    def __init__(self) -> None:
        self.gpu = SimpleNamespace(name="NVIDIA H100", uuid="a")
        self.driver = "570.1"
        self.verdict = FOUND
        self.checked = 0


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.chdir(tmp_path)
    found = Machine()

    def check(device: str) -> Verdict:
        assert device == "cuda"
        found.checked += 1
        return found.verdict

    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: found.gpu)
    monkeypatch.setattr(gpus, "driver", lambda: found.driver)
    monkeypatch.setattr(remembered, "check", check)
    return found


def silent(line: str) -> None:
    raise AssertionError(line)


def test_a_gpu_is_checked_once_and_one_line_is_said(machine: Machine) -> None:
    said: list[str] = []
    assert remembered.of_this_gpu(said.append) == FOUND
    (line,) = said
    (file,) = paths.VERDICTS.iterdir()
    assert line.startswith("NVIDIA H100: checked before its first run, in 0 s: something is wrong")
    assert line.endswith(f"({file})")
    assert remembered.of_this_gpu(silent) == FOUND
    assert machine.checked == 1


def test_a_gpu_that_is_well_is_said_to_be(machine: Machine) -> None:
    machine.verdict = Verdict("", "")
    said: list[str] = []
    remembered.of_this_gpu(said.append)
    assert ": all is well (" in said[0]


def other_gpu(machine: Machine, patch: pytest.MonkeyPatch) -> None:
    machine.gpu.uuid = "b"


def other_driver(machine: Machine, patch: pytest.MonkeyPatch) -> None:
    machine.driver = "580.2"


def other_torch(machine: Machine, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(torch, "__version__", "3.0")


def other_code(machine: Machine, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(remembered, "fingerprint", lambda *places: "another")


def other_cudnn(machine: Machine, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(torch.backends.cudnn, "version", lambda: 91900)


def tf32_by_the_driver(machine: Machine, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("NVIDIA_TF32_OVERRIDE", "1")


def products_by_emulation(machine: Machine, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("CUBLAS_EMULATE_SINGLE_PRECISION", "1")


@pytest.mark.parametrize(
    "change",
    [
        *(other_gpu, other_driver, other_torch, other_code),
        *(other_cudnn, tf32_by_the_driver, products_by_emulation),
    ],
)
def test_what_a_verdict_depends_on_makes_another(
    change: Callable[..., None], machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered.of_this_gpu(print)
    change(machine, monkeypatch)
    remembered.of_this_gpu(print)
    assert machine.checked == 2
    assert len(list(paths.VERDICTS.iterdir())) == 2


def test_code_that_is_no_part_of_a_run_counts_too() -> None:
    """How graphs are recorded has no identity, but a verdict is about it."""
    assert fingerprint(*remembered.CODE) != fingerprint(
        *remembered.CODE, without=("training/cuda",)
    )


def damaged(content: Any) -> str:
    return json.dumps(content)[:100]


def without_rows(content: Any) -> str:
    del content["rows"]
    return json.dumps(content)


def of_another(content: Any) -> str:
    content["about"]["uuid"] = "b"
    return json.dumps(content)


@pytest.mark.parametrize("change", [damaged, without_rows, of_another])
def test_what_cannot_be_read_is_made_again(change: Callable[[Any], str], machine: Machine) -> None:
    remembered.of_this_gpu(print)
    (file,) = paths.VERDICTS.iterdir()
    file.write_text(change(json.loads(file.read_text())))
    assert remembered.of_this_gpu(print) == FOUND
    assert machine.checked == 2
    assert remembered.of_this_gpu(silent) == FOUND
