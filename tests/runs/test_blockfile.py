"""Blocks in files: cut from what has no record, self-contained, and refused where they are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.errors import UserError
from digitpairs.runs import blockfile, plan, sets
from digitpairs.runs.blockfile import DONE, Block
from digitpairs.runs.plan import PlannedRun
from digitpairs.study.schema import Execution, Params


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without any data."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def runs(quick_params: Params, source: Source) -> list[PlannedRun]:
    """Runs of the evaluation and folds of the search."""
    evaluated = plan.evaluation_runs(quick_params, source, {})
    return [*evaluated[:5], *plan.search_runs(quick_params, source)[:4]]


@pytest.fixture
def execution(quick_params: Params) -> Execution:
    return quick_params.execution.model_copy(update={"device": "cuda", "jobs_per_gpu": 3})


def test_a_block_is_read_as_it_was_planned(runs: list[PlannedRun], execution: Execution) -> None:
    file = blockfile.write(runs, execution)
    assert file.parent == paths.BLOCKS
    assert blockfile.read(file) == Block(runs, "cuda", 3)
    read = {path for run in runs for path in sets.files_read(run.pairs, run.spec.fold)}
    assert blockfile.files_read(file) == sorted(read)


def test_a_job_needs_no_more_than_its_block(
    runs: list[PlannedRun], execution: Execution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the records lie and which code trained them follows from what the file says."""
    file = blockfile.write(runs, execution)
    for name in ("planned", "pairs_path", "family_of"):
        monkeypatch.delattr(plan, name)
    assert [run.path for run in blockfile.read(file).runs] == [run.path for run in runs]


def test_the_same_runs_make_the_same_block(runs: list[PlannedRun], execution: Execution) -> None:
    first = blockfile.write(runs, execution)
    time = first.stat().st_mtime_ns
    assert blockfile.write(runs, execution) == first
    assert first.stat().st_mtime_ns == time
    assert blockfile.write(runs[1:], execution) != first
    assert blockfile.write(runs, execution.model_copy(update={"device": "cpu"})) != first


def test_a_block_that_is_written_again_is_not_done(
    runs: list[PlannedRun], execution: Execution
) -> None:
    file = blockfile.write(runs, execution)
    file.with_suffix(DONE).touch()
    blockfile.write(runs, execution)  # their records were lost since
    assert not file.with_suffix(DONE).exists()


def without(key: str) -> Any:
    return lambda content: content.pop(key)


def of_first(**changes: Any) -> Any:
    return lambda content: content["runs"][0].update(changes)


@pytest.mark.parametrize(
    "change",
    [
        without("runs"),
        without("device"),
        without("jobs_per_gpu"),
        lambda content: content.update(device="tpu"),
        lambda content: content.update(jobs_per_gpu=0),
        lambda content: content.update(jobs_per_gpu="1"),
        lambda content: content.update(runs={}),
        lambda content: content.update(runs=["data/runs/a/seed-0.json"]),
        of_first(name=None),
        of_first(pairs=3),
        of_first(spec={}),
        lambda content: content["runs"][0]["spec"].update(seed="../../x"),
        lambda content: content["runs"][0]["spec"].update(optimizer="sgd"),
        lambda content: content["runs"][0]["spec"]["model"].update(hidden="8"),
    ],
)
def test_a_block_with_something_else_in_it_is_refused(
    change: Any, runs: list[PlannedRun], execution: Execution
) -> None:
    file = blockfile.write(runs, execution)
    content = json.loads(file.read_bytes())
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match=r"not a block of runs: .*`snakemake` writes it") as raised:
        blockfile.read(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"3", b"null", b"data/runs/a.json\n", b"\xff\0", b"[" * 100_000]
)
def test_a_file_that_is_no_block_is_refused(content: bytes) -> None:
    Path("block.json").write_bytes(content)
    with pytest.raises(UserError, match=r"^block\.json: not a block of runs: "):
        blockfile.read(Path("block.json"))


def test_a_block_that_is_not_there_is_missing() -> None:
    with pytest.raises(FileNotFoundError):
        blockfile.read(Path("block.json"))
