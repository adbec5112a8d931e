"""What `make bench-gpu` does, on a CPU: its parts on a stand-in, what it prints and how it ends."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import torch

import standin_gpu
from digitpairs.cluster import gpus
from digitpairs.runs.device import gpu_trouble
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import RunSpec
from digitpairs.study.schema import Params
from project import ROOT

sys.path.insert(0, str(ROOT))
from benchmarks import (
    figures,
    gpu,
    gpu_limit,
    gpu_means,
    gpu_row,
    gpu_runs,
    tables,
)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has a GPU, as far as the command asks; nothing is written elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gpu, "gpu_trouble", lambda: None)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "H100")
    return tmp_path


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_the_command_says_so_and_fails() -> None:
    command = [sys.executable, "-m", "benchmarks", "gpu"]
    before = (ROOT / "docs/performance.md").read_bytes()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    needs = "bench-gpu needs an NVIDIA GPU; docs/performance.md lists what is owed to one"
    assert done.stderr == f"error: {needs}; {gpu_trouble()}\n"
    assert done.stdout == ""
    assert (ROOT / "docs/performance.md").read_bytes() == before


def test_the_page_lists_each_part_that_is_owed() -> None:
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    table = page.partition("| Part | What it tells |\n| --- | --- |\n")[2].partition("\n\n")[0]
    parts = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()]
    assert parts == list(gpu.PARTS)


def good(folder: Path) -> Iterator[gpu_row.Row]:
    yield gpu_row.row("all runs", 25, "s", 690)
    difference = gpu_row.row("mlp, best epoch", 0.001, "difference", 15)
    yield {**difference, "low": -0.001, "high": 0.003}


def broken(folder: Path) -> Iterator[gpu_row.Row]:
    yield gpu_row.row("first", 1, "s")
    raise RuntimeError("CUDA error: out of luck\nMore")


def refuted(folder: Path) -> Iterator[gpu_row.Row]:
    yield gpu_row.row("graphs can be trusted", False, "holds")


def failing(folder: Path) -> Iterator[gpu_row.Row]:
    yield gpu_row.row("again", 3, "s")
    sys.exit("snakemake failed")


def test_a_part_that_fails_is_told_and_the_others_go_on(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {"broken": broken, "refuted": refuted, "failing": failing, "training": good}
    monkeypatch.setattr(gpu, "PARTS", parts)
    with pytest.raises(SystemExit, match="not as it should be: broken, refuted, failing"):
        gpu.main()
    printed = capsys.readouterr().out
    for line in (
        "| training | all runs | 690 | 25.00 s |",
        "| training | mlp, best epoch | 15 | +0.0010 (-0.0010 to +0.0030) |",
        "| broken | CUDA error: out of luck |  | failed |",
        "| refuted | graphs can be trusted |  | NO |",
        "| failing | snakemake failed |  | failed |",
    ):
        assert line in printed
    shown = gpu.shown(tables.read("gpu"))
    assert shown in printed  # what is read again from the file is the table that was printed


def test_a_part_that_is_measured_again_takes_the_place_of_its_rows(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "PARTS", {"training": good, "other": good})
    gpu.main()
    assert torch.backends.cudnn.deterministic
    gpu.main("training")
    table = tables.read("gpu")
    assert table is not None
    assert sorted(table["part"]) == ["other", "other", "training", "training"]
    with pytest.raises(SystemExit, match="--only nothing: choose of training, other"):
        gpu.main("nothing")


def measured(rows: list[gpu_row.Row]) -> figures.Measured:
    frame = pd.DataFrame([{"part": "training", **one} for one in rows])
    return figures.Measured(None, None, frame, None, None, None)


def test_a_goal_is_the_sum_of_a_part_that_did_not_break_off() -> None:
    rows = [gpu_row.row("a", 12, "s"), gpu_row.row("b", 13, "s")]
    assert measured(rows).gpu_seconds("training") == [25]
    assert measured(rows).gpu_seconds("command line") == []
    assert measured([*rows, gpu_row.row("x", 0, "failed")]).gpu_seconds("training") == []


def test_all_runs_are_trained_by_family_as_memory_lets_them(
    mlp_run: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin_gpu.recording(monkeypatch)
    runs = [PlannedRun("mlp", replace(mlp_run, seed=seed), "pairs") for seed in range(3)]
    trained: list[int] = []

    def train(specs: list[RunSpec], sets: Any, device: str) -> Any:
        trained.append(len(specs))
        assert set(sets) == {spec.seed for spec in specs}
        return SimpleNamespace(engine="Stacked")

    monkeypatch.setattr(gpu_runs, "planned", lambda: runs)
    monkeypatch.setattr(gpu_runs, "drawn", lambda seed: {})
    monkeypatch.setattr(gpu_runs.torch, "zeros", lambda *of, **more: None)
    monkeypatch.setattr(gpu_runs.device, "room", lambda jobs, processes: 77)
    monkeypatch.setattr(
        gpu_runs.batches, "batches", lambda runs, device, room: [runs[:2], runs[2:]]
    )
    monkeypatch.setattr(gpu_runs.loop, "train", train)
    counting, one = gpu_runs.training(Path())
    assert (counting["what"], counting["unit"]) == ("counting what fits its memory", "s")
    assert (one["what"], one["runs"], trained) == ("mlp, Stacked", 3, [2, 1])


def recorded(folder: Path, path: str, accuracy: list[float], status: str = "finished") -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"status": status, "epochs": {"test_accuracy": accuracy}}))


@pytest.fixture
def runs(mlp_run: RunSpec) -> list[PlannedRun]:
    return [PlannedRun("mlp", replace(mlp_run, seed=seed), "pairs") for seed in range(3)]


def test_two_jobs_are_held_against_one(
    tmp_path: Path, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    for run in runs:
        recorded(tmp_path / "one", run.path, [0.5, 0.8])
        recorded(tmp_path / "two", run.path, [0.5, 0.8 if run.spec.seed else 0.7])
    asked: list[Any] = []
    seen: list[str | None] = []

    def note(*command: object) -> None:
        asked.append(command)
        seen.append(os.environ.get(gpus.VISIBLE))

    monkeypatch.setattr(gpu_runs, "run", note)
    monkeypatch.setattr(gpus, "listed", lambda: listed)
    monkeypatch.delenv(gpus.VISIBLE, raising=False)
    listed = ["GPU-a", "GPU-b"]
    wall, same = gpu_runs.two_jobs(tmp_path)
    listed = ["GPU-a"]
    list(gpu_runs.two_jobs(tmp_path))
    # Of several GPUs one for both, for each would have its own. Of one alone each locks a half.
    assert seen == ["GPU-a", None]
    assert gpus.VISIBLE not in os.environ
    assert (wall["runs"], same["runs"]) == (3, 3)
    assert same["value"] == pytest.approx(2 / 3)
    command = asked[0]
    assert {"profiles/gpu", "gpu=2"} <= set(command)
    assert any("jobs_per_gpu=2" in str(word) for word in command)


def test_what_two_jobs_are_held_against_is_trained_where_it_is_missing(
    tmp_path: Path, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def train(*command: Any) -> None:
        folder = command[command.index("--directory") + 1]
        made.append(folder.name)
        recorded(folder, runs[len(made) * other].path, [0.5])

    monkeypatch.setattr(gpu_runs, "run", train)
    other = 0
    assert [one["unit"] for one in gpu_runs.two_jobs(tmp_path)] == ["s", "share"]
    assert made == ["one", "two"]
    made.clear()
    shutil.rmtree(tmp_path / "one")
    shutil.rmtree(tmp_path / "two")
    other = 1
    with pytest.raises(LookupError, match="no run was trained by one job and by two"):
        list(gpu_runs.two_jobs(tmp_path))


def test_the_accuracy_of_our_best_is_that_of_its_students(
    tmp_path: Path, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its teachers are recorded in the same folder, and so may other variants be."""
    student, teacher, diverged = runs
    for run, accuracy, status in (
        (student, 0.8, "finished"),
        (teacher, 0.4, "finished"),
        (diverged, 0.2, "diverged"),
    ):
        recorded(tmp_path / "beyond", run.path, [accuracy], status)
    listed = [student, replace(teacher, name="other"), diverged]
    monkeypatch.setattr(gpu_runs, "run", lambda *command: None)
    monkeypatch.setattr(gpu_runs, "newest", lambda known: "mlp")
    monkeypatch.setattr(gpu_runs, "on_these_digits", lambda folder: listed)
    _, mean = gpu_runs.beyond(tmp_path)
    assert (mean["what"], mean["value"], mean["runs"]) == ("mlp: mean accuracy", 0.8, 1)


