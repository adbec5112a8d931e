"""The trials of a strategy: how far each came, its scores, and what the search saw."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest

from collected import collected
from digitpairs.digits.source import Source
from digitpairs.products.numbers.trials import seen, value_at
from digitpairs.products.numbers.trials import trials as listed
from digitpairs.products.tables.trials import findings, frame, title
from digitpairs.runs import plan
from digitpairs.runs.collect import per_run
from digitpairs.search.ranking import ranking
from digitpairs.spec import from_text
from digitpairs.study.grid import configurations
from digitpairs.study.load import load
from digitpairs.study.schema import Study
from digitpairs.study.variants import resolve
from project import ROOT
from searched import searching

GRID = "found"
KEYS = ["learning_rate", "augmentation.affine.rotation", "options.layers"]
PARAMS = searching()
ALL = configurations(PARAMS)[GRID]


def rung(place: int, scores: dict[int, Sequence[float]], source: Source) -> pd.DataFrame:
    """The runs of a rung: of trials by their places, the score of each fold."""
    parts = [
        collected(run, [score] * run.spec.epochs)
        for trial, of_folds in scores.items()
        for run, score in zip(
            plan.rung_runs(PARAMS, source, GRID, place, ALL[trial]), of_folds, strict=True
        )
    ]
    return per_run(pd.concat(parts, ignore_index=True))


def trials(rungs: Sequence[pd.DataFrame], source: Source) -> pd.DataFrame:
    """List the trials of these rungs; any of them may have reached any."""
    judged = [
        {
            plan.rung_runs(PARAMS, source, GRID, place, setting)[0].spec.group: setting
            for setting in ALL
        }
        for place in range(len(rungs))
    ]
    return listed([ranking(runs) for runs in rungs], judged)


@pytest.fixture
def rungs(source: Source) -> list[pd.DataFrame]:
    first = {place: [0.5 + place / 20] for place in range(6)}
    folds = PARAMS.search.folds
    second = {
        place: [0.7 + place / 50 + fold / 1000 for fold in range(2 * folds)] for place in (3, 5)
    }
    return [rung(0, first, source), rung(1, second, source)]


def test_those_that_came_furthest_come_first_with_a_score_for_each_rung(
    rungs: list[pd.DataFrame], source: Source
) -> None:
    found = trials(rungs, source)
    rates = [setting.learning_rate for setting in found["setting"]]
    assert rates == [ALL[place].learning_rate for place in (5, 3, 4, 2, 1, 0)]
    assert list(found["reached"]) == [2, 2, 1, 1, 1, 1]
    own = rungs[1][rungs[1]["learning_rate"] == ALL[5].learning_rate]["final_accuracy"]
    assert found.loc[0, "accuracy_2"] == pytest.approx(own.mean(), abs=1e-9)
    assert found.loc[0, "error_2"] == pytest.approx(own.sem(), abs=1e-12)
    assert found.loc[0, "folds_2"] == len(own)
    assert found["accuracy_2"].isna().sum() == 4
    assert list(found["accuracy_1"]) == [0.75, 0.65, 0.7, 0.6, 0.55, 0.5]


def test_a_rung_of_fewer_epochs_is_of_the_same_trials(
    rungs: list[pd.DataFrame], source: Source
) -> None:
    """The first rung warms up for half as long; `rungs` has it with half of the epochs."""
    first, second = (from_text(runs["spec"].iloc[0]) for runs in rungs)
    assert first.epochs < second.epochs
    assert first.recipe.schedule.warmup < second.recipe.schedule.warmup
    assert len(trials(rungs, source)) == 6


def test_what_the_search_saw_counts_each_run_and_pair_set_once(
    rungs: list[pd.DataFrame], source: Source
) -> None:
    told = seen([*rungs, rungs[1]])
    runs = len(rungs[0]) + len(rungs[1])
    pairs = PARAMS.pairs.train
    assert (told.trials, told.rungs, told.runs, told.sets) == (6, 3, runs, 2)
    assert told.labels == 2 * 2 * pairs


def test_the_most_pairs_that_a_trial_saw_of_a_set_count(source: Source) -> None:
    fewer = replace(ALL[0], training=replace(ALL[0].training, pairs=100))
    parts = [
        collected(run, [0.5] * run.spec.epochs)
        for setting in (ALL[0], fewer)
        for run in plan.rung_runs(PARAMS, source, GRID, 0, setting)
    ]
    runs = per_run(pd.concat(parts, ignore_index=True))
    for one in (runs, runs[::-1]):
        assert (seen([one]).sets, seen([one]).pairs) == (1, PARAMS.pairs.train)


def test_a_value_is_found_by_its_key() -> None:
    first = ALL[0]
    setting = replace(first, recipe=replace(first.recipe, preprocessing="deskewed"))
    assert value_at(setting, "learning_rate") == first.learning_rate
    assert value_at(setting, "augmentation.affine.rotation") == 10
    assert value_at(setting, "options.layers")[0]["channels"] == 4
    assert value_at(setting, "preprocessing") == "deskewed"
    assert value_at(setting, "training.epochs") == 4
    assert value_at(setting, "distillation.label") is None


def test_the_table_has_a_row_a_trial_and_says_what_was_seen(
    rungs: list[pd.DataFrame], source: Source
) -> None:
    found = trials(rungs, source)
    study = Study(kind="trials", title="Tried", variants=["found_selected"])
    table = frame(found, KEYS, 2)
    assert list(table) == ["Learning rate", "Rotation", "Layers", "Parameters", "Rung 1", "Rung 2"]
    assert table.loc[0, "Learning rate"].markdown == f"{ALL[5].learning_rate:g}"
    assert table.loc[0, "Rung 2"].markdown.startswith(f".{round(found.loc[0, 'accuracy_2'] * 1e4)}")
    assert table.loc[5, "Rung 2"].markdown == ""
    text = title(study, seen(rungs), ["6 on 1 sets"])
    assert f"{2 * 2 * PARAMS.pairs.train:,} labelled digits" in text
    (line,) = findings(found, 2)
    assert "4.00 points behind" in line


def test_the_winner_is_written_out_as_it_was_found() -> None:
    """beyond_net has a name, so that it can teach; what won is the first row of the table."""
    params = load(ROOT / "params.yaml")
    keys = list(params.search.grids["beyond"].space)
    own = pd.DataFrame({"setting": [resolve(params, "beyond_net")], "parameters": 47_654})
    written = [cell.markdown for cell in frame(own, keys, 0).iloc[0]]
    table = (ROOT / "reports/tables/trials.md").read_text(encoding="utf-8")
    first = next(line for line in table.splitlines() if line.startswith("| ") and "± " in line)
    assert first.strip("| ").split(" | ")[: len(written)] == written


def test_what_trials_differ_in_can_be_told_apart() -> None:
    """Keys that end alike are headed by all of it, and layers say more than their channels."""
    last = {"channels": 5, "padding": 1}
    layers = [[{"channels": 4, "pool": kind}, last] for kind in ("max", "mean")]
    settings = [
        replace(ALL[0], model=replace(ALL[0].model, options=json.dumps({"layers": one})))
        for one in layers
    ]
    columns = frame(
        pd.DataFrame({"setting": settings, "parameters": 1}),
        ["schedule.name", "optimizer.name", "options.layers"],
        0,
    )
    assert list(columns)[:3] == ["Schedule name", "Optimizer name", "Layers"]
    assert [cell.markdown for cell in columns["Layers"]] == ["4max-5p1", "4mean-5p1"]
