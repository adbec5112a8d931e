"""Parts of a recipe that do not go together are refused: key, value, what to do."""

from typing import Any

import pytest
from contents import Content, problems, with_value

from digitpairs.study.load import check
from digitpairs.study.variants import resolve

NAIVE, SIAMESE = "mlp", "siamese_mlp_shared"
EPOCHS = 3  # of the quick params

DIGITS: Content = {"loss": {"digits_only": True}, "readout": "posterior"}
LESSON: Content = {**DIGITS, "teachers": {SIAMESE: 2}, "distillation": {"label": 0.0}}

WRONG: list[tuple[str, Content, str]] = [
    (NAIVE, {"optimizer": {"name": "sgd", "nesterov": True}}, "optimizer.nesterov: True: looks"),
    (
        NAIVE,
        {"optimizer": {"name": "adamw", "weight_decay": 11}, "learning_rate": 0.1},
        "optimizer.weight_decay: 11.0: takes more than a whole weight a step",
    ),
    (
        NAIVE,
        {"optimizer": {"name": "lion", "weight_decay": 11}, "learning_rate": 0.1},
        "optimizer.weight_decay: 11.0: takes more than a whole weight a step",
    ),
    (NAIVE, {"schedule": {"name": "cosine", "warmup": 3.5}}, "schedule.warmup: 3.5: is longer"),
    (NAIVE, {"schedule": {"name": "one_cycle", "warmup": 4}}, "schedule.warmup: 4: is longer"),
    (NAIVE, {"schedule": {"name": "step", "every": 3}}, "schedule.every: 3: never comes"),
    (
        NAIVE,
        {"schedule": {"name": "step", "every": 1}, "training": {"epochs": 1}},
        "schedule.every: 1: never comes in a run of one epoch",
    ),
    (
        NAIVE,
        {"schedule": {"name": "step", "every": 1, "warmup": 2}},
        "schedule.every: 1: never comes in a run of 3 epochs of which 2 warm up",
    ),
    (
        NAIVE,
        {"optimizer": {"name": "sgd", "weight_decay": 11}, "learning_rate": 0.1},
        "optimizer.weight_decay: 11.0: takes more than a whole weight",
    ),
    (NAIVE, {"augmentation": {"affine": {}}}, "augmentation.affine: changes nothing"),
    (NAIVE, {"readout": "posterior"}, "readout: 'posterior': only siamese nets"),
    (NAIVE, {"loss": {"digits_only": True}}, "loss.digits_only: True: only siamese nets"),
    (SIAMESE, {"loss": {"digits_only": True}}, "readout: 'head': learns nothing"),
    (
        SIAMESE,
        {"loss": {"digits_only": True}, "readout": "argmax", "aux_weight": 1},
        "aux_weight: 1.0: weighs the digits",
    ),
    (
        NAIVE,
        {"training": {"pairs": 30_001}},
        "training.pairs: 30001: needs 60002 distinct digits of 60000; choose at most 30000",
    ),
    (
        NAIVE,
        {"averaging": {"epochs": 4}},
        "averaging.epochs: 4: is more than a run of 3 epochs has",
    ),
    (
        NAIVE,
        {"averaging": {"epochs": 2}, "training": {"batchnorm": "frozen_after_first_epoch"}},
        "averaging: takes BatchNorm's statistics again, and training.batchnorm is frozen_after",
    ),
    (
        SIAMESE,
        {"distillation": {}, **DIGITS},
        "distillation: has nobody to learn from; name variants in teachers",
    ),
    (
        SIAMESE,
        {"teachers": {SIAMESE: 1}, **DIGITS},
        "teachers: are not listened to; add distillation",
    ),
    (
        SIAMESE,
        {"teachers": {SIAMESE: 1}, "distillation": {"label": 0.5}},
        "distillation: is of digits alone; set loss.digits_only to true",
    ),
    (
        SIAMESE,
        {**LESSON, "loss": {"digits_only": True, "label_smoothing": 0.1}},
        "loss.label_smoothing: 0.1: smooths labels, which distillation.label: 0 leaves out",
    ),
]

RIGHT: list[tuple[str, Content]] = [
    (NAIVE, {"optimizer": {"name": "sgd", "nesterov": True, "momentum": 0.9}}),
    (NAIVE, {"optimizer": {"name": "adam", "weight_decay": 11}, "learning_rate": 0.1}),
    (NAIVE, {"optimizer": {"name": "lion", "weight_decay": 10}, "learning_rate": 0.1}),
    (NAIVE, {"schedule": {"name": "one_cycle", "warmup": 3}}),
    (NAIVE, {"schedule": {"name": "step", "every": 2}}),
    (NAIVE, {"schedule": {"name": "step", "every": 3}, "training": {"epochs": 4}}),
    (NAIVE, {"augmentation": {"swap": 0.5, "new_pairs": True, "affine": {"shift": 1}}}),
    (NAIVE, {"training": {"pairs": 200}}),
    (NAIVE, {"training": {"pairs": 1_250}}),
    (NAIVE, {"averaging": {"epochs": 3}}),
    (NAIVE, {"averaging": {"epochs": 4}, "training": {"epochs": 4}}),
    (SIAMESE, LESSON),
    (
        SIAMESE,
        {
            **LESSON,
            "distillation": {"label": 0.1},
            "loss": {"digits_only": True, "label_smoothing": 0.1},
        },
    ),
    (SIAMESE, {"loss": {"digits_only": True}, "readout": "posterior"}),
]


