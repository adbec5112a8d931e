"""Records that are collected and put back are what they were."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitpairs import paths
from digitpairs.models.registry import family_of
from digitpairs.runs import collect, restore, store
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import ModelSpec, RunSpec, result_digest, to_json

EVALUATION = paths.variant("variant")

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
    siamese = family_of(model).siamese
    names = collect.MEASURES if siamese else collect.ANSWER_MEASURES
    measured = {name: draw(st.lists(values, min_size=epochs, max_size=epochs)) for name in names}
    return model, {
        "status": draw(st.sampled_from(["finished", "diverged"])),
        "epochs": measured,
        "provenance": {"device": draw(st.sampled_from(["abacus", "slide rule"])), "seconds": 1.5},
    }


@given(runs=st.lists(runs(), min_size=1, max_size=5))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_record_put_back_is_what_it_was(
    runs: list[tuple[ModelSpec, dict[str, Any]]],
    mlp_run: RunSpec,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("restore"))
        specs = [replace(mlp_run, model=model, seed=seed) for seed, (model, _) in enumerate(runs)]
        planned = [PlannedRun("variant", spec, "") for spec in specs]
        records = [record for _, record in runs]
        collect.write(collect.collect(planned, records), EVALUATION)
        results_file = Path(EVALUATION)
        assert restore.restore_from(results_file) == len(runs)
        assert restore.restore_from(results_file) == 0
        for run, record in zip(planned, records, strict=True):
            back = store.read(Path(run.path), run.spec)
            assert (back["status"], back["epochs"]) == (record["status"], record["epochs"])
        restored = [store.read(Path(run.path), run.spec) for run in planned]
        once_more = collect.collect(planned, restored)
        pd.testing.assert_frame_equal(once_more, collect.read([EVALUATION]))


def recorded(run: PlannedRun) -> tuple[PlannedRun, dict[str, Any]]:
    epochs = {name: [0.1, math.nextafter(0.1, 1)] for name in collect.ANSWER_MEASURES}
    return run, {"status": "finished", "epochs": epochs, "provenance": {}}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(EVALUATION)


def test_variants_that_share_a_run_put_it_back_once(mlp_run: RunSpec, here: Path) -> None:
    twins = [recorded(PlannedRun(name, mlp_run, "")) for name in ("mlp", "twin")]
    runs, records = zip(*twins, strict=True)
    collect.write(collect.collect(runs, records), EVALUATION)
    assert restore.restore_from(here) == 1
    assert store.read(Path(runs[0].path), mlp_run)["epochs"] == records[0]["epochs"]


def test_what_is_not_as_it_was_recorded_is_not_put_back(mlp_run: RunSpec, here: Path) -> None:
    """Altered, or collected by code that had a mistake."""
    run, record = recorded(PlannedRun("mlp", mlp_run, ""))
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
        frame.assign(spec="[" * 100_000),
        frame.assign(provenance="[]"),
        frame.assign(status=1),
        frame.assign(run=1),
        frame.assign(train_loss="low"),
        *(frame.drop(columns=name) for name in ("spec", "run", "variant", "status", "record")),
        frame.drop(columns="test_loss"),
    ):
        collect.write(wrong, EVALUATION)
        try:
            assert restore.restore_from(here) == 0
        finally:
            assert not Path("data/runs").exists()


def test_a_file_that_cannot_be_read_puts_nothing_back(mlp_run: RunSpec, here: Path) -> None:
    run, record = recorded(PlannedRun("mlp", mlp_run, ""))
    collect.write(collect.collect([run], [record]), EVALUATION)
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
    run = PlannedRun("variant", mlp_run, "")
    provenance = {"device": "abacus", "torch": "2.0", "seconds": 1.5}
    record = {"status": "finished", "epochs": epochs, "provenance": provenance}
    collect.write(collect.collect([run], [record]), paths.SEARCH)
    restore.restore_from(Path(paths.SEARCH))
    back = store.read(Path(run.path), run.spec)
    assert back["epochs"] == epochs
    put_back = {"restored_from": "data/results/searches/search.parquet"}
    assert back["provenance"] == {"device": "abacus", "torch": "2.0"} | put_back


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("place", ["../../../outside", "/tmp/digitpairs-outside", "seed-0/../../x"])
@pytest.mark.parametrize("key", ["seed", "fold"])
def test_a_spec_with_a_path_for_a_number_writes_nothing(
    key: str, place: str, mlp_run: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulled from someone: each digest is that of the content, as the person could make it."""
    (tmp_path / "deep/project").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep/project")
    run, record = recorded(PlannedRun("mlp", mlp_run, ""))
    hostile = replace(mlp_run, **{key: place})
    frame = collect.collect([run], [record]).assign(
        spec=json.dumps(to_json(hostile)),
        run=f"{hostile.group}/{hostile.member}",
        record=result_digest(hostile, record),
    )
    collect.write(frame, EVALUATION)
    before = everything(tmp_path)
    assert restore.restore_from(Path(EVALUATION)) == 0
    assert everything(tmp_path) == before
    assert not Path("/tmp/digitpairs-outside.json").exists()


@pytest.mark.parametrize(
    "place", ["../../outside", "/tmp/digitpairs-outside", "", "a\0b", "x" * 999]
)
def test_a_run_that_names_another_place_writes_nothing(
    place: str, mlp_run: RunSpec, tmp_path: Path, here: Path
) -> None:
    run, record = recorded(PlannedRun("mlp", mlp_run, ""))
    frame = collect.collect([run], [record]).assign(run=place)
    collect.write(frame, EVALUATION)
    before = everything(tmp_path)
    assert restore.restore_from(here) == 0
    assert everything(tmp_path) == before


def test_all_results_are_put_back_by_their_files(mlp_run: RunSpec, here: Path) -> None:
    """Of the search and of each variant; not from a file that is being written."""
    search, half = "data/results/searches/search.parquet", "data/results/variants/.~x.parquet"
    names = (search, EVALUATION, half)
    for seed, name in enumerate(names):
        run, record = recorded(PlannedRun("mlp", replace(mlp_run, seed=seed), ""))
        collect.write(collect.collect([run], [record]), name)
    said: list[str] = []
    restore.restore(said.append)
    assert said == [f"{name}: 1 runs put back into data/runs" for name in names[:2]]
    assert [path.name for path in sorted(Path("data/runs").rglob("*.json"))] == [
        "seed-0.json",
        "seed-1.json",
    ]


def test_a_look_that_finds_every_record_there_imports_no_pandas(
    mlp_run: RunSpec, here: Path
) -> None:
    """Each start of Snakemake takes this look."""
    run, record = recorded(PlannedRun("variant", mlp_run, ""))
    collect.write(collect.collect([run], [record]), EVALUATION)
    assert restore.restore_from(here) == 1
    code = "import sys; from digitpairs.runs.restore import restore; restore(print)"
    code += "; assert 'pyarrow' in sys.modules; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
