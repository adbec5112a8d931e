"""The device that trains, with stand-ins for torch and the locks: what torch says decides."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import standin_gpu
from digitpairs.cluster import gpus
from digitpairs.errors import UserError
from digitpairs.runs import device
from digitpairs.runs.device import choose_device, enough_memory, gpu_trouble
from digitpairs.selfcheck import remembered
from digitpairs.selfcheck.cases import cases as all_cases
from digitpairs.selfcheck.check import Verdict, check
from digitpairs.training.cuda import graphs
from digitpairs.training.cuda.graphs import Replayed

OLD_DRIVER = RuntimeError("The NVIDIA driver on your system is too old (found 11040).\nMore")
UNSUPPORTED = torch.AcceleratorError(
    "CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors"
)
OF_THIS_GPU = remembered.of_this_gpu
FULL = torch.cuda.OutOfMemoryError("CUDA out of memory.")
NOT_COMPILED = AssertionError("Torch not compiled with CUDA enabled")
NO_WORD = RuntimeError("")


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked of the locks; the machine has a GPU."""
    asked: list[Any] = []
    monkeypatch.setattr(gpus, "hold", lambda jobs, say: asked.append(jobs))
    monkeypatch.setattr(gpus, "release", lambda: asked.append("released"))
    monkeypatch.setattr(gpus, "listed", lambda: ["GPU-a"])
    monkeypatch.delenv(gpus.VISIBLE, raising=False)
    return asked


class Torch:
    """Stands in for CUDA in torch: as it starts, and as it runs a kernel."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch = monkeypatch
        self.kernels: list[str] = []

    def starts(self, error: Exception | None = None) -> None:
        def init() -> None:
            if error:
                raise error

        self.patch.setattr(torch.cuda, "is_available", lambda: error is None)
        self.patch.setattr(torch.cuda, "init", init)

    def runs(self, error: Exception | None = None) -> None:
        def zeros(count: int, device: str) -> torch.Tensor:
            self.kernels.append(device)
            if error:
                raise error
            return torch.ones(count)

        self.patch.setattr(torch, "zeros", zeros)


@pytest.fixture(autouse=True)
def steps() -> Iterator[None]:
    """Leave this process's steps as they were."""
    with graphs.eagerly(False):
        yield


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Torch:
    """A GPU that works, as its self-check found."""
    finds(monkeypatch, "", "")
    standin = Torch(monkeypatch)
    standin.starts()
    standin.runs()
    return standin


def finds(patch: pytest.MonkeyPatch, trouble: str, of_graphs: str) -> None:
    """What the self-check finds."""
    patch.setattr(remembered, "of_this_gpu", lambda say: Verdict(trouble, of_graphs))


def silent(line: str) -> None:
    raise AssertionError(line)


@pytest.mark.parametrize("wanted", ["auto", "cuda"])
def test_a_gpu_that_runs_a_kernel_is_taken(wanted: str, cuda: Torch, locks: list[Any]) -> None:
    assert choose_device(wanted, 3, silent) == "cuda"
    assert cuda.kernels == ["cuda"]
    assert locks == [3]


def test_the_cpu_asks_for_no_gpu(cuda: Torch, locks: list[Any]) -> None:
    assert choose_device("cpu", 1, silent) == "cpu"
    assert (cuda.kernels, locks) == ([], [])


TROUBLE = pytest.mark.parametrize(
    ("starting", "running", "reason"),
    [
        (OLD_DRIVER, None, "The NVIDIA driver on your system is too old (found 11040)."),
        (NOT_COMPILED, None, "Torch not compiled with CUDA enabled"),
        (None, UNSUPPORTED, "CUDA error: no kernel image is available for execution on the device"),
        (None, FULL, "CUDA out of memory."),
        (None, NO_WORD, "RuntimeError('')"),
    ],
)


@TROUBLE
def test_a_gpu_that_cannot_be_used_is_named_left_and_no_reason_to_stop(
    starting: Exception | None,
    running: Exception | None,
    reason: str,
    cuda: Torch,
    locks: list[Any],
) -> None:
    cuda.starts(starting)
    cuda.runs(running)
    said: list[str] = []
    assert choose_device("auto", 1, said.append) == "cpu"
    assert said == [
        "WARNING: trains on the CPU, although this machine has a GPU: "
        f"torch cannot use a GPU here: {reason}"
    ]
    assert locks == [1, "released"]


@TROUBLE
def test_a_gpu_that_is_asked_for_and_cannot_be_used_is_an_error(
    starting: Exception | None,
    running: Exception | None,
    reason: str,
    cuda: Torch,
    locks: list[Any],
) -> None:
    cuda.starts(starting)
    cuda.runs(running)
    with pytest.raises(UserError) as raised:
        choose_device("cuda", 1, silent)
    trouble = f"torch cannot use a GPU here: {reason}"
    assert str(raised.value) == f"execution.device: 'cuda': {trouble}; set it to auto or cpu"
    assert locks == [1, "released"]


def test_a_machine_without_a_gpu_says_nothing(
    cuda: Torch, locks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpus, "listed", list)
    cuda.starts(RuntimeError("Found no NVIDIA driver on your system."))
    assert choose_device("auto", 1, silent) == "cpu"


