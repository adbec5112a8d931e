"""What jobs are handed: params that stay as they were, blocks that are decided once."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from digitpairs import paths
from digitpairs.pipeline import handover
from digitpairs.pipeline.handover import Blocks
from digitpairs.recipe import Distillation, Loss, Recipe
from digitpairs.runs import blockfile, sets
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.teachers import teachers_of
from digitpairs.runs.workers import Workers
from digitpairs.spec import ModelSpec, RunSpec, Teacher
from digitpairs.study.load import check, load
from digitpairs.study.schema import Execution, Params

WORKERS = Workers(2, start=1.0)
EXECUTION = Execution(runs_per_job=3, device="cpu", threads=1, jobs_per_gpu=1)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def runs(mlp_run: RunSpec) -> list[PlannedRun]:
    """Five runs of which the second has a record."""
    planned = [
        PlannedRun("mlp", replace(mlp_run, seed=seed), f"pairs/seed-{seed}.parquet")
        for seed in range(5)
    ]
    record(planned[1])
    return planned


def record(run: PlannedRun) -> None:
    Path(run.path).parent.mkdir(parents=True, exist_ok=True)
    Path(run.path).touch()


def seeds(file: Path) -> list[int]:
    return [run.spec.seed for run in blockfile.read(file).runs]


def test_jobs_under_way_keep_their_params(full_params: Params) -> None:
    content = full_params.model_dump()
    content["training"]["epochs"] = 7
    first, second = (handover.write_params(one) for one in (full_params, check(content)))
    assert first != second
    assert load(first) == full_params


def test_blocks_hold_the_runs_without_a_record_once_and_in_order(runs: list[PlannedRun]) -> None:
    files = Blocks(EXECUTION, lambda: WORKERS).training([*runs, runs[0]], list)
    assert [seeds(file) for file in files] == [[0, 2, 3], [4]]
    assert (
        Blocks(EXECUTION, lambda: WORKERS).training(runs, list) == files
    )  # another process finds the same


def test_a_block_holds_all_that_its_job_needs(runs: list[PlannedRun]) -> None:
    (first, _) = Blocks(EXECUTION, lambda: WORKERS).training(runs, list)
    block = blockfile.read(first)
    assert block == blockfile.Block([runs[0], runs[2], runs[3]], "cpu", 1)
    needed = (sets.files_read(runs[at].pairs, runs[at].spec.fold) for at in (0, 2, 3))
    assert blockfile.files_read(first) == sorted(set().union(*needed))


def test_runs_of_many_variants_fill_a_block(runs: list[PlannedRun]) -> None:
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    assert [seeds(file) for file in blocks.training(runs[3:], lambda: runs)] == [[0, 2, 3], [4]]
    assert [seeds(file) for file in blocks.training(runs[:1], lambda: runs)] == [[0, 2, 3]]


def test_a_graph_that_is_built_again_finds_the_same_blocks(runs: list[PlannedRun]) -> None:
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    files = blocks.training(runs, list)
    record(runs[0])  # a job is under way
    assert blocks.training(runs, list) == files
    assert blocks.training(runs[:2], list) == []


def test_once_decided_nobody_is_asked_again(runs: list[PlannedRun]) -> None:
    """Snakemake asks for blocks some hundred times, and to list all runs takes long."""
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    asked: list[int] = []
    for _ in range(2):
        blocks.training(runs, lambda: asked.append(1) or [])
    assert asked == [1]


def test_a_run_that_gets_its_record_meanwhile_has_no_block(runs: list[PlannedRun]) -> None:
    def also_needed() -> list[PlannedRun]:
        record(runs[0])
        return []

    (block,) = Blocks(EXECUTION, lambda: WORKERS).training(runs[:3], also_needed)
    assert seeds(block) == [2]


def test_a_block_whose_records_were_lost_is_not_done(runs: list[PlannedRun]) -> None:
    (first, _) = Blocks(EXECUTION, lambda: WORKERS).training(runs, list)
    first.with_suffix(blockfile.DONE).touch()
    Blocks(EXECUTION, lambda: WORKERS).training(runs, list)
    assert not first.with_suffix(blockfile.DONE).exists()


def test_blocks_of_earlier_starts_are_deleted(runs: list[PlannedRun]) -> None:
    kept = Blocks(EXECUTION, lambda: WORKERS)
    Blocks(EXECUTION, lambda: WORKERS).training(runs[:1], list)
    files = kept.training(runs, list)
    kept.delete_others()
    assert sorted(paths.BLOCKS.iterdir()) == sorted(files)


def test_another_device_is_another_block(runs: list[PlannedRun]) -> None:
    """What a job under way reads is never written over."""
    (one,) = Blocks(EXECUTION, lambda: WORKERS).training(runs[:1], list)
    (other,) = Blocks(EXECUTION.model_copy(update={"device": "auto"}), lambda: WORKERS).training(
        runs[:1], list
    )
    assert one != other
    assert json.loads(one.read_text())["device"] == "cpu"


@pytest.fixture
def lessons(mlp_run: RunSpec) -> list[PlannedRun]:
    """Two students of three teachers each, one of which is another variant's run."""
    net = replace(mlp_run, model=ModelSpec("siamese_mlp", (8,)))
    recipe = Recipe(loss=Loss(digits_only=True), distillation=Distillation())
    teacher = Teacher(net.model, net.learning_rate, net.epochs, net.batch_size, code=net.code)
    longer = replace(teacher, epochs=5, copies=1)
    taught = replace(net, recipe=recipe, teachers=(replace(teacher, copies=2), longer))
    return [
        PlannedRun("pupil", replace(taught, seed=seed), f"pairs/seed-{seed}.parquet")
        for seed in range(2)
    ]


