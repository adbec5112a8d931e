"""Claims and the results that decide them, made up: accuracies by seed, or a search's folds."""

from copy import deepcopy
from typing import Any

import pandas as pd

from collected import PAPER, collected, run, setting
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import RunSpec
from digitpairs.study.load import check
from digitpairs.study.schema import Params

CLAIM: dict[str, Any] = {
    "source": "Table 1",
    "quote": "as it stands",
    "says": "One beats the other.",
    "measure": "best_accuracy",
    "direction": "above",
    "margin": 0.01,
    "compare": {"convnet": ["mlp"]},
}
# Of eight seeds: each row is of one variant, and the differences have a spread.
MLP = [0.80, 0.81, 0.79, 0.82, 0.80, 0.83, 0.81, 0.80]
BETTER = [0.85, 0.87, 0.83, 0.87, 0.86, 0.88, 0.86, 0.85]  # by 4 to 6 points
LIKE = [0.801, 0.81, 0.789, 0.821, 0.80, 0.829, 0.811, 0.80]  # by a tenth of a point at most
MIXED = [0.83, 0.79, 0.82, 0.80, 0.82, 0.81, 0.79, 0.82]  # by 3 points to either side


def params_with(content: dict[str, Any], **claims: dict[str, Any]) -> Params:
    """The params with these claims; each says what of CLAIM is another."""
    return check({**deepcopy(content), "claims": {n: CLAIM | one for n, one in claims.items()}})


def of_seeds(name: str, best: list[float], final: list[float] | None = None) -> pd.DataFrame:
    """Results of a published net whose best, and final, accuracies are these."""
    ends = final or best
    parts = [
        run(name, seed, [top, end]).assign(many_pairs_accuracy=end)
        for seed, (top, end) in enumerate(zip(best, ends, strict=True))
    ]
    return pd.concat(parts, ignore_index=True)


def of_folds(grid: str, learning_rate: float, accuracies: list[float]) -> pd.DataFrame:
    """Folds of one configuration of a search: the published net at a learning rate."""
    tried = setting(grid, learning_rate)
    shape = {**PAPER, "test_pairs": None, "seed": 1000, "folds": len(accuracies)}
    parts = []
    for fold, accuracy in enumerate(accuracies):
        spec = RunSpec(tried.model, learning_rate, 0.0, **shape, fold=fold)
        parts.append(collected(PlannedRun(grid, spec, ""), [accuracy]))
    return pd.concat(parts, ignore_index=True)
