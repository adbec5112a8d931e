"""A recipe's defaults, which specs leave out."""

from dataclasses import MISSING, fields, is_dataclass

import pytest

from digitpairs import recipe
from digitpairs.spec import PAPERS_TASK, ModelSpec, RunSpec, Setting, Task, Teacher, TrainingChanges

DEFAULTS = {
    recipe.Adam: {"betas": (0.9, 0.999), "epsilon": 1e-8, "weight_decay": 0.0},
    recipe.SGD: {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0},
    recipe.Lion: {"betas": (0.9, 0.99), "weight_decay": 0.0},
    recipe.Constant: {"warmup": 0.0},
    recipe.Step: {"factor": 0.1, "warmup": 0.0},
    recipe.Cosine: {"final": 0.0, "warmup": 0.0},
    recipe.OneCycle: {"start": 0.04, "final": 0.0},
    recipe.Loss: {"label_smoothing": 0.0, "digits_only": False},
    recipe.Affine: {"rotation": 0.0, "scale": 0.0, "shear": 0.0, "shift": 0.0},
    recipe.Elastic: {"smoothness": 2.0},
    recipe.Augmentation: {
        "affine": None,
        "elastic": None,
        "swap": 0.0,
        "new_pairs": False,
        "blend": 0.0,
    },
    recipe.Distillation: {"label": 0.0, "temperature": 1.0},
    recipe.Sharpness: {},
    recipe.Averaging: {},
    recipe.Recipe: {
        "optimizer": recipe.Adam("adam"),
        "schedule": recipe.Constant("constant"),
        "loss": recipe.Loss(),
        "preprocessing": "none",
        "augmentation": recipe.Augmentation(),
        "readout": "head",
        "distillation": None,
        "sharpness": None,
        "averaging": None,
    },
    Task: {"side": 14, "channels": 1, "classes": 10, "target": "lesser_or_equal"},
    ModelSpec: {"channels": (), "shared": False, "options": "", "task": PAPERS_TASK},
    TrainingChanges: dict.fromkeys(
        ["seeds", "epochs", "batch_size", "batchnorm", "shuffle", "pairs", "varies"]
    ),
    RunSpec: {
        "folds": None,
        "fold": None,
        "recipe": recipe.BY_THE_PAPER,
        "first_pairs": None,
        "varies": None,
        "teachers": (),
        "copy": 0,
    },
    Teacher: {"aux_weight": 0.0, "recipe": recipe.BY_THE_PAPER, "copies": 1, "code": ""},
    Setting: {
        "aux_weight": 0.0,
        "recipe": recipe.BY_THE_PAPER,
        "training": TrainingChanges(),
        "teachers": (),
    },
}


@pytest.mark.parametrize("kind", DEFAULTS)
def test_a_default_never_changes(kind: type) -> None:
    """Else recorded runs, whose specs leave it out, would be taken for runs by the new one.

    A new field is added here. Another value is named in the params.
    """
    found = {field.name: field.default for field in fields(kind) if field.default is not MISSING}
    made = [field.name for field in fields(kind) if field.default_factory is not MISSING]
    assert found == DEFAULTS[kind]
    assert made == []


def test_all_parts_of_a_recipe_are_here() -> None:
    parts = {part for part in vars(recipe).values() if isinstance(part, type)}
    own = {part for part in parts if is_dataclass(part) and part.__module__ == recipe.__name__}
    assert own <= DEFAULTS.keys()
