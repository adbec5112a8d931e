"""The benchmarks can be run, and their pages show what was measured last."""

import shutil
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from digitpairs.models.registry import architecture_of
from digitpairs.study.schema import Params
from project import ROOT

MODULES = [file.stem for file in (ROOT / "benchmarks").glob("[!_]*.py")]


@pytest.fixture(autouse=True)
def benchmarks_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)


@pytest.mark.parametrize("name", MODULES)
def test_every_part_can_be_imported(name: str) -> None:
    import_module(f"benchmarks.{name}")


def test_the_pages_show_what_was_measured_last(tmp_path: Path) -> None:
    for folder in ("docs", "reports/benchmarks"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    command = [sys.executable, "-m", "benchmarks", "page"]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    for page in ("performance.md", "clusters.md"):
        shown = (ROOT / "docs" / page).read_bytes()
        assert (tmp_path / "docs" / page).read_bytes() == shown, "python -m benchmarks page"


def test_a_page_without_its_marks_is_an_error(tmp_path: Path) -> None:
    page = import_module("benchmarks.page")
    file = tmp_path / "page.md"
    file.write_text("no marks", encoding="utf-8")
    with pytest.raises(SystemExit, match="lost its marks for goals"):
        page.fill(file, {"goals": "a table"})


def test_the_products_alone_are_all_those_of_an_mlp() -> None:
    cases, products = map(import_module, ("benchmarks.cases", "benchmarks.products"))
    mlps = [case.spec.model for case in cases.cases() if "mlp" in case.spec.model.family]
    mlps.append(replace(mlps[-1], shared=True))
    for model in mlps:
        layers = products.layers(model, pairs=7)
        done = sum(layer.rows * layer.inputs * layer.outputs for layer in layers)
        assert done == 7 * architecture_of(model).multiply_adds
        pixels = [layer for layer in layers if layer.first]
        assert {layer.inputs for layer in pixels} <= {14 * 14, 2 * 14 * 14}
        assert len(pixels) == len(architecture_of(model).branches)


def test_each_loop_trains_the_same_net() -> None:
    """For one epoch: they measure the same things, and count the same work a run."""
    cases, training = map(import_module, ("benchmarks.cases", "benchmarks.training"))
    mlp = next(case for case in cases.cases() if case.label == "Siamese MLP, WS, λ = 1")
    rows = training.trained(replace(mlp, spec=replace(mlp.spec, epochs=1), runs=2))
    expected = [training.REFERENCE, training.PLAIN, training.OURS, training.ALONE]
    assert [row["engine"] for row in rows] == expected
    assert [row["runs"] for row in rows] == [1, 1, 2, 2]
    assert len({row["multiply_adds"] / row["runs"] for row in rows}) == 1
    assert all(row["cpu_seconds"] > 0 for row in rows)


def test_plain_loops_measure_what_ours_does() -> None:
    cases, loops = map(import_module, ("benchmarks.cases", "benchmarks.loops"))
    net = next(case for case in cases.cases() if case.label == "Siamese MLP")
    spec = replace(net.spec, epochs=1)
    (plain,) = loops.plain_fast(spec, cases.drawn(0))
    loop = import_module("digitpairs.training.loop")
    (ours,) = loop.train([spec], {0: cases.drawn(0)}).histories
    assert plain.keys() == ours.epochs.keys()
    for name, value in plain.items():
        assert value == pytest.approx(ours.epochs[name][0], abs=2e-3), name


def test_all_loops_of_a_stack_measure_the_same() -> None:
    """And train: after an epoch the digits are known better than by guessing."""
    cases, stack = map(import_module, ("benchmarks.cases", "benchmarks.stack"))
    spec = replace(stack.spec(), epochs=2)
    found = {name: train(spec, cases.drawn(0)) for name, train in stack.LOOPS.items()}
    assert len(found) == 3
    names = [[sorted(epoch) for epoch in epochs] for epochs in found.values()]
    assert all(epochs == names[0] for epochs in names)
    for name, epochs in found.items():
        assert len(epochs) == 2
        assert epochs[1]["train_loss"] < epochs[0]["train_loss"] < 5.5, name


def test_only_a_draw_an_image_changes_images_one_by_one() -> None:
    stack, torch = map(import_module, ("benchmarks.stack", "torch"))
    images = torch.rand(1, 1, 14, 14).expand(6, 1, 14, 14)
    for change, alike in ((stack.affine, True), (stack.each_image, False)):
        changed = change(0.0)(images)
        assert changed.shape == images.shape
        assert bool((changed == changed[:1]).all()) is alike


@pytest.mark.parametrize("number", [2, 8, 64])
def test_the_committed_simulation_is_that_of_the_code_as_it_is(
    number: int, full_params: Params
) -> None:
    """Where it fails: `python -m benchmarks cores`."""
    cores = import_module("benchmarks.cores")
    steps, runs, committed = (
        pd.read_csv(ROOT / "reports/benchmarks" / f"{name}.csv")
        for name in ("steps", "runs", "cores")
    )
    took = dict(zip(steps["step"], steps["seconds"], strict=True))
    found = cores.row(full_params, runs, took, number)
    committed = committed.set_index("cores").loc[number]
    for measure in ("jobs", "training", "trained_after", "done_after", "if_low", "if_high"):
        assert committed[measure] == pytest.approx(found[measure], rel=1e-4)
    assert found["training"] / number < found["trained_after"] < found["done_after"]
