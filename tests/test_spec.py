"""A run is its spec: digests, groups, members, and what reads a spec again."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.identity import digest, essentials
from digitpairs.recipe import SGD, Recipe
from digitpairs.spec import ModelSpec, RunSpec, Teacher, from_json, result_digest, to_json

OTHER_VALUES: dict[str, Any] = {
    "model": ModelSpec("mlp", (9,)),
    "learning_rate": 2e-3,
    "aux_weight": 1.0,
    "epochs": 3,
    "batch_size": 21,
    "batchnorm": "frozen_after_first_epoch",
    "shuffle": False,
    "train_pairs": 61,
    "test_pairs": 41,
    "digits": "mnist-0123456789ab",
    "code": "1" * 20,
    "folds": 5,
    "recipe": Recipe(SGD("sgd")),
    "first_pairs": 50,
    "varies": "weights",
    "teachers": (Teacher(ModelSpec("siamese_mlp", (9,)), 1e-3, 2, 20),),
}


def test_other_values_name_every_field_but_which_member_it_is() -> None:
    assert OTHER_VALUES.keys() | {"seed", "fold", "copy"} == {
        field.name for field in fields(RunSpec)
    }


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_group_changes_with_every_field_but_seed_and_fold(name: str, mlp_run: RunSpec) -> None:
    changed = replace(mlp_run, **{name: OTHER_VALUES[name]})
    assert changed.group != mlp_run.group
    assert changed.member == mlp_run.member


@pytest.mark.parametrize(
    "model",
    [
        ModelSpec("siamese_mlp", (8,)),
        ModelSpec("mlp", (8, 8)),
        ModelSpec("mlp", (8,), (4,)),
        ModelSpec("mlp", (8,), shared=True),
        ModelSpec("mlp", (8,), options="{}"),
    ],
)
def test_group_changes_with_every_part_of_the_model(model: ModelSpec, mlp_run: RunSpec) -> None:
    assert replace(mlp_run, model=model).group != mlp_run.group


def test_seed_and_fold_change_the_member_not_the_group(mlp_run: RunSpec) -> None:
    runs = [replace(mlp_run, seed=seed, folds=5, fold=f) for seed in (0, 1) for f in range(5)]
    assert len({run.group for run in runs}) == 1
    assert len({run.member for run in runs}) == len(runs)


def test_member_names_seed_and_fold(mlp_run: RunSpec) -> None:
    assert replace(mlp_run, seed=7).member == "seed-7"
    assert replace(mlp_run, seed=7, folds=5, fold=0).member == "seed-7-fold-0"


def test_a_record_lies_under_its_group(mlp_run: RunSpec) -> None:
    assert mlp_run.path == f"data/runs/{mlp_run.group}/seed-0.json"


def test_a_group_is_that_of_what_is_no_default(mlp_run: RunSpec) -> None:
    """So a field that is added later changes no group of before."""
    assert mlp_run.group == digest(
        {
            "model": {"family": "mlp", "hidden": [8]},
            "learning_rate": 1e-3,
            "aux_weight": 0.0,
            "epochs": 2,
            "batch_size": 20,
            "batchnorm": "standard",
            "shuffle": True,
            "train_pairs": 60,
            "test_pairs": 40,
            "digits": "embedded-0123456789ab",
            "code": "0" * 20,
        }
    )


models = st.builds(
    ModelSpec,
    st.text(),
    st.lists(st.integers()).map(tuple),
    st.lists(st.integers()).map(tuple),
    st.booleans(),
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
specs = st.builds(
    RunSpec,
    models,
    numbers,
    numbers,
    st.integers(),
    st.integers(),
    st.sampled_from(["standard", "frozen_after_first_epoch"]),
    st.booleans(),
    st.integers(),
    st.none() | st.integers(),
    st.text(),
    st.text(),
    st.integers(0),
    st.none() | st.integers(),
    st.none() | st.integers(),
)


@given(specs)
def test_a_spec_is_read_as_it_was_written(spec: RunSpec) -> None:
    again = from_json(to_json(spec))
    assert again == spec
    assert hash(again) == hash(spec)
    assert again.path == spec.path


def test_a_spec_without_fields_that_hold_their_default_is_the_same(mlp_run: RunSpec) -> None:
    content = to_json(mlp_run)
    del content["folds"], content["fold"], content["model"]["shared"], content["model"]["channels"]
    assert from_json(content) == mlp_run


@pytest.mark.parametrize(
    "change",
    [
        {"seed": "../../x"},
        {"seed": "/etc/x"},
        {"seed": "0"},
        {"seed": -1},
        {"seed": 0.5},
        {"seed": None},
        {"seed": True},
        {"fold": "../../x"},
        {"fold": "0"},
        {"folds": [5]},
        {"batchnorm": "none"},
        {"shuffle": 1},
        {"epochs": "2"},
        {"digits": None},
        {"model": {"family": "mlp", "hidden": "8"}},
        {"model": {"family": "mlp", "hidden": [8], "momentum": 1}},
        {"model": None},
        {"optimizer": "sgd"},
    ],
    ids=str,
)
def test_what_is_no_spec_is_refused(change: dict[str, Any], mlp_run: RunSpec) -> None:
    with pytest.raises(ValueError, match="validation error"):
        from_json(to_json(mlp_run) | change)


@pytest.mark.parametrize("content", [None, 3, "spec", [], {}])
def test_what_is_no_object_is_refused(content: Any) -> None:
    with pytest.raises(ValueError, match="validation error"):
        from_json(content)


def test_a_result_is_what_was_found_wherever(mlp_run: RunSpec) -> None:
    record = {"status": "finished", "epochs": {"train_loss": [0.5]}, "provenance": {"device": "a"}}
    same = result_digest(mlp_run, {**record, "provenance": {"device": "b", "seconds": 1}})
    assert result_digest(mlp_run, record) == same
    assert result_digest(mlp_run, {**record, "status": "diverged"}) != same
    assert result_digest(mlp_run, {**record, "epochs": {"train_loss": [0.6]}}) != same
    assert result_digest(replace(mlp_run, seed=1), record) != same


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("side", 0),
        ("side", 257),
        ("channels", 0),
        ("channels", 4),
        ("classes", 1),
        ("classes", 3_000_000),
        ("target", "larger"),
        ("target", "0110"),
    ],
)
def test_a_task_that_no_net_is_built_for_is_refused(key: str, value: Any, mlp_run: RunSpec) -> None:
    """A file of weights may say anything: a false size would take all memory."""
    content = to_json(mlp_run)
    assert from_json(content) == mlp_run
    content["model"]["task"][key] = value
    with pytest.raises(ValueError, match=key):
        from_json(content)


TEACHER = Teacher(
    ModelSpec("siamese_mlp", (9,)), 1e-3, 2, 20, recipe=Recipe(SGD("sgd")), copies=3, code="1" * 20
)


def test_a_student_is_read_as_it_was_written(mlp_run: RunSpec) -> None:
    student = replace(mlp_run, teachers=(TEACHER, replace(TEACHER, epochs=5)), copy=2)
    again = from_json(to_json(student))
    assert again == student and hash(again) == hash(student)
    assert again.path == student.path


@pytest.mark.parametrize(
    "change", [{"copies": "3"}, {"epochs": None}, {"model": None}, {"pairs": 5}, {"code": 1}]
)
def test_what_is_no_teacher_is_refused(change: dict[str, Any], mlp_run: RunSpec) -> None:
    content = to_json(replace(mlp_run, teachers=(TEACHER,)))
    content["teachers"] = [{**content["teachers"][0], **change}]
    with pytest.raises(ValueError, match="validation error"):
        from_json(content)


def test_a_copy_is_another_member_of_the_group(mlp_run: RunSpec) -> None:
    copy = replace(mlp_run, copy=1)
    assert (copy.group, copy.member) == (mlp_run.group, "seed-0-copy-1")
    assert replace(copy, folds=5, fold=3).member == "seed-0-fold-3-copy-1"


def test_a_students_group_is_that_of_its_teachers_without_their_defaults(
    mlp_run: RunSpec,
) -> None:
    plain = Teacher(ModelSpec("siamese_mlp", (9,)), 1e-3, 2, 20)
    groups = [replace(mlp_run, teachers=(one,)).group for one in (plain, replace(plain, epochs=3))]
    assert len({mlp_run.group, *groups}) == 3
    assert essentials(plain) == {
        "model": {"family": "siamese_mlp", "hidden": (9,)},
        "learning_rate": 1e-3,
        "epochs": 2,
        "batch_size": 20,
    }
