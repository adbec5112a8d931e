"""Records that are collected and put back are what they were."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitpairs import paths
from digitpairs.runs import collect, restore, store
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import ModelSpec, RunSpec

MODELS = [
    ModelSpec("mlp", (8,)),
    ModelSpec("convnet", (10,), (4, 8)),
    ModelSpec("siamese_mlp", (8,), shared=True),
    ModelSpec("siamese_convnet", (10,), (4,)),
]
values = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))


@st.composite
def runs(draw: st.DrawFn) -> tuple[ModelSpec, dict[str, Any]]:
    """A model and what a run of it may have recorded; None stands for what was not finite."""
    model, epochs = draw(st.sampled_from(MODELS)), draw(st.integers(1, 4))
    names = collect.MEASURES if model.siamese else collect.ANSWER_MEASURES
    measured = {name: draw(st.lists(values, min_size=epochs, max_size=epochs)) for name in names}
    return model, {
        "status": draw(st.sampled_from(["finished", "diverged"])),
        "epochs": measured,
        "provenance": {"device": draw(st.sampled_from(["abacus", "slide rule"])), "seconds": 1.5},
    }


@given(runs=st.lists(runs(), min_size=1, max_size=5))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_record_put_back_is_what_it_was(
    runs: list[tuple[ModelSpec, dict[str, Any]]],
    mlp_run: RunSpec,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("restore"))
        specs = [replace(mlp_run, model=model, seed=seed) for seed, (model, _) in enumerate(runs)]
        planned = [PlannedRun("variant", spec) for spec in specs]
        records = [record for _, record in runs]
        collect.write(collect.collect(planned, records), "evaluation")
        results_file = paths.RESULTS / "evaluation.parquet"
        assert restore.restore_from(results_file) == len(runs)
        assert restore.restore_from(results_file) == 0
        for run, record in zip(planned, records, strict=True):
            back = store.read(Path(run.path), run.spec)
            assert (back["status"], back["epochs"]) == (record["status"], record["epochs"])
        restored = [store.read(Path(run.path), run.spec) for run in planned]
        once_more = collect.collect(planned, restored)
        pd.testing.assert_frame_equal(once_more, collect.read("evaluation"))


def recorded(run: PlannedRun) -> tuple[PlannedRun, dict[str, Any]]:
    epochs = {name: [0.1, math.nextafter(0.1, 1)] for name in collect.ANSWER_MEASURES}
    return run, {"status": "finished", "epochs": epochs, "provenance": {}}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return paths.RESULTS / "evaluation.parquet"


def test_variants_that_share_a_run_put_it_back_once(mlp_run: RunSpec, here: Path) -> None:
    twins = [recorded(PlannedRun(name, mlp_run)) for name in ("mlp", "twin")]
    runs, records = zip(*twins, strict=True)
    collect.write(collect.collect(runs, records), "evaluation")
    assert restore.restore_from(here) == 1
    assert store.read(Path(runs[0].path), mlp_run)["epochs"] == records[0]["epochs"]


def test_what_is_not_as_it_was_recorded_is_not_put_back(mlp_run: RunSpec, here: Path) -> None:
    """Altered, or collected by code that had a mistake."""
    run, record = recorded(PlannedRun("mlp", mlp_run))
    frame = collect.collect([run], [record])
    for wrong in (
        frame.assign(test_accuracy=frame["test_accuracy"] / 2),
        frame.assign(status="diverged"),
        frame[::-1],
        frame[:1],
        frame.assign(run=f"{'0' * 20}/seed-0"),
        frame.assign(spec=frame["spec"].str.replace('"seed": 0', '"seed": 1')),
        frame.assign(spec=frame["spec"].str.replace('"shuffle"', '"shuffled"')),
        frame.assign(spec="{"),
        frame.drop(columns="spec"),
        frame.drop(columns="run"),
    ):
        collect.write(wrong, "evaluation")
        try:
            assert restore.restore_from(here) == 0
        finally:
            assert not Path("data/runs").exists()


def test_a_file_that_cannot_be_read_puts_nothing_back(mlp_run: RunSpec, here: Path) -> None:
    run, record = recorded(PlannedRun("mlp", mlp_run))
    collect.write(collect.collect([run], [record]), "evaluation")
    whole = here.read_bytes()
    for content in (b"", b"no Parquet", whole[:-9], whole[9:], whole.replace(b"PAR1", b"PAR2")):
        here.write_bytes(content)
        assert restore.restore_from(here) == 0
    here.unlink()
    assert restore.restore_from(here) == 0


def test_what_is_put_back_says_so(
    mlp_run: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    epochs = {name: [0.1, math.nextafter(0.1, 1)] for name in collect.ANSWER_MEASURES}
    run = PlannedRun("variant", mlp_run)
    provenance = {"device": "abacus", "torch": "2.0", "seconds": 1.5}
    record = {"status": "finished", "epochs": epochs, "provenance": provenance}
    collect.write(collect.collect([run], [record]), "search")
    restore.restore_from(paths.RESULTS / "search.parquet")
    back = store.read(Path(run.path), run.spec)
    assert back["epochs"] == epochs
    put_back = {"restored_from": "data/results/search.parquet"}
    assert back["provenance"] == {"device": "abacus", "torch": "2.0"} | put_back