def test_where_the_user_hides_all_gpus_nothing_is_said(
    cuda: Torch, locks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(gpus.VISIBLE, "")
    cuda.starts(RuntimeError("No CUDA GPUs are available"))
    assert choose_device("auto", 1, silent) == "cpu"


@pytest.mark.parametrize("error", [None, RuntimeError("CUDA error: unspecified launch failure")])
def test_a_gpu_that_is_left_gets_its_memory_back_before_another_job_takes_it(
    error: Exception | None, cuda: Torch, locks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def free() -> None:
        locks.append("freed")
        if error:
            raise error

    finds(monkeypatch, "MLP: its losses are off", "")
    monkeypatch.setattr(device, "free_gpu", free)
    assert choose_device("auto", 1, lambda line: None) == "cpu"
    assert locks == [1, "freed", "released"]


@pytest.mark.parametrize("of_graphs", ["", "MLP: other numbers"])
def test_a_gpu_that_computes_what_it_should_not_is_left(
    of_graphs: str, cuda: Torch, locks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    finds(monkeypatch, "MLP: its losses are off by 1e-03 (1e-05 may be rounding)", of_graphs)
    why = "it computes what it should not: MLP: its losses are off by 1e-03 (1e-05 may be rounding)"
    said: list[str] = []
    assert choose_device("auto", 1, said.append) == "cpu"
    assert said == [f"WARNING: trains on the CPU, although this machine has a GPU: {why}"]
    assert locks == [1, "released"]
    with pytest.raises(UserError) as raised:
        choose_device("cuda", 1, silent)
    assert str(raised.value) == f"execution.device: 'cuda': {why}; set it to auto or cpu"
    assert not graphs.eager()


def test_a_gpu_whose_graphs_are_wrong_is_taken_without_them(
    cuda: Torch, locks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    finds(monkeypatch, "", "MLP: other numbers")
    said: list[str] = []
    assert choose_device("auto", 1, said.append) == "cuda"
    assert said == ["WARNING: trains without CUDA graphs, which takes longer: MLP: other numbers"]
    assert graphs.eager()
    assert locks == [1]


def test_a_gpu_whose_graphs_are_wrong_is_an_error_where_it_is_asked_for(
    cuda: Torch, locks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    finds(monkeypatch, "", "MLP: other numbers")
    with pytest.raises(UserError) as raised:
        choose_device("cuda", 1, silent)
    assert str(raised.value) == (
        "execution.device: 'cuda': MLP: other numbers; "
        "set it to auto, which then trains without graphs, or to cpu"
    )
    assert locks == [1, "released"]
    assert not graphs.eager()


def test_a_gpu_that_is_too_full_to_check_is_left(
    cuda: Torch, locks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(say: Any) -> Verdict:
        raise FULL

    monkeypatch.setattr(remembered, "of_this_gpu", full)
    said: list[str] = []
    assert choose_device("auto", 1, said.append) == "cpu"
    assert said == [
        "WARNING: trains on the CPU, although this machine has a GPU: too little memory is free on "
        "the GPU for the check before its first run: CUDA out of memory."
    ]
    assert locks == [1, "released"]


def test_a_gpu_that_runs_no_kernel_is_not_checked(
    cuda: Torch, locks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "of_this_gpu", silent)
    cuda.starts(OLD_DRIVER)
    assert choose_device("auto", 1, lambda line: None) == "cpu"


def test_the_check_itself_decides_once_for_all_jobs(
    cuda: Torch, locks: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a fault of graphs on a stand-in to what a job says; the next job reads the verdict."""
    standin_gpu.recording(monkeypatch)
    record, checked = Replayed.record, []

    def stale(self: Replayed, argument: torch.Tensor) -> Any:
        graph, _, result = record(self, argument)
        return graph, torch.empty_like(argument), result

    def short(device: str) -> Verdict:
        checked.append(device)
        cases = [case for case in all_cases() if case.name == "MLP"]
        return check(standin_gpu.GPU, of=cases)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(remembered, "of_this_gpu", OF_THIS_GPU)
    monkeypatch.setattr(remembered, "described", lambda: {"gpu": "H100"})
    monkeypatch.setattr(remembered, "check", short)
    monkeypatch.setattr(Replayed, "record", stale)
    why = "MLP: CUDA graphs come to other numbers than the same kernels without them"
    for lines in (2, 1):
        said: list[str] = []
        assert choose_device("auto", 1, said.append) == "cuda"
        assert said[-1] == f"WARNING: trains without CUDA graphs, which takes longer: {why}"
        assert len(said) == lines
    assert checked == ["cuda"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_torch_itself_says_why_it_has_no_gpu() -> None:
    trouble = gpu_trouble()
    assert trouble is not None
    assert "\n" not in trouble
    assert trouble.startswith("torch cannot use a GPU here: ")


def test_too_little_memory_says_what_to_set() -> None:
    advice = r"too little memory .* execution\.jobs_per_gpu to 1"
    with pytest.raises(UserError, match=advice), enough_memory():
        raise FULL


@pytest.mark.parametrize(
    ("jobs", "processes", "free", "room"),
    [
        (1, 1, 80, 64),
        (1, 1, 50, 40),  # another user has the rest
        (2, 1, 80, 32),  # the second job is still to come
        (2, 1, 20, 16),
        (1, 4, 80, 16),
        (2, 2, 80, 16),
    ],
)
def test_a_process_may_take_its_share_of_a_gpu(
    jobs: int, processes: int, free: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [30]  # of what is freed, until the cache is emptied
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (free - sum(kept), 80))
    monkeypatch.setattr(torch.cuda, "empty_cache", kept.clear)
    assert device.room(jobs, processes) == room


def test_too_little_memory_on_the_machine_says_what_to_set() -> None:
    for ask in (lambda: torch.empty(10**17), lambda: bytes(10**17)):
        with pytest.raises(UserError, match=r"too little memory\. .*mem_mb=N"), enough_memory():
            ask()


def test_other_errors_of_torch_are_not_about_memory() -> None:
    with pytest.raises(RuntimeError, match="invalid shape"), enough_memory():
        raise RuntimeError("invalid shape")