def changed(base: str, changes: Content) -> Content:
    """The quick params with one more variant."""
    return with_value(("variants", "other"), {"base": base, **changes})


@pytest.mark.parametrize(("base", "changes", "line"), WRONG)
def test_what_does_not_go_together_gets_one_line(base: str, changes: Any, line: str) -> None:
    (found,) = problems(changed(base, changes))
    assert found.startswith(f"variants.other.{line}")


@pytest.mark.parametrize(("base", "changes"), RIGHT)
def test_what_goes_together_is_taken(base: str, changes: Any) -> None:
    assert check(changed(base, changes)).variants["other"].base == base


def test_folds_are_held_against_the_epochs_of_the_search() -> None:
    grid = {"base": NAIVE, "schedule": [{"name": "cosine", "warmup": 2.5}]}
    (line,) = problems(with_value(("search", "grids", "tuned"), grid))
    assert line.startswith("search.grids.tuned.schedule.warmup: 2.5: is longer than a run of 2 ")


@pytest.mark.parametrize(("head", "taken"), [(True, False), (False, True)])
def test_a_stack_without_a_head_of_its_own_answers_by_its_digits(head: bool, taken: bool) -> None:
    options = {"layers": [{"channels": 4}], "pooling": "mean", "head": head}
    stack = {"family": "convstack", "options": options, "learning_rate": 1e-3}
    content = with_value(("variants", "other"), {**stack, "loss": {"digits_only": True}})
    if taken:
        assert check(content).variants["other"].readout is None
    else:
        (line,) = problems(content)
        assert line.startswith("variants.other.readout: 'head': learns nothing")


@pytest.mark.parametrize(
    ("teacher", "changes", "line"),
    [
        ("mpl", {}, "unknown variant; did you mean mlp?"),
        ("pupil", {}, "is a student itself; choose nets that learn from labels"),
        (NAIVE, {}, "tells no digits; choose a siamese net"),
        ("again", {}, "is a teacher already, by another name; give that one more"),
        ("read", {}, "is a teacher already, by another name; give that one more"),
        *(
            (SIAMESE, {"training": protocol}, f"its training.{key} is not its student's; let both")
            for protocol in (
                {"pairs": 100},
                {"shuffle": False},
                {"varies": "order"},
                {"batchnorm": "frozen_after_first_epoch"},
            )
            for key in protocol
        ),
    ],
)
def test_who_cannot_teach_gets_a_line(teacher: str, changes: Content, line: str) -> None:
    content = changed(SIAMESE, {**LESSON, "teachers": {SIAMESE: 1, teacher: 2}, **changes})
    content["variants"]["pupil"] = {"base": SIAMESE, **LESSON}
    content["variants"]["again"] = {"base": SIAMESE}
    content["variants"]["read"] = {"base": SIAMESE, "readout": "argmax"}
    found, *_ = problems(content)
    names = (SIAMESE, teacher)
    assert found.startswith(tuple(f"variants.other.teachers.{name}: {line}" for name in names))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "'none': a teacher sees other images ('per_image'); let both see the same"),
        ({"preprocessing": "per_pixel"}, "'per_pixel': a teacher sees other images ('per_image')"),
    ],
)
def test_a_student_sees_what_its_teachers_see(changes: Content, line: str) -> None:
    content = changed(SIAMESE, {**LESSON, "teachers": {"centred": 2}, **changes})
    content["variants"]["centred"] = {"base": SIAMESE, "preprocessing": "per_image"}
    (found,) = problems(content)
    assert found.startswith(f"variants.other.preprocessing: {line}")


def test_a_grid_of_students_keeps_to_what_their_teachers_see() -> None:
    content = changed(SIAMESE, LESSON)
    content["search"]["grids"]["lessons"] = {
        "base": "other",
        "learning_rate": [1e-3],
        "preprocessing": ["none", "per_image"],
    }
    (found,) = problems(content)
    assert found.startswith("search.grids.lessons.preprocessing: 'per_image': a teacher sees other")


def test_teachers_may_differ_in_all_else() -> None:
    own = {
        "epochs": 9,
        "batch_size": 7,
        "seeds": 2,
        "shuffle": True,
        "pairs": 200,
    }  # the last two as usual
    changes = {"learning_rate": 1e-2, "training": own}
    content = changed(SIAMESE, {**LESSON, "teachers": {"elder": 3}})
    content["variants"]["elder"] = {"base": SIAMESE, "aux_weight": 5, **changes}
    (teacher,) = resolve(check(content), "other").teachers
    assert (teacher.epochs, teacher.batch_size, teacher.copies) == (9, 7, 3)
    assert (teacher.learning_rate, teacher.aux_weight, teacher.code) == (1e-2, 5.0, "")


def test_students_inherit_their_teachers_and_can_name_others() -> None:
    content = changed(SIAMESE, LESSON)
    content["variants"]["longer"] = {"base": "other", "training": {"epochs": 9}}
    content["variants"]["more"] = {"base": "other", "teachers": {"siamese_mlp": 1}}
    params = check(content)
    assert resolve(params, "longer").teachers == resolve(params, "other").teachers
    assert [one.copies for one in resolve(params, "more").teachers] == [1]
