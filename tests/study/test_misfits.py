"""Parts of a recipe that do not go together are refused: key, value, what to do."""

from typing import Any

import pytest
from contents import Content, problems, with_value

from digitpairs.study.load import check

NAIVE, SIAMESE = "mlp", "siamese_mlp_shared"
EPOCHS = 3  # of the quick params

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
    (NAIVE, {"training": {"pairs": 201}}, "training.pairs: 201: is more than pairs.train (200)"),
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
