"""What the tests of runs share: a block in a folder of its own, and a small plan."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from digitpairs import paths
from digitpairs.digits.idx import Digits
from digitpairs.digits.source import Source
from digitpairs.models.registry import family_of
from digitpairs.pairs import pairset, pool
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.pool import pool_of
from digitpairs.runs import block, pace, plan, store
from digitpairs.runs.blockfile import Block
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import RunSpec
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from nets import AT_MOST

PAIRS = "pairs.parquet"
Train = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def train(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sets: dict[str, PairSet],
    pools: dict[str, Digits],
    said: list[str],
) -> Train:
    """Train a block in a folder of its own, and read its records; all seeds share a pair set."""
    monkeypatch.chdir(tmp_path)
    pairset.save(Path(PAIRS), sets, AT_MOST)
    some = pool_of(pools["test"]).take(np.arange(60))
    pool.save(Path(paths.test_digits(PAIRS)), some)

    def on_these_pairs(runs: list[PlannedRun], threads: int = 1) -> list[dict[str, Any]]:
        block.train_block(Block(runs, "cpu", 1), threads, said.append)
        return [store.read(Path(run.path), run.spec) for run in runs]

    return on_these_pairs


@pytest.fixture
def even_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ship the times of a machine that takes 10^-9 s a multiply-add; short runs tell a pace too."""
    machine = pace.Shipped("abacus", {pace.ANY: (0.0, 1e-9)})
    monkeypatch.setattr(pace, "shipped", lambda: machine)
    monkeypatch.setattr(pace, "SHORTEST", 0.0)


def with_code(spec: RunSpec) -> PlannedRun:
    """Plan a run by the code as it is."""
    return PlannedRun("mlp", replace(spec, code=family_of(spec.model).code(spec.recipe)), PAIRS)


@pytest.fixture
def planned() -> Callable[[RunSpec], PlannedRun]:
    """Plan a run by the code as it is."""
    return with_code


@pytest.fixture
def runs(mlp_run: RunSpec) -> list[PlannedRun]:
    """Two seeds of the smallest run."""
    return [with_code(replace(mlp_run, seed=seed)) for seed in range(2)]


@pytest.fixture
def small(content: dict[str, Any]) -> dict[str, Any]:
    """A search of 3 rates on 2 folds; 3 seeds of 3 variants; no study shows runs of `lonely`."""
    grid = {"hidden": [[190], [100]], "learning_rate": [1e-4, 1e-3, 1e-2]}
    content["search"]["grids"] = {"mlp": grid}
    content["model"] = content["page"] = None
    content["variants"] = {
        "mlp": {"family": "mlp", "hidden": [200, 100], "learning_rate": 1e-4},
        "faster": {"base": "mlp", "learning_rate": 5e-3},
        "lonely": {"base": "mlp", "learning_rate": 1e-2},
    }
    content["studies"] = {
        "drawing": {"kind": "architecture", "title": "Net", "variants": ["lonely"]},
        "both": {"kind": "box", "title": "Both", "variants": ["mlp", "faster"]},
        "winner": {"kind": "accuracies", "title": "Won", "variants": ["mlp", "mlp_selected"]},
    }
    return content


@pytest.fixture
def params(small: dict[str, Any]) -> Params:
    return check(small)


@pytest.fixture
def folds(params: Params, source: Source) -> list[PlannedRun]:
    return plan.search_runs(params, source)


@pytest.fixture
def seeds(params: Params, source: Source) -> list[PlannedRun]:
    """Those of mlp, then of faster, then of lonely."""
    return plan.evaluation_runs(params, source, {})
