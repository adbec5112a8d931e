"""Teachers are ordinary runs whose weights are kept; students learn from these files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.models.registry import family_of
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import Distillation, Loss, Recipe
from digitpairs.runs import kept, store, weights
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.teachers import teachers_of, with_teachers
from digitpairs.spec import ModelSpec, RunSpec, Teacher
from digitpairs.training import loop
from digitpairs.training.preprocess import fitted
from recorded import results

Train = Callable[..., list[dict[str, Any]]]
Plan = Callable[[RunSpec], PlannedRun]
DIGITS = Recipe(loss=Loss(digits_only=True), readout="posterior")
NET = ModelSpec("siamese_mlp", (9,))


@pytest.fixture
def student(mlp_run: RunSpec, planned: Plan) -> PlannedRun:
    """A student of two nets that train for three epochs, and of a larger one."""
    code = family_of(NET).code(DIGITS)
    small = Teacher(NET, 2e-3, 3, 30, recipe=DIGITS, copies=2, code=code)
    large = replace(small, model=ModelSpec("siamese_mlp", (12,)), copies=1)
    recipe = replace(DIGITS, distillation=Distillation())
    return planned(replace(mlp_run, model=NET, recipe=recipe, teachers=(small, large), seed=1))


def test_a_student_is_taught_by_runs_on_its_own_pairs(student: PlannedRun) -> None:
    first, second, large = student.spec.taught_by
    assert [run.member for run in (first, second, large)] == ["seed-1", "seed-1-copy-1", "seed-1"]
    assert (first.group, large.group == first.group) == (second.group, False)
    assert (first.model, first.epochs, first.batch_size, first.learning_rate) == (NET, 3, 30, 2e-3)
    assert (first.recipe, first.teachers) == (DIGITS, ())
    same = ("seed", "fold", "folds", "train_pairs", "digits", "shuffle", "batchnorm", "varies")
    for run in (first, second, large):
        assert [getattr(run, key) for key in same] == [getattr(student.spec, key) for key in same]


def test_a_folds_student_is_taught_on_that_fold(student: PlannedRun) -> None:
    spec = replace(student.spec, folds=5, fold=3, test_pairs=None, seed=1000)
    assert [run.member for run in spec.taught_by] == [
        "seed-1000-fold-3",
        "seed-1000-fold-3-copy-1",
        "seed-1000-fold-3",
    ]


def test_a_first_teacher_is_the_run_of_its_variant(student: PlannedRun, mlp_run: RunSpec) -> None:
    code = family_of(NET).code(DIGITS)
    own = replace(mlp_run, model=NET, epochs=3, batch_size=30, learning_rate=2e-3, seed=1)
    assert student.spec.taught_by[0] == replace(own, recipe=DIGITS, code=code)


def test_each_teacher_is_listed_once_and_before_its_students(student: PlannedRun) -> None:
    twin = replace(student, name="twin", spec=replace(student.spec, learning_rate=1e-2))
    teachers = teachers_of([student, twin])
    assert [run.spec for run in teachers] == student.spec.taught_by
    assert {(run.kept, run.pairs) for run in teachers} == {(True, student.pairs)}
    assert {run.name for run in teachers} <= {student.name, twin.name}
    assert with_teachers([student, twin, student]) == [*teachers, student, twin]


def test_a_run_that_is_planned_for_itself_goes_by_its_own_name(student: PlannedRun) -> None:
    own = PlannedRun("net", student.spec.taught_by[1], student.pairs)
    found = with_teachers([own, student])
    assert [run.name for run in found] == ["mlp", "net", "mlp", "mlp"]
    assert [run.kept for run in found] == [True, True, True, False]


def test_without_students_nothing_is_added(runs: list[PlannedRun]) -> None:
    assert with_teachers(runs) == runs


def test_a_run_whose_weights_are_kept_is_there_with_these(
    student: PlannedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keeping, plain = (replace(student, kept=kept) for kept in (True, False))
    found = []
    for file in (student.path, paths.kept(student.path)):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch()
        found.append((store.is_there(plain), store.is_there(keeping)))
    assert found == [(True, False), (True, True)]
    Path(student.path).unlink()
    assert not store.is_there(keeping)


def test_a_block_trains_a_student_by_the_files_of_its_teachers(
    student: PlannedRun, train: Train, sets: dict[str, PairSet]
) -> None:
    teachers = teachers_of([student])
    train(teachers)
    (record,) = train([student])
    one = {student.spec.seed: sets}
    nets = []
    for teacher in teachers:
        read = kept.read(teacher.spec)
        expected = loop.train([teacher.spec], one).weights(0)
        assert all(torch.equal(read.state[name], expected[name]) for name in expected)
        nets.append(read.net())
    (history,) = loop.train([student.spec], one, teachers=[nets]).histories
    assert record["epochs"] == history.epochs
    (unlike,) = loop.train([student.spec], one, teachers=[nets[:1]]).histories
    assert unlike.epochs != history.epochs


def test_weights_that_are_lost_are_trained_again_with_the_same_record(
    student: PlannedRun, train: Train
) -> None:
    teacher = teachers_of([student])[1]
    before = train([teacher])
    file = Path(paths.kept(teacher.path))
    content = file.read_bytes()
    file.unlink()
    assert results(train([teacher])) == results(before)
    assert file.read_bytes() == content


def test_a_run_that_is_not_kept_leaves_no_weights(
    runs: list[PlannedRun], train: Train, tmp_path: Path
) -> None:
    train(runs)
    assert list(tmp_path.rglob("*.safetensors")) == []


def test_a_student_without_the_weights_of_a_teacher_says_which(
    student: PlannedRun, train: Train
) -> None:
    teachers = teachers_of([student])
    train(teachers)
    lost = Path(paths.kept(teachers[1].path))
    lost.unlink()
    with pytest.raises(UserError, match=rf"^{lost}: missing; give the same `snakemake` command"):
        train([student])
    assert not Path(student.path).exists()


def test_weights_of_another_run_teach_nobody(student: PlannedRun, train: Train) -> None:
    first, second, _ = teachers_of([student])
    train([first, second])
    file = Path(paths.kept(second.path))
    file.write_bytes(Path(paths.kept(first.path)).read_bytes())
    with pytest.raises(UserError, match=rf"^{file}: holds another run than its path says"):
        kept.read(second.spec)
    file.write_bytes(b"{}")
    with pytest.raises(UserError, match=rf"^{file}: not a whole file of weights"):
        kept.read(second.spec)


def test_kept_weights_hold_what_their_preprocessing_learned(
    train: Train, mlp_run: RunSpec, planned: Plan, sets: dict[str, PairSet]
) -> None:
    spec = replace(mlp_run, model=NET, recipe=replace(DIGITS, preprocessing="per_pixel"))
    run = replace(planned(spec), kept=True)
    train([run])
    found = weights.load(Path(paths.kept(run.path)))
    assert (found.spec, found.about) == (run.spec, {})
    expected = fitted("per_pixel", sets["train"].pixels).constants
    assert found.constants.keys() == expected.keys() and expected
    assert all(np.array_equal(found.constants[name], expected[name]) for name in expected)
