"""The card of the weights that are kept, and which net that is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from collected import PAPER
from digitpairs import paths
from digitpairs.models.counts import parameters_of
from digitpairs.products.card import card
from digitpairs.products.numbers.statistics import summarise
from digitpairs.recipe import Adam, Recipe
from digitpairs.runs.weights import Weights
from digitpairs.spec import RunSpec, Task, Teacher
from digitpairs.study import groups
from digitpairs.study.load import load
from nets import CONVNET, SHARED
from project import ROOT

SPEC = RunSpec(SHARED, learning_rate=3e-3, aux_weight=7.0, **PAPER, seed=2)
RUNS = pd.DataFrame(
    {
        "seed": [0, 1, 2, 3],
        "status": ["finished"] * 3 + ["diverged"],
        "final_accuracy": [0.91, 0.93, 0.968, np.nan],
        "many_pairs_accuracy": [0.921, 0.922, 0.923, np.nan],
        "digit_accuracy": [0.951, 0.952, 0.953, np.nan],
    }
)


def written(spec: RunSpec = SPEC, runs: pd.DataFrame = RUNS) -> str:
    kept = Weights(spec, {}, {}, {"device": "abacus", "torch": "9.9"})
    return card("A label", "a_variant", kept, runs, "full MNIST")


def cells(text: str) -> dict[str, list[str]]:
    """Rows of all tables, by their first cell."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows}


def test_it_shows_the_mean_with_its_interval_and_beside_it_this_net() -> None:
    over = summarise(RUNS["final_accuracy"])
    assert cells(written())["Answers, 1,000 test pairs a seed"] == [
        ".936",
        f".{over.low * 1000:.0f} to {over.high:.3f}",
        f".0{over.std * 1000:.0f}",
        ".968",
    ]
    assert over.high > 1  # three runs say little, and the card hides nothing of that


def test_a_run_that_diverged_is_not_counted() -> None:
    assert "the mean over 3 seeds" in written().replace("\n", " ")


def test_it_says_what_was_trained_on_what_and_where() -> None:
    recipe = Recipe(Adam("adamw", weight_decay=0.25))
    text = written(replace(SPEC, recipe=recipe, first_pairs=321))
    for part in (
        "# A label\n",
        "`a_variant`, seed 2",
        f"{parameters_of(SHARED):,} parameters",
        "Full MNIST.",
        "drew 321 training pairs",
        "learned from 321 pairs",
        "lesser than or equal",
    ):
        assert part in text
    rows = cells(text)
    assert rows["Net"] == ["siamese_convnet, 4-8, 10, weight sharing"]
    assert rows["Epochs"] == ["50, in batches of 100 pairs"]
    assert rows["Learning rate"] == ["0.003"]
    assert rows["Weight of the auxiliary loss"] == ["7"]
    assert rows["Other than the paper's"] == ["adamw weight decay 0.25"]
    assert rows["Computed"] == ["abacus, torch 9.9"]


def test_a_naive_net_says_nothing_of_digits() -> None:
    spec = replace(SPEC, model=CONVNET, aux_weight=0.0)
    text = written(spec, RUNS.assign(digit_accuracy=np.nan))
    assert "Digits of the test pairs" in cells(written())
    assert "Digits of the test pairs" not in cells(text)


def test_of_another_question_photos_are_not_asked() -> None:
    task = Task(side=12, channels=3, target="same_class")
    text = written(replace(SPEC, model=replace(SHARED, task=task)))
    assert "3 channels of 12x12 pixels" in text
    assert "whether both are of one class" in text
    assert "digitpairs predict" in written()
    assert "digitpairs predict" not in text


def test_prose_fits_into_100_columns() -> None:
    lines = [line for line in written().splitlines() if not line.startswith("|")]
    assert max(map(len, lines)) <= 100


STAGES: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text())


def test_the_artifact_is_what_the_stage_makes() -> None:
    made = {
        path: options for out in STAGES["stages"]["model"]["outs"] for path, options in out.items()
    }
    artifact = STAGES["artifacts"]["best"]
    assert artifact["path"] == paths.WEIGHTS in made
    assert artifact["meta"]["card"] == paths.CARD in made
    assert made[paths.WEIGHTS].get("cache", True)  # DVC carries the weights
    assert made[paths.CARD]["cache"] is False  # and git the card


def test_the_net_that_is_kept_is_that_of_the_search_and_of_the_first_seed() -> None:
    """Not the one of the highest test accuracy, nor the luckiest seed."""
    params = load(ROOT / "params.yaml")
    assert params.model is not None
    assert groups.owners(params)[params.model.variant] == "beyond"
    assert not params.variants[params.model.variant].teachers
    assert params.model.seed == 0


@pytest.mark.parametrize("file", ["params.yaml", "params.quick.yaml"])
def test_the_pipelines_params_name_a_net_to_keep(file: str) -> None:
    assert load(ROOT / file).model is not None


def test_it_says_who_taught_the_net() -> None:
    teacher = Teacher(SHARED, 1e-3, epochs=9, batch_size=20, copies=3)
    assert cells(written())["Taught by"] == ["nobody"]
    told = cells(written(replace(SPEC, teachers=(teacher,))))
    assert told["Taught by"] == ["3 nets of the same pairs"]
