"""Targets by name: which runs each needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from digitpairs import paths
from digitpairs.identity import essentials
from digitpairs.pipeline import targets
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from digitpairs.study.variants import resolve

WINNER = {"model": {"family": "mlp", "hidden": [350, 100]}, "learning_rate": 1e-3}


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
    same = essentials(resolve(quick_params, "mlp"))
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
        ("runs/siamese_convnt/seed-1", "no such variant; did you mean siamese_convnet? (known: "),
        ("runs/mpl", "no such variant; did you mean mlp? (known: "),
        ("runs/mlp/seed-99", "no such seed; it is one of seed-0 to seed-2"),
        ("runs/mlp/3", "no such seed; it is one of seed-0 to seed-2"),
        (
            "runs/mlp",
            "names no seed, and it is one of seed-0 to seed-2; give `snakemake runs/mlp/seed-0` "
            "for one run, or `snakemake variants/mlp` for all",
        ),
        ("variants/mlp_selectd", "no such variant; did you mean mlp_selected? (known: "),
        ("search/siamese_mpl", "no such grid; did you mean siamese_mlp? (known: mlp, convnet, "),
        ("search/mlp_selected", "no such grid"),
        ("studies/figur5", "no such study; did you mean figure5? (known: figure1, "),
        ("variants/mlp", "is a target only if it is written like this, with no more slashes"),
        ("runs/mlp/seed-0", "is a target only if it is written like this, with no more slashes"),
    ],
)
def test_what_is_wrong_with_a_target_is_said(
    target: str, message: str, quick_params: Params
) -> None:
    assert str(targets.mistake(quick_params, target)).startswith(f"{target}: {message}")


def test_of_one_seed_none_is_listed(content: dict[str, Any]) -> None:
    content["training"]["seeds"] = 1
    assert "names no seed, and there is seed-0 alone" in str(
        targets.mistake(check(content), "runs/mlp")
    )


def test_other_arguments_are_no_runs(quick_params: Params) -> None:
    arguments = ["--directory", "runs/trial", "--configfile", "runs/my.yaml", "runs/mlp/seed-0"]
    arguments += ["runs/mlp/seed-0", "runs/mlp_selected/seed-2", "runs/mlp/seed-3", "runs/mlp"]
    assert targets.run_targets(arguments, quick_params) == [
        "runs/mlp/seed-0",
        "runs/mlp_selected/seed-2",
    ]


def test_the_search_alone_is_no_reason_to_evaluate(quick_params: Params) -> None:
    searched = set(quick_params.search.grids)
    assert needed(quick_params, "search") == needed(quick_params, "select") == searched


def test_winners_on_file_are_not_trained_while_the_winners_are_due(quick_params: Params) -> None:
    """Another may win."""
    assert "mlp_selected" not in needed(quick_params)


def test_blocks_are_cut_from_what_a_study_shows(quick_params: Params) -> None:
    shown = set(quick_params.studies["figure4"].variants)
    assert needed(quick_params, "studies/figure4") == shown
    assert needed(quick_params, "reports/figures/figure4.pdf") == shown
    assert needed(quick_params, "data/results/variants/mlp.parquet") == {"mlp"}


def test_blocks_are_cut_from_all_runs_where_all_is_asked_for(quick_params: Params) -> None:
    everything = {*quick_params.variants, *quick_params.search.grids}
    for names in ([], ["all"], ["report"]):  # none: the default target
        assert needed(quick_params, *names) == everything


def test_targets_with_runs_of_their_own_are_cut_from_these(quick_params: Params) -> None:
    assert needed(quick_params, "runs/mlp/seed-0", "variants/mlp", "search/mlp") == set()
