"""What is bounded without torch's help is never less than what is counted with it."""

import math
from dataclasses import replace
from typing import Any

import pytest

from digitpairs.digits.source import Source
from digitpairs.recipe import SGD, Recipe
from digitpairs.runs.bound import bound
from digitpairs.runs.footprint import needed
from digitpairs.runs.forecast import planned
from digitpairs.runs.plan import STACK
from digitpairs.spec import RunSpec
from digitpairs.study.schema import Params
from nets import CONVNET, MLP, SHARED, SIAMESE, SIAMESE_MLP

NETS = (MLP, SIAMESE_MLP, CONVNET, SIAMESE, SHARED)


@pytest.mark.parametrize("runs", [1, STACK["cuda"]])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"train_pairs": 1000, "test_pairs": 1000, "batch_size": 100},
        {"train_pairs": 1000, "test_pairs": 10, "batch_size": 1000},
        {"train_pairs": 30, "test_pairs": 3000, "batch_size": 1},
        {"train_pairs": 990, "batch_size": 100, "batchnorm": "frozen_after_first_epoch"},
        {"train_pairs": 1000, "folds": 5, "fold": 0, "test_pairs": None},
        {"aux_weight": 1.0},
    ],
)
def test_a_bound_is_no_less_than_the_count(
    change: dict[str, Any], runs: int, mlp_run: RunSpec
) -> None:
    for model in NETS:
        spec = replace(mlp_run, model=model, **change)
        assert needed(spec, runs) <= bound(spec, runs), model


def test_it_spares_the_count_for_the_papers_runs_on_a_large_gpu(full_params: Params) -> None:
    """With some room above what is counted."""
    searched, evaluated = planned(full_params, Source("embedded", ""), {})
    specs = {(run.spec.model, run.spec.fold is None): run.spec for run in [*searched, *evaluated]}
    for spec in specs.values():
        assert 1.5 * needed(spec, STACK["cuda"]) <= bound(spec, STACK["cuda"]) <= 60e9


def test_of_other_recipes_nothing_is_known(mlp_run: RunSpec) -> None:
    assert bound(replace(mlp_run, recipe=Recipe(SGD("sgd"))), 1) == math.inf
