"""Run records: whole or not there, checked when they are read."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitpairs.errors import UserError
from digitpairs.identity import digest
from digitpairs.runs import store
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.store import BadRecord
from digitpairs.spec import RunSpec

RECORD: dict[str, Any] = {
    "status": "finished",
    "epochs": {"train_loss": [0.7, 0.1 + 0.2], "test_accuracy": [0.5, None]},
    "provenance": {"machine": "x86_64", "seconds": 1.25},
}


@pytest.fixture
def path(tmp_path: Path, mlp_run: RunSpec) -> Path:
    """A record of the smallest run."""
    place = tmp_path / mlp_run.group / "seed-0.json"
    store.write(place, mlp_run, RECORD)
    return place


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_record_is_read_as_it_was_written(path: Path, mlp_run: RunSpec) -> None:
    found = store.read(path, mlp_run)
    assert {key: found[key] for key in RECORD} == RECORD
    assert found.keys() - RECORD.keys() == {"spec"}


def test_a_record_is_json_that_names_its_run(path: Path, mlp_run: RunSpec) -> None:
    spec = json.loads(path.read_text())["spec"]
    assert spec["model"]["family"] == "mlp"
    assert spec["seed"] == mlp_run.seed
    assert spec["code"] == mlp_run.code


def test_a_record_refuses_what_is_no_number(tmp_path: Path, mlp_run: RunSpec) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.write(tmp_path / "seed-0.json", mlp_run, {"epochs": [float("nan")]})
    assert names(tmp_path) == []


def test_a_missing_record_is_missing_not_bad(tmp_path: Path, mlp_run: RunSpec) -> None:
    with pytest.raises(FileNotFoundError):
        store.read(tmp_path / "seed-0.json", mlp_run)
    assert store.read_or_set_aside(tmp_path / "seed-0.json", mlp_run) == (None, None)


def test_a_record_truncated_anywhere_is_refused(path: Path, mlp_run: RunSpec) -> None:
    whole = path.read_bytes()
    for length in range(len(whole) - 1):  # the last byte is the line's end
        path.write_bytes(whole[:length])
        with pytest.raises(BadRecord, match=r"seed-0\.json"):
            store.read(path, mlp_run)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_an_edited_byte_is_refused_or_harmless(
    place: float, byte: int, tmp_path: Path, mlp_run: RunSpec
) -> None:
    path = tmp_path / "edited.json"
    store.write(path, mlp_run, RECORD)
    genuine = store.read(path, mlp_run)
    edited = bytearray(path.read_bytes())
    edited[int(place * len(edited))] = byte
    path.write_bytes(edited)
    with suppress(BadRecord):
        assert store.read(path, mlp_run) == genuine


@pytest.mark.parametrize(("old", "new"), [("0.7", "0.9"), ('"finished"', '"diverged"')])
def test_an_edited_record_is_refused(path: Path, mlp_run: RunSpec, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    with pytest.raises(BadRecord, match=r"seed-0\.json: its checksum does not fit"):
        store.read(path, mlp_run)


NOTHING = f'{{"checksum": "{digest({})}"}}'  # its checksum is right


@pytest.mark.parametrize(
    "text",
    ["", "null", "3", '"run"', "[]", "{}", '{"checksum": 1}', NOTHING, "\xff\0", "[" * 100_000],
    ids=lambda text: text[:10],
)
def test_what_is_no_record_is_refused(path: Path, mlp_run: RunSpec, text: str) -> None:
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadRecord, match=r"seed-0\.json"):
        store.read(path, mlp_run)


def test_a_record_swapped_with_another_runs_is_refused(path: Path, mlp_run: RunSpec) -> None:
    other = replace(mlp_run, seed=1)
    store.write(path, other, RECORD)
    with pytest.raises(BadRecord, match=r"seed-0\.json: holds another run"):
        store.read(path, mlp_run)


def test_a_bad_record_is_set_aside_and_named(path: Path, mlp_run: RunSpec) -> None:
    path.write_text("half a rec")
    record, trouble = store.read_or_set_aside(path, mlp_run)
    assert record is None
    assert trouble is not None
    assert str(path) in trouble
    assert "set aside as seed-0.json.bad" in trouble
    assert names(path.parent) == ["seed-0.json.bad"]
    assert (path.parent / "seed-0.json.bad").read_text() == "half a rec"


def test_bad_records_one_after_another_are_all_kept(path: Path, mlp_run: RunSpec) -> None:
    for text in ("first", "second", "third"):
        path.write_text(text)
        store.read_or_set_aside(path, mlp_run)
    asides = {aside.name: aside.read_text() for aside in path.parent.iterdir()}
    assert asides == {
        "seed-0.json.bad": "first",
        "seed-0.json.2.bad": "second",
        "seed-0.json.3.bad": "third",
    }


def a_folder(path: Path) -> None:
    path.mkdir()


def a_link_to_itself(path: Path) -> None:
    """What even root cannot read."""
    path.symlink_to(path)


@pytest.mark.parametrize("put", [a_folder, a_link_to_itself])
def test_what_cannot_be_read_is_set_aside(
    put: Callable[[Path], None], path: Path, mlp_run: RunSpec
) -> None:
    path.unlink()
    put(path)
    record, trouble = store.read_or_set_aside(path, mlp_run)
    assert record is None
    assert trouble is not None
    assert f"{path}: cannot be read: " in trouble
    assert names(path.parent) == ["seed-0.json.bad"]


def test_a_good_record_is_not_set_aside(path: Path, mlp_run: RunSpec) -> None:
    record, trouble = store.read_or_set_aside(path, mlp_run)
    assert record == store.read(path, mlp_run)
    assert trouble is None
    assert names(path.parent) == ["seed-0.json"]


def test_all_records_are_read_in_the_order_of_their_runs(
    tmp_path: Path, mlp_run: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runs = [PlannedRun("mlp", replace(mlp_run, seed=seed), "") for seed in (2, 0, 1, 0)]
    for run in runs:
        store.write(Path(run.path), run.spec, {**RECORD, "status": str(run.spec.seed)})
    assert [record["status"] for record in store.read_all(runs)] == ["2", "0", "1", "0"]


def test_records_that_are_missing_or_bad_are_named(
    tmp_path: Path, mlp_run: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runs = [PlannedRun("mlp", replace(mlp_run, seed=seed), "") for seed in range(8)]
    store.write(Path(runs[0].path), runs[0].spec, RECORD)
    Path(runs[1].path).write_text("half a rec", encoding="utf-8")
    with pytest.raises(UserError) as raised:
        store.read_all(runs)
    title, bad, *missing, more, advice = str(raised.value).splitlines()
    assert title == "records that cannot be collected:"
    assert bad.startswith(f"  {runs[1].path}: not a run record: ")
    assert bad.endswith("set aside as seed-1.json.bad")
    assert missing == [f"  {run.path}: missing (mlp {run.spec.member})" for run in runs[2:6]]
    assert more == "  and 2 more"
    assert "`snakemake`" in advice
    assert names(Path(runs[0].path).parent) == ["seed-0.json", "seed-1.json.bad"]
