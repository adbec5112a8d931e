"""Folds of a search that nobody trained: accuracies as a test needs them."""

import json
from typing import Any

from collected import PAPER
from digitpairs.identity import digest
from digitpairs.spec import ModelSpec, RunSpec, to_json


def rows(
    *accuracies: float | None,
    hidden: str = "50",
    rate: float = 1e-3,
    grid: str = "mlp",
    **other: Any,
) -> list[dict[str, Any]]:
    """One configuration's folds; a fold without accuracy diverged."""
    return [
        {
            "variant": grid,
            "family": grid,
            "channels": "",
            "hidden": hidden,
            "shared": False,
            "options": "",
            "aux_weight": 0.0,
            "recipe": "",
            "learning_rate": rate,
            "parameters": 100 * int(hidden.partition("-")[0]),
            "fold": fold,
            "status": "diverged" if accuracy is None else "finished",
            "final_accuracy": accuracy,
            "many_pairs_accuracy": float("nan"),
            "run": f"{digest(spec_text(grid, hidden, rate))}/seed-1000-fold-{fold}",
            "spec": spec_text(grid, hidden, rate),
        }
        | other
        for fold, accuracy in enumerate(accuracies)
    ]


def spec_text(grid: str, hidden: str, rate: float) -> str:
    """The spec of a fold, as collected results have it."""
    model = ModelSpec(grid, tuple(map(int, hidden.split("-"))))
    spec = RunSpec(model=model, learning_rate=rate, aux_weight=0.0, seed=0, **PAPER)
    return json.dumps(to_json(spec))
