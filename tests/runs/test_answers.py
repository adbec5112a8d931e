"""Answers to single digits, from real runs whose weights are kept."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.models.registry import family_of
from digitpairs.pairs import pool
from digitpairs.recipe import Recipe
from digitpairs.runs import answers
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import ModelSpec, RunSpec
from nets import SHARED, SIAMESE, SIAMESE_MLP, stack_of

PAIRS = "pairs.parquet"  # where the fixture `train` puts them
CONVSTACK = stack_of({"layers": [{"channels": 4, "pool": "max"}], "head": False})
Ask = Callable[..., Any]


@pytest.fixture
def ask(train: Callable[..., Any], mlp_run: RunSpec) -> Ask:
    """Train two seeds of a net, ask them, and read what was written; the records too."""

    def of(model: ModelSpec, readout: str, **changes: Any) -> Any:
        recipe = replace(Recipe(), readout=readout)
        changes = {"learning_rate": 1e-2, "aux_weight": 1.0, **changes}
        spec = replace(mlp_run, model=model, recipe=recipe, **changes)
        spec = replace(spec, code=family_of(model).code(recipe))
        runs = [PlannedRun("net", replace(spec, seed=seed), PAIRS, kept=True) for seed in (0, 1)]
        records = train(runs)
        digits = pool.load(Path(paths.test_digits(PAIRS)))
        answers.write(answers.answers(runs, records, digits), paths.answers("net"))
        table = pq.ParquetFile(paths.answers("net")).read()
        return {name: table[name].to_numpy() for name in table.column_names}, records, runs, digits

    return of


@pytest.mark.parametrize("model", [SHARED, SIAMESE_MLP, CONVSTACK])
@pytest.mark.parametrize("readout", ["argmax", "posterior", "head"])
def test_wrong_pairs_add_up_to_what_the_run_measured(
    ask: Ask, model: ModelSpec, readout: str
) -> None:
    table, records, _, digits = ask(model, readout)
    count = len(digits)
    assert table["seed"].tolist() == [0] * count + [1] * count
    assert np.array_equal(table["label"], np.tile(digits.labels, 2))
    shares = np.stack([table[f"p{name}"] for name in range(10)], 1)
    assert np.allclose(shares.sum(1), 1, atol=1e-5)
    for seed, record in enumerate(records):
        own = table["wrong"][table["seed"] == seed]
        accuracy = 1 - own.sum() / 2 / (count * (count - 1))
        if readout == "head" and model is not CONVSTACK:
            # Of 60 digits the run's measure has each with the next 20 alone.
            assert accuracy == pytest.approx(
                record["measures"]["many_pairs_head_accuracy"], abs=0.1
            )
            continue
        name = "posterior" if readout == "head" else readout
        measured = record["measures"][f"all_pairs_{name}_accuracy"]
        assert accuracy == pytest.approx(measured, abs=1e-3)
    assert len({tuple(table["wrong"][table["seed"] == seed]) for seed in (0, 1)}) == 2


def test_a_run_that_diverged_is_not_asked(ask: Ask) -> None:
    _, records, runs, digits = ask(SHARED, "argmax")
    half = answers.answers(runs, [records[0], {**records[1], "status": "diverged"}], digits)
    assert set(half["seed"].to_pylist()) == {0}
    none = answers.answers(runs, [{"status": "diverged"}] * 2, digits)
    assert len(none) == 0
    assert none.schema == half.schema


def test_weights_that_are_missing_or_anothers_are_not_taken(ask: Ask) -> None:
    _, records, runs, digits = ask(SHARED, "argmax")
    first, second = (Path(paths.kept(run.path)) for run in runs)
    second.write_bytes(first.read_bytes())
    with pytest.raises(UserError, match="another run"):
        answers.answers(runs, records, digits)
    second.unlink()
    with pytest.raises(UserError, match="missing; give the same `snakemake` command again"):
        answers.answers(runs, records, digits)


def test_two_branches_say_two_things_of_a_digit(ask: Ask) -> None:
    with pytest.raises(UserError, match="share the weights"):
        ask(SIAMESE, "argmax")


def test_it_is_the_same_each_time(ask: Ask) -> None:
    _, records, runs, digits = ask(SHARED, "posterior")
    first = Path(paths.answers("net")).read_bytes()
    answers.write(answers.answers(runs, records, digits), paths.answers("net"))
    assert Path(paths.answers("net")).read_bytes() == first
