"""Who wins the search."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collected import run, setting
from digitpairs import paths
from digitpairs.identity import essentials
from digitpairs.runs import collect
from digitpairs.runs.collect import per_run
from digitpairs.search.ranking import ranking, read_winners, winners
from digitpairs.search.winners import select_winners
from digitpairs.spec import ModelSpec, Teacher
from digitpairs.study.schema import Params
from folds import rows


def ranked(*configurations: list[dict[str, Any]]) -> pd.DataFrame:
    return ranking(pd.DataFrame([row for rows in configurations for row in rows]))


def in_order(*configurations: list[dict[str, Any]]) -> list[tuple[str, float]]:
    table = ranked(*configurations)
    return list(zip(table["hidden"], table["learning_rate"], strict=True))


def test_the_best_mean_over_the_folds_ranks_first() -> None:
    steady, lucky = rows(0.8, 0.8, hidden="50"), rows(0.9, 0.6, hidden="60")
    table = ranked(lucky, steady)
    assert table["hidden"].tolist() == ["50", "60"]
    assert table["rank"].tolist() == [1, 2]
    assert table["accuracy"].tolist() == [0.8, 0.75]
    assert table["folds"].tolist() == [2, 2]


def test_a_tie_goes_to_fewer_parameters() -> None:
    assert in_order(rows(0.8, hidden="60"), rows(0.8, hidden="50")) == [
        ("50", 1e-3),
        ("60", 1e-3),
    ]


def test_a_tie_of_equal_sizes_goes_to_the_smaller_learning_rate() -> None:
    assert in_order(rows(0.8, rate=5e-3), rows(0.8, rate=1e-4), rows(0.8, rate=1e-3)) == [
        ("50", 1e-4),
        ("50", 1e-3),
        ("50", 5e-3),
    ]


def test_parameters_break_a_tie_before_the_learning_rate() -> None:
    assert in_order(rows(0.8, hidden="60", rate=1e-4), rows(0.8, hidden="50", rate=5e-3)) == [
        ("50", 5e-3),
        ("60", 1e-4),
    ]


def test_means_that_differ_in_the_last_bit_alone_are_a_tie() -> None:
    one, other = (0.925, 0.815, 0.755, 0.63, 0.65), (0.93, 0.81, 0.755, 0.63, 0.65)
    for large, small in [(one, other), (other, one)]:
        order = in_order(rows(*large, hidden="60"), rows(*small, hidden="50"))
        assert order[0][0] == "50"


def test_one_pair_more_is_no_tie() -> None:
    fold = [0.8] * 5
    better = [0.8] * 4 + [0.801]
    assert in_order(rows(*fold, hidden="50"), rows(*better, hidden="60"))[0][0] == "60"


def test_a_configuration_that_diverged_on_any_fold_ranks_last() -> None:
    table = ranked(rows(0.99, None, hidden="50"), rows(0.5, 0.5, hidden="60"))
    assert table["hidden"].tolist() == ["60", "50"]
    assert table["diverged"].tolist() == [0, 1]


def test_families_are_ranked_apart() -> None:
    conv = {"grid": "convnet"}
    table = ranked(rows(0.8), rows(0.9, **conv), rows(0.7, hidden="60", **conv))
    assert table.groupby("variant")["rank"].apply(list).to_dict() == {"mlp": [1], "convnet": [1, 2]}


@given(st.permutations([(h, r, a) for h in (50, 60) for r in (1e-3, 5e-3) for a in (0.7, 0.8)]))
def test_ranking_does_not_depend_on_the_order_of_the_rows(
    order: list[tuple[int, float, float]],
) -> None:
    table = ranked(
        *(rows(a, hidden=f"{h}-{int(1000 * a)}", rate=r, parameters=100 * h) for h, r, a in order)
    )
    key = list(
        zip(-table["accuracy"], table["parameters"], table["learning_rate"], strict=True),
    )
    assert key == sorted(key)


def test_the_winner_is_plain_data() -> None:
    conv = {"grid": "siamese_convnet", "parameters": 93_214}
    table = ranked(rows(0.8), rows(0.81, hidden="60", rate=5e-3), rows(0.9, hidden="50-20", **conv))
    assert winners(table) == {
        "mlp": {
            "model": {"family": "mlp", "hidden": (60,)},
            "learning_rate": 5e-3,
            "parameters": 6000,
            "accuracy": 0.81,
        },
        "siamese_convnet": {
            "model": {"family": "siamese_convnet", "hidden": (50, 20)},
            "learning_rate": 1e-3,
            "parameters": 93_214,
            "accuracy": 0.9,
        },
    }


def test_a_family_that_diverged_throughout_has_no_winner() -> None:
    assert winners(ranked(rows(None, None), rows(None, 0.9, hidden="60"))) == {}


@pytest.mark.parametrize("diverged", [1, 2])
def test_collected_folds_are_ranked_with_the_diverged_last(diverged: int) -> None:
    table = ranking(per_run(collected_folds(diverged)))
    assert table["hidden"].tolist() == ["9", "8"]
    assert table["diverged"].tolist() == [0, diverged]
    assert winners(table)["mlp"]["accuracy"] == 0.6


def collected_folds(diverged: int) -> pd.DataFrame:
    """Two configurations on two folds; the better one diverged on the first of them."""
    folds: dict[str, Any] = {"folds": 2, "epochs": 25, "test_pairs": None}
    parts = [
        run(
            "mlp",
            1000,
            [accuracy],
            "diverged" if hidden == 8 and fold < diverged else "finished",
            of=setting("mlp", hidden=(hidden,)),
            fold=fold,
            **folds,
        )
        for hidden, accuracy in [(8, 0.9), (9, 0.6)]
        for fold in range(2)
    ]
    return pd.concat(parts, ignore_index=True)


def test_winners_are_written_as_they_are_read(
    paper_params: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_winners(paper_params) is None
    collect.write(collected_folds(1), paths.SEARCH)
    select_winners(paper_params, "")
    assert read_winners(paper_params) == {
        "mlp": {"model": {"family": "mlp", "hidden": (9,)}, "learning_rate": 1e-4}
    }


def test_a_search_without_a_winner_is_known(
    paper_params: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths.SEARCHES.mkdir(parents=True)
    Path(paths.WINNERS).write_text("{}")
    assert read_winners(paper_params) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"mlp": 1}',
        '{"mlp": {"hidden": [9], "channels": []}}',
        '{"mlp": {"hidden": "9"}}',
    ],
)
def test_a_file_that_names_no_winners_is_none(
    paper_params: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    paths.SEARCHES.mkdir(parents=True)
    Path(paths.WINNERS).write_text(text)
    assert read_winners(paper_params) is None


def test_a_winner_that_is_a_student_keeps_its_teachers() -> None:
    """As they were before they were planned."""
    teacher = Teacher(ModelSpec("siamese_mlp", (9,)), 1e-3, 2, 20, copies=2)
    spec = json.loads(rows(0.8)[0]["spec"])
    spec["teachers"] = [to_json_of(replace(teacher, code="1" * 20))]
    won = winners(ranked(rows(0.8, spec=json.dumps(spec))))
    assert won["mlp"]["teachers"] == (essentials(teacher),)


def to_json_of(teacher: Teacher) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(teacher)))