@pytest.mark.parametrize("part", [gpu_runs.command_line, gpu_runs.two_jobs, gpu_runs.beyond])
def test_snakemake_knows_what_it_is_asked_for(
    part: Callable[[Path], Iterator[gpu_row.Row]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By real dry runs: the targets are there, and what is set is a key of the params."""
    run, asked = gpu_runs.run, []

    def dry(*command: object) -> str:
        asked.append(command)
        return run(*command, "--dry-run")

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(gpu_runs, "run", dry)
    rows = part(tmp_path)
    wall = next(rows)
    # What two jobs are held against is missing here, so it is asked for, too.
    assert (wall["unit"], wall["runs"]) == ("s", 0)
    assert len(asked) == 1 + (part is gpu_runs.two_jobs)
    if part is gpu_runs.beyond:
        with pytest.raises(LookupError, match="has no digits"):
            next(rows)


def test_means_are_of_the_same_seeds(
    tmp_path: Path, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    for run, by in zip(runs, (0.01, 0.02, 0.03), strict=True):
        recorded(tmp_path / "one", run.path, [0.9 + by, 0.8])
        recorded(tmp_path / "cpu", run.path, [0.9, 0.8])
    monkeypatch.delenv("DIGITPAIRS_MNIST", raising=False)
    monkeypatch.setattr(gpu_runs, "run", lambda *command: None)
    monkeypatch.setattr(gpu_means, "on_these_digits", lambda folder: runs)
    made, best, final, outside = gpu_means.means(tmp_path)
    assert made["what"] == "the CPU's: made here"
    assert best["what"] == "mlp, best epoch: GPU less CPU"
    assert best["value"] == pytest.approx(0.02)
    half = 4.302653 * 0.01 / 3**0.5  # Student's t, two degrees of freedom
    assert (best["low"], best["high"]) == pytest.approx((0.02 - half, 0.02 + half), rel=1e-5)
    assert (final["value"], final["runs"]) == (0, 3)
    assert outside["value"] == 0
    recorded(tmp_path / "one", runs[2].path, [0.9], "diverged")
    assert next(iter(gpu_means.differences(*both(tmp_path, runs))))["runs"] == 2


def both(folder: Path, runs: list[PlannedRun]) -> Iterator[pd.DataFrame]:
    for name in ("one", "cpu"):
        yield gpu_means.accuracies(runs, gpu_runs.records(folder / name))


def test_with_mnist_the_committed_results_are_the_cpus(
    tmp_path: Path, runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = pd.read_csv(ROOT / gpu_means.COMMITTED).query("variant == 'mlp'")
    for run in runs:
        (one,) = committed[committed["seed"] == run.spec.seed].itertuples()
        recorded(tmp_path / "one", run.path, [one.best_accuracy, one.final_accuracy])
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("DIGITPAIRS_MNIST", str(tmp_path))
    monkeypatch.setattr(gpu_runs, "run", lambda *command: None)
    monkeypatch.setattr(gpu_means, "on_these_digits", lambda folder: runs)
    _, best, final, _ = gpu_means.means(tmp_path)
    assert [best["value"], final["value"]] == pytest.approx([0, 0], abs=1e-12)
    assert best["runs"] == 3


def test_the_newest_recipe_is_named_by_the_params(
    full_params: Params, quick_params: Params
) -> None:
    assert gpu_runs.newest(quick_params) is None
    name = gpu_runs.newest(full_params)
    assert name in full_params.variants
    assert name == full_params.studies["ladder"].variants[-1]


def test_where_there_is_no_such_recipe_it_is_skipped(
    quick_params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_runs, "params", lambda: quick_params)
    (one,) = gpu_runs.beyond(Path())
    assert one["what"].startswith("skipped")
    assert gpu_row.cell(one) == ""


def test_the_largest_kernels_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [("b|c", 30.0), ("a", 50.0), *((f"k{n}", 1.0) for n in range(20))]
    runs, first, second, *rest = gpu_limit.largest("MLP", events, 400)
    assert runs["value"] == 0.25
    assert (first["what"], first["value"]) == ("MLP: `a`", 0.5)
    assert second["what"] == "MLP: `b/c`"  # a table of Markdown has its bars
    assert len(rest) == gpu_limit.TOP - 2
    with pytest.raises(LookupError, match="saw no kernel"):
        list(gpu_limit.largest("MLP", [("a", 0.0)], 1))


def test_a_stack_is_profiled() -> None:
    (mlp,) = [case for case in gpu_limit.cases() if case.label == "MLP"]
    wall, busy, *parts = gpu_limit.of_stack(mlp, "cpu", 2)
    assert wall["runs"] == 2
    assert 0 < busy["value"] < 2
    assert any("baddbmm" in one["what"] for one in parts)


def test_the_limit_is_counted_work_at_the_measured_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame([{"part": "training", **gpu_row.row("all", 50, "s")}])
    monkeypatch.setattr(tables, "read", lambda name: table)
    monkeypatch.setattr(gpu_limit, "product", lambda side, runs, device: 1e12 * side)
    peak, least, share = gpu_limit.limit(Path(), "cpu", (2, 4))
    assert peak["value"] == 4e12
    assert least["value"] > 0
    assert share["value"] == pytest.approx(least["value"] / 50)
    failed = pd.DataFrame([{"part": "training", **gpu_row.row("broke off", 0, "failed")}])
    monkeypatch.setattr(tables, "read", lambda name: failed)
    with pytest.raises(LookupError, match="was not measured"):
        list(gpu_limit.limit(Path(), "cpu", (2,)))


def test_a_product_is_timed() -> None:
    assert 1e6 < gpu_limit.product(32, 4, "cpu") < 1e13


def test_every_unit_can_be_written() -> None:
    write: Callable[[str], str] = lambda unit: gpu_row.cell(gpu_row.row("x", 1, unit))  # noqa: E731
    assert {unit: write(unit) for unit in ("s", "holds", "error", "share", "pace")} == {
        "s": "1.00 s",
        "holds": "yes",
        "error": "1.0e+00",
        "share": "100.0%",
        "pace": "0.00 T multiply-adds a second",
    }
