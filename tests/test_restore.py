"""Records that are collected and put back are what they were."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitpairs import restore, results, store
from digitpairs.plan import PlannedRun
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
    names = results.MEASURES if model.siamese else results.ANSWER_MEASURES
    measured = {name: draw(st.lists(values, min_size=epochs, max_size=epochs)) for name in names}
    return model, {
        "status": draw(st.sampled_from(["finished", "diverged"])),
        "epochs": measured,
        "provenance": {},
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
        results.write(results.collect(planned, records), "evaluation")
        results_file = results.RESULTS / "evaluation.parquet"
        assert restore.restore_from(results_file) == len(runs)
        assert restore.restore_from(results_file) == 0
        for run, record in zip(planned, records, strict=True):
            back = store.read(Path(run.path), run.spec)
            assert (back["status"], back["epochs"]) == (record["status"], record["epochs"])


def test_what_is_put_back_says_so(
    mlp_run: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    epochs = {name: [0.1, math.nextafter(0.1, 1)] for name in results.ANSWER_MEASURES}
    run = PlannedRun("variant", mlp_run)
    results.write(results.collect([run], [{"status": "finished", "epochs": epochs}]), "search")
    restore.restore_from(results.RESULTS / "search.parquet")
    back = store.read(Path(run.path), run.spec)
    assert back["epochs"] == epochs
    assert back["provenance"] == {"restored_from": "data/results/search.parquet"}
