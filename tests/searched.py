"""Params with a grid that tries points of a space, changed as a test needs it."""

from copy import deepcopy
from typing import Any

import yaml

from digitpairs.study.load import check
from digitpairs.study.schema import Params
from project import ROOT

Content = dict[str, Any]

STACK: Content = {
    "family": "convstack",
    "options": {"layers": [{"channels": 4, "pool": "max"}], "pooling": "mean", "head": False},
    "learning_rate": 5e-3,
    "loss": {"digits_only": True},
    "readout": "posterior",
    "augmentation": {"affine": {"rotation": 10}},
    "schedule": {"name": "one_cycle", "warmup": 2},
    "training": {"epochs": 4},
}
STUDENT: Content = {"base": "stack", "teachers": {"stack": 2}, "distillation": {"label": 0.25}}
GRID: Content = {
    "base": "stack",
    "strategy": {
        "name": "halving",
        "trials": 6,
        "seed": 3,
        "rungs": [{"epochs": 2, "folds": 1}, {"sets": 2, "keep": 3}, {"sets": 3, "keep": 2}],
    },
    "space": {
        "learning_rate": {"low": 1e-3, "high": 1e-1, "log": True},
        "augmentation.affine.rotation": {"low": 5, "high": 20},
        "options.layers": [[{"channels": 4, "pool": "max"}], [{"channels": 6, "pool": "max"}]],
    },
}


def content(changes: Content | None = None, **strategy: Any) -> Content:
    """The quick params with a stack, its student and a grid; changes are of the grid."""
    found: Content = yaml.safe_load((ROOT / "params.quick.yaml").read_text())
    found["variants"] |= {"stack": deepcopy(STACK), "student": deepcopy(STUDENT)}
    grid = deepcopy(GRID) | (changes or {})
    if strategy:
        grid["strategy"] = {**grid["strategy"], **strategy}
    found["search"]["grids"]["found"] = grid
    return found


def searching(changes: Content | None = None, **strategy: Any) -> Params:
    """Sound params with such a grid."""
    return check(content(changes, **strategy))
