"""Targets by name: which runs each needs."""

import json
from pathlib import Path

import pytest

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.pipeline import targets
from digitpairs.study.schema import Params

WINNER = {"hidden": [350, 100], "channels": [], "learning_rate": 1e-3}


@pytest.fixture(autouse=True)
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory with digits and winners."""
    monkeypatch.chdir(tmp_path)
    for file, content in {
        paths.SOURCE: {"source": "embedded", "checksum": "0123456789ab"},
        paths.WINNERS: {"mlp": WINNER},
    }.items():
        Path(file).parent.mkdir(parents=True)
        Path(file).write_text(json.dumps(content))


def needed(params: Params, *names: str) -> set[str]:
    return {run.name for run in targets.needed(params, names)}


def test_a_run_is_one_run(quick_params: Params) -> None:
    (run,) = targets.runs_of(quick_params, "runs/siamese_convnet/seed-1")
    assert (run.name, run.spec.seed) == ("siamese_convnet", 1)


def test_a_winner_has_its_own_runs_or_those_of_the_variant_that_it_is(
    quick_params: Params,
) -> None:
    (run,) = targets.runs_of(quick_params, "runs/mlp_selected/seed-0")
    assert run.name == "mlp_selected"
    mlp = quick_params.variants["mlp"]
    same = WINNER | {"hidden": mlp.hidden, "learning_rate": mlp.learning_rate}
    Path(paths.WINNERS).write_text(json.dumps({"mlp": same}))
    (run,) = targets.runs_of(quick_params, "runs/mlp_selected/seed-0")
    assert run.name == "mlp"


def test_a_search_is_all_folds_of_a_family(quick_params: Params) -> None:
    runs = targets.runs_of(quick_params, "search/mlp")
    assert {run.name for run in runs} == {"mlp"}
    assert {run.spec.fold for run in runs} == set(range(quick_params.search.folds))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("runs/siamese_convnt/seed-1", "no such variant; did you mean siamese_convnet?"),
        ("runs/mlp/seed-99", "no such seed; it is one of seed-0 to seed-"),
        ("runs/mlp", "no such variant"),
        ("runs/", "no such variant"),
    ],
)
def test_a_run_that_nobody_plans_is_an_error(
    target: str, message: str, quick_params: Params
) -> None:
    with pytest.raises(UserError, match=message):
        targets.run_targets(["--cores", "8", target], quick_params)


def test_blocks_are_cut_from_what_a_study_shows(quick_params: Params) -> None:
    shown = set(quick_params.studies["figure4"].variants)
    assert needed(quick_params, "studies/figure4") == shown
    assert needed(quick_params, "reports/figures/figure4.pdf") == shown
    assert needed(quick_params, "data/results/variants/mlp.parquet") == {"mlp"}


def test_blocks_are_cut_from_all_runs_where_all_is_asked_for(quick_params: Params) -> None:
    everything = {*quick_params.variants, "mlp_selected", *quick_params.search.grids}
    for names in ([], ["all"], ["report"]):  # none: the default target
        assert needed(quick_params, *names) == everything


def test_targets_with_runs_of_their_own_are_cut_from_these(quick_params: Params) -> None:
    assert needed(quick_params, "runs/mlp/seed-0", "variants/mlp", "search/mlp") == set()