def names(file: Path) -> list[tuple[str, str, bool]]:
    return [(run.name, run.spec.member, run.kept) for run in blockfile.read(file).runs]


def test_students_wait_in_blocks_of_their_own_for_their_teachers(
    runs: list[PlannedRun], lessons: list[PlannedRun]
) -> None:
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    (students,) = blocks.training(lessons, lambda: runs)
    assert names(students) == [("pupil", f"seed-{seed}", False) for seed in range(2)]
    before = blocks.before(students.stem)
    assert [name for file in before for name in names(file)] == [
        ("pupil", member, True)
        for seed in range(2)
        for member in (f"seed-{seed}", f"seed-{seed}-copy-1", f"seed-{seed}")
    ]
    assert [blocks.before(file.stem) for file in before] == [[], []]
    others = blocks.training(runs, list)
    assert not {*others} & {students, *before}
    assert [blocks.before(file.stem) for file in others] == [[], []]


def test_teachers_whose_weights_are_kept_are_not_waited_for(lessons: list[PlannedRun]) -> None:
    for teacher in teachers_of(lessons):
        record(teacher)
        Path(paths.kept(teacher.path)).touch()
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    (students,) = blocks.training(lessons, list)
    assert blocks.before(students.stem) == []
    assert len(blocks.urgency) == 1


def test_a_recorded_student_needs_no_teacher(lessons: list[PlannedRun]) -> None:
    record(lessons[0])
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    (students,) = blocks.training(lessons, list)
    assert seeds(students) == [1]
    assert {seed for file in blocks.before(students.stem) for seed in seeds(file)} == {1}


def test_a_teacher_that_was_to_leave_no_weights_gets_another_block(
    lessons: list[PlannedRun],
) -> None:
    """Both blocks are part of the graph by then."""
    own = replace(teachers_of(lessons)[0], name="net", kept=False)
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    (first,) = blocks.training([own], list)
    (students,) = blocks.training(lessons[:1], list)
    again = blocks.before(students.stem)
    assert first not in again
    kept = [run.kept for file in again for run in blockfile.read(file).runs if run.path == own.path]
    assert kept == [True]
    blocks.delete_others()
    assert all(file.exists() for file in (first, students, *again))


def test_a_run_whose_weights_are_asked_for_later_gets_another_block(
    runs: list[PlannedRun],
) -> None:
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    (first,) = blocks.training(runs[:1], list)
    (second,) = blocks.training([replace(runs[0], kept=True)], list)
    assert names(second) == [("mlp", "seed-0", True)]
    assert first != second


def test_a_variants_own_run_teaches_by_its_own_name(lessons: list[PlannedRun]) -> None:
    own = replace(teachers_of(lessons)[0], name="net", kept=False)
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    blocks.training(lessons[:1], lambda: [own])
    found = [name for file in paths.BLOCKS.glob("*.json") for name in names(file)]
    assert ("net", "seed-0", True) in found
    assert len(found) == 4


def test_by_cost_the_search_is_more_urgent_than_longer_runs(
    runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    folds = [replace(run, spec=replace(run.spec, folds=5, fold=0)) for run in runs[2:]]
    seconds = {True: 10.0, False: 100.0}
    monkeypatch.setattr(handover, "estimate", lambda spec, known: seconds[spec.fold is not None])
    blocks = Blocks(EXECUTION.model_copy(update={"runs_per_job": "auto"}), lambda: WORKERS)
    files = blocks.training([*runs[2:], *folds], list)
    assert blocks.urgency.keys() == {file.stem for file in files}
    searching = [file for file in files if blockfile.read(file).runs[0].spec.fold is not None]
    least_of_search = min(blocks.urgency[file.stem] for file in searching)
    others = [file for file in files if file not in searching]
    assert searching and others
    assert least_of_search > max(blocks.urgency[file.stem] for file in others)


def test_records_tell_the_pace_whenever_blocks_are_decided(
    runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runs of winners are cut by the pace of the search."""
    asked: list[Path] = []
    monkeypatch.setattr(handover, "recorded", lambda folder: asked.append(folder) or [])
    blocks = Blocks(EXECUTION, lambda: WORKERS)
    for some in (runs[:1], runs[:1], runs):
        blocks.training(some, list)
    assert asked == [paths.RUNS] * 2


def test_where_nothing_is_to_be_trained_nobody_is_asked_who_trains(
    runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To count GPUs takes a second."""
    monkeypatch.setattr(handover, "recorded", pytest.fail)
    blocks = Blocks(EXECUTION, lambda: pytest.fail("asked"))
    assert blocks.training(runs[1:2], lambda: pytest.fail("asked")) == []
