"""What `make bench-gpu` looks at before it measures: its checks and memory, on stand-ins."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from checked import CASES
from digitpairs.cluster import gpus
from digitpairs.selfcheck.cases import Case
from digitpairs.spec import RunSpec
from project import ROOT

sys.path.insert(0, str(ROOT))
from benchmarks import gpu_checks, gpu_memory, gpu_row

NETS = gpu_memory.cases()


def test_the_self_check_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from digitpairs.selfcheck.check import Row, Verdict

    rows = [Row("MLP", 1e-7, 1e-4, False), Row("net", 0.0, 0.0, again=True, draws=2)]
    found = Verdict("", "MLP: other", rows)
    asked: list[Any] = []

    def check(device: str, train: Any = None, of: Any = None) -> Verdict:
        asked.append((train, of))
        return Verdict("off" if train and len(asked) < 4 else "", "") if of else found

    monkeypatch.setattr(gpu_checks, "check", check)
    _, *shown = gpu_checks.self_check(Path(), "cpu")
    assert [(one["what"], gpu_row.cell(one)) for one in shown[:11]] == [
        ("MLP: losses against float64", "1.0e-07"),
        ("MLP: weights against float64", "1.0e-04"),
        ("MLP: graphs come to the same bits", "NO"),
        ("net: losses against float64", "0.0e+00"),
        ("net: weights against float64", "0.0e+00"),
        ("net: near enough on draw 2 alone", ""),
        ("net: its kernels repeat their bits", "yes"),
        ("all errors are rounding", "yes"),
        ("MLP: other", "NO"),
        ("a full stack of ConvNets is well", "yes"),
        ("MLP: TF32 is found", "yes"),
    ]
    assert {gpu_row.cell(one) for one in shown[11:]} == {"NO"}
    assert len(shown[10:]) == len(CASES)
    (full,) = asked[1][1]
    assert (len(full.specs), full.specs[0].batch_size) == (60, 100)
    assert full.specs[0].model.family == "siamese_convnet"


def test_tf32_is_on_while_a_case_is_trained_and_off_after_it() -> None:
    """By what torch is told: this processor has none."""
    seen: list[Any] = []

    def told() -> tuple[str, bool]:
        return torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32

    def train(case: Case, device: str) -> Any:
        gpu_checks.loop.full_precision()  # as all training does
        seen.append(told())

    gpu_checks.in_tf32(CASES["MLP"], "cpu", train)
    assert seen == [("high", True)]
    assert told() == ("highest", False)


@pytest.mark.parametrize(("used", "holds"), [("GPU-a", 1), ("GPU-b", 0)])
def test_the_lock_is_that_of_the_gpu_in_use(
    used: str, holds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = gpu_checks.HELD.partition("torch.zeros")[0].replace("import os, torch", "import os")
    script = script.replace("gpus.hold(1, lambda line: None)", "os.environ[gpus.VISIBLE] = 'GPU-a'")
    monkeypatch.setattr(
        gpu_checks, "HELD", f"{script}print(os.environ.get(gpus.VISIBLE), {used!r})"
    )
    monkeypatch.setattr(gpus, "listed", lambda: ["GPU-a"])
    (one,) = gpu_checks.lock(Path())
    assert one["value"] == holds


def test_without_nvidia_smi_there_are_no_locks_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "listed", list)
    (one,) = gpu_checks.lock(Path())
    assert (one["unit"], one["what"][:8]) == ("note", "skipped:")


def test_company_compares_a_run_with_itself_in_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """On this CPU a run of an MLP has its own bits in any stack."""
    (mlp,) = [case for case in gpu_checks.nets() if case.label == "MLP"]
    monkeypatch.setattr(gpu_checks, "nets", lambda: [mlp])
    (same,) = gpu_checks.company(Path(), "cpu", (2, 3))
    assert (same["value"], same["runs"]) == (1, 6)
    train = gpu_checks.loop.train

    def depends(specs: list[RunSpec], sets: Any, device: str) -> Any:
        result = train(specs, sets, device)
        result.histories[0].epochs["train_loss"][0] += 1e-7 * (len(specs) == 3)
        return result

    monkeypatch.setattr(gpu_checks.loop, "train", depends)
    (half,) = gpu_checks.company(Path(), "cpu", (2, 3))
    assert half["value"] == 0.5


def test_memory_is_held_against_its_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_memory, "cases", lambda: NETS[:1])
    monkeypatch.setattr(gpu_memory.device, "room", lambda jobs, processes: 10**9)
    monkeypatch.setattr(gpu_memory.footprint, "needed", lambda spec, runs: 100)
    monkeypatch.setattr(gpu_memory, "halved", lambda folder: iter(()))
    for taken, fits in ((120, 1), (130, 0)):  # a fifth of what is free is left to others
        monkeypatch.setattr(gpu_memory, "peak", lambda spec, runs, taken=taken: taken)
        share, room = gpu_memory.memory(Path())
        assert (share["value"], share["runs"], room["value"]) == (taken / 100, 60, fits)


@pytest.mark.parametrize("most", [2, 4])
def test_a_stack_in_too_little_memory_is_seen_to_be_halved(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a GPU of which a real training step of an MLP on the CPU takes a byte a run."""
    fraction, tops, train = [1.0], [0], gpu_memory.loop.train

    def small(specs: list[RunSpec], sets: Any, device: str, *rest: Any) -> Any:
        assert device == "cuda"
        if len(specs) > fraction[-1] * 100:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        tops.append(len(specs))
        return train(specs, sets, "cpu", *rest)

    mlp = next(net for net in NETS if net.label == "MLP")
    monkeypatch.setattr(gpu_memory, "chosen", lambda: mlp)
    monkeypatch.setattr(gpu_memory, "RUNS", 4)
    monkeypatch.setattr(gpu_memory, "LITTLE", most / 4)
    monkeypatch.setattr(gpu_memory.loop, "train", small)
    monkeypatch.setattr("digitpairs.runs.block.environment", lambda device: {"device": device})
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: None)
    monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda: max(tops))
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(
        torch.cuda, "get_device_properties", lambda which: SimpleNamespace(total_memory=100)
    )
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", fraction.append)
    halved, error, rounding = gpu_memory.halved(tmp_path)
    assert halved["value"] == (most < 4)
    assert (error["value"], rounding["value"]) == (0, 1)  # a CPU's runs have their own bits
    assert tops[1:] == [4, *([2, 2] if most < 4 else [4])]
    assert fraction == [1.0, most / 100, 1.0]
