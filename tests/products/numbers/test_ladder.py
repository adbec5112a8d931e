"""Rungs, held against what stands in the files of answers; the worst digits and pairs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import asked
from digitpairs import paths
from digitpairs.products.numbers import answered, crossed, ladder
from digitpairs.products.numbers.answered import Answered
from digitpairs.products.numbers.confused import misread, worst_pairs
from readers import ANSWERS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked.ask()


def brute(one: Answered) -> np.ndarray:
    """Accuracy of each net over all ordered pairs, pair by pair."""
    found = []
    for shares in one.probabilities.astype(float):
        bad = (shares @ ANSWERS @ shares.T > 0.5) != ANSWERS[one.labels[:, None], one.labels]
        np.fill_diagonal(bad, False)
        found.append(1 - bad.sum() / (asked.COUNT * (asked.COUNT - 1)))
    return np.array(found)


def test_a_rung_has_both_measures_and_its_change() -> None:
    found = ladder.rungs(asked.results(), asked.LABELS).set_index("variant")
    assert [*found.index] == [*asked.RUNGS]
    assert found["label"].to_list() == [*asked.LABELS.values()]
    each = {name: answered.of_variant(name) for name in asked.RUNGS}
    for name, one in each.items():
        assert found.loc[name, "pairs_mean"] == pytest.approx(brute(one).mean())
        assert found.loc[name, "pairs_low"] < found.loc[name, "pairs_mean"]
        assert found.loc[name, "digit_accuracy"] == (one.guesses == one.labels).mean()
        assert found.loc[name, "final_mean"] == pytest.approx(0.9015 - asked.RUNGS[name])
        assert found.loc[name, "readout"] == "posterior"
    assert pd.isna(found.loc["first", "before"])
    gained = crossed.gain(each["second"].wrong, each["first"].wrong)
    assert found.loc["second", ["before", "seeds"]].to_list() == ["first", asked.SEEDS]
    assert found.loc["second", "difference"] == gained.mean
    assert found.loc["second", "difference_low"] == gained.low
    assert gained.mean == pytest.approx((brute(each["second"]) - brute(each["first"])).mean())


def test_a_change_is_over_the_seeds_that_both_rungs_have() -> None:
    asked.write("second", asked.RUNGS["second"], [1, 3], place=1)
    found = ladder.rungs(asked.results(), asked.LABELS).set_index("variant")
    first, second = (brute(answered.of_variant(name)) for name in ("first", "second"))
    assert found.loc["second", "seeds"] == 2
    assert found.loc["second", "difference"] == pytest.approx((second - first[[1, 3]]).mean())


def test_each_may_be_held_against_the_first() -> None:
    found = ladder.rungs(asked.results(), asked.LABELS, from_first=True).set_index("variant")
    first, third = (brute(answered.of_variant(name)) for name in ("first", "third"))
    assert found["before"].to_list()[1:] == ["first", "first"]
    assert found.loc["third", "difference"] == pytest.approx((third - first).mean())


def test_ensembles_of_unequal_numbers_of_nets_are_cut_to_the_fewest() -> None:
    asked.write("second", asked.RUNGS["second"], [0, 1], place=1)
    found = ladder.rungs(asked.results(), asked.LABELS).set_index("variant")
    one, two = (answered.of_variant(name) for name in ("first", "second"))
    assert set(found["few"]) == {2}
    assert found.loc["second", "ensemble_few"] == two.ensemble(ANSWERS)
    pair = Answered(one.seeds[:2], one.labels, one.probabilities[:2], one.wrong[:2])
    assert found.loc["first", "ensemble_few"] == pair.ensemble(ANSWERS) < one.ensemble(ANSWERS)


def test_an_ensemble_is_the_mean_posterior() -> None:
    one = answered.of_variant("first")
    together = Answered(one.seeds[:1], one.labels, one.probabilities.mean(0)[None], one.wrong[:1])
    assert one.ensemble(ANSWERS) == pytest.approx(brute(together)[0], abs=1e-6)
    assert one.ensemble(ANSWERS) > brute(one).max()


def test_a_ladder_whose_nets_all_diverged_has_no_numbers() -> None:
    empty = answered.read(paths.answers("first"))
    assert len(empty.seeds) == asked.SEEDS
    table = asked.answers.pq.ParquetFile(paths.answers("first")).read().slice(0, 0)
    asked.answers.write(table, paths.answers("first"))
    found = ladder.rungs(asked.results(), asked.LABELS).set_index("variant")
    assert (
        found.loc["first", ["pairs_mean", "pairs_low", "digit_accuracy", "ensemble"]].isna().all()
    )
    assert np.isnan(found.loc["second", "difference"])
    assert found.loc["third", "difference"] == found.loc["third", "difference"]


def test_costs_and_goals_stand_beside_where_they_are_known() -> None:
    found = ladder.rungs(asked.results(), asked.LABELS)
    assert found[ladder.COSTS].isna().all(axis=None)
    file = Path(paths.BEYOND)
    file.parent.mkdir(parents=True)
    file.write_text("variant,runs,cpu_seconds,teacher_seconds\nsecond,4,62,160\nother,1,1,0\n")
    found = ladder.rungs(asked.results(), asked.LABELS).set_index("variant")
    assert found.loc["second", ladder.COSTS].to_list() == [62, 160]
    assert found.loc["first", ladder.COSTS].isna().all()
    study = asked.study("ladder", group="up", goals=[0.993, 0.992])
    table = ladder.ladders({"climb": study}, [found.reset_index()])
    assert [*table.columns] == ladder.COLUMNS
    assert table[ladder.GOALS].iloc[0].to_list()[:2] == [0.992, 0.993]
    assert table["goal_3"].isna().all()
    assert set(table["group"]) == {"up"}
    assert set(table["public"]) == {0.9826}
    assert [*ladder.ladders({}, []).columns] == ladder.COLUMNS


def of_shares(shares: list[list[list[float]]], labels: list[int]) -> Answered:
    array = np.array(shares, np.float32)
    return Answered(np.arange(len(array)), np.array(labels), array, np.zeros(array.shape[:2], int))


def test_the_worst_digits_are_those_that_most_nets_misread() -> None:
    sure, torn, lost = [0.9, 0.05, 0.05], [0.4, 0.5, 0.1], [0.0, 0.1, 0.9]
    nets = of_shares([[sure, torn, lost, torn], [sure, sure, lost, torn]], [0, 0, 0, 0])
    found = misread(nets, 10)
    assert [one.place for one in found] == [2, 3, 1]  # of equal ones, who gives its label least
    assert [one.said for one in found] == [{2: 2}, {1: 2}, {1: 1}]
    assert [one.place for one in misread(nets, 1)] == [2]


def test_the_worst_pairs_are_wrong_and_share_no_digit() -> None:
    one = answered.of_variant("first")
    pairs = worst_pairs(one, ANSWERS, 5)
    places = [place for pair in pairs for place in (pair.first, pair.second)]
    assert len(pairs) == 5
    assert len(set(places)) == 10
    for pair in pairs:
        first, second = (one.probabilities[:, at].astype(float) for at in (pair.first, pair.second))
        yes = np.einsum("rk,kc,rc->r", first, ANSWERS, second)
        truth = ANSWERS[one.labels[pair.first], one.labels[pair.second]]
        assert pair.nets == ((yes > 0.5) != truth).sum()
        assert pair.chance == pytest.approx(np.where(truth, 1 - yes, yes).mean())
    assert [pair.nets for pair in pairs] == sorted((pair.nets for pair in pairs), reverse=True)
    right = of_shares([[[0.9, 0.1]]], [0])
    assert worst_pairs(right, ANSWERS[:2, :2], 5) == []
