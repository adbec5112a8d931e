"""Tables of ladders."""

from pathlib import Path

import pandas as pd
import pytest

import asked
from digitpairs.products.numbers.ladder import rungs as found_rungs
from digitpairs.products.tables import limits, rungs
from digitpairs.products.tables.cells import between


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.chdir(tmp_path)
    asked.ask()
    return found_rungs(asked.results(), asked.LABELS)


def test_an_accuracy_has_its_interval_where_there_is_one() -> None:
    assert between(0.99112, 0.98994, 0.99216).latex == "$.9911 [.9899, .9922]$"
    assert between(0.99112, 0.98994, 0.99216).markdown == r".9911 \[.9899, .9922\]"
    assert between(0.99112, float("nan"), float("nan")).latex == "$.9911$"
    assert between(float("nan"), 0, 0).latex == "--"


def test_a_rung_says_what_it_is_costs_and_gains(found: pd.DataFrame) -> None:
    table = rungs.frame(found, asked.LABELS)
    assert [cell.latex for cell in table["Rung"]] == [*asked.LABELS.values()]
    assert [cell.latex for cell in table["CPU s a run"]] == ["--"] * 3
    assert table["Change"].iloc[0].latex == "--"
    assert table["Change"].iloc[1].latex.startswith("$+0.")
    known = found.assign(
        cpu_seconds=[62.4, 160, 325], teacher_seconds=[0, 0, 320], teachers=[0, 0, 8]
    )
    costs = [cell.latex for cell in rungs.frame(known, asked.LABELS)["CPU s a run"]]
    assert costs == ["62", "160", "325 + 320 of 8 teachers"]
    diverged = rungs.frame(found.assign(diverged=[0, 2, 0]), asked.LABELS)
    assert [cell.latex for cell in diverged["Runs"]] == ["4", "4 (+ 2 diverged)", "4"]


def test_findings_say_how_far_it_goes_and_which_rungs_gain(found: pd.DataFrame) -> None:
    sure = found.assign(difference_low=[float("nan"), 0.01, -0.01])
    far, gained = rungs.findings(sure, asked.LABELS)
    ends = [f"{100 * (1 - value):.2f}" for value in found["pairs_mean"].iloc[[0, -1]]]
    first = "From The first to And a third the error over all pairs"
    assert far == f"{first} goes from {ends[0]} to {ends[1]} %."
    assert gained == "The change has its interval above zero for 1 of 2 rungs: Then a second."


def test_limits_are_digits_pairs_and_what_an_ensemble_adds(found: pd.DataFrame) -> None:
    row = found.iloc[[1]].assign(
        digit_accuracy=0.98,
        pairs_mean=0.985,
        difference=0.005,
        difference_low=0.004,
        difference_high=0.007,
        ensemble=0.988,
        few=3,
        ensemble_few=0.987,
    )
    (cells,) = limits.frame(row, asked.LABELS).to_dict("records")
    said = {key: cell.markdown for key, cell in cells.items()}
    assert said == {
        "Model": "Then a second",
        "Runs": "4",
        "Digits wrong": "2.00 %",
        "Pairs wrong": "1.50 %",
        "More wrong": r"−0.50 \[−0.70, −0.40\]",
        "Ratio": "0.75",
        "Ensemble of 3": "1.30 %",
    }
    (finding,) = limits.findings(row, asked.LABELS)
    assert "all 4 nets removes 20 % of the wrong pairs, from 1.50 to 1.20 %" in finding


def test_an_ensemble_by_digits_is_no_measure_of_nets_that_answer_by_a_head(
    found: pd.DataFrame,
) -> None:
    by_head = found.assign(readout="head")
    table = limits.frame(by_head, asked.LABELS)
    assert {cell.markdown for cell in table["Ensemble of 4"]} == {"–"}
    assert list(limits.findings(by_head, asked.LABELS)) == []


def test_titles_name_the_intervals(found: pd.DataFrame) -> None:
    assert "crossed bootstrap" in rungs.title(asked.study("rungs"), found)
    assert "4 seeds" in limits.title(asked.study("limits"), found)
