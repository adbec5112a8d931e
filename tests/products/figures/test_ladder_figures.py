"""Figures of ladders: what is drawn where."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import asked
from digitpairs import paths
from digitpairs.pairs.pool import Pool
from digitpairs.products.figures import accuracies, confused, cost, ladder
from digitpairs.products.numbers import answered
from digitpairs.products.numbers.ladder import public, rungs
from digitpairs.spec import PAPERS_TASK


@pytest.fixture(autouse=True)
def closed() -> object:
    yield
    plt.close("all")


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.chdir(tmp_path)
    asked.ask()
    return rungs(asked.results(), asked.LABELS)


def words(figure: plt.Figure) -> str:
    figure.canvas.draw()
    return "\n".join(text.get_text() for text in figure.findobj(plt.Text))


def test_the_axis_spreads_accuracies_near_one() -> None:
    at = accuracies.position
    assert at(0.99) - at(0.9) == pytest.approx(at(0.9) - at(0.0))
    assert at(1.0) == at(0.9999)
    axes = plt.subplots()[1]
    accuracies.set_accuracies(axes.xaxis, [0.98, 0.993, float("nan")])
    ticks = [text.get_text() for text in axes.get_xticklabels()]
    assert {".98", ".99"} <= set(ticks)
    assert min(np.diff(axes.get_xticks())) >= 0.07 * np.ptp(axes.get_xlim())
    low, high = axes.get_xlim()
    assert low < at(0.98) and high > at(0.993)


def test_a_ladder_has_both_measures_of_each_rung_on_their_places(found: pd.DataFrame) -> None:
    figure = ladder.draw(asked.study("ladder", goals=[0.992, 0.993]), found, asked.LABELS)
    axes = figure.axes[0]
    dots = {
        round(float(line.get_xdata()[0]), 9) for line in axes.lines if len(line.get_xdata()) == 1
    }
    wanted = [*found["pairs_mean"], *found["final_mean"]]
    assert {round(accuracies.position(value), 9) for value in wanted} <= dots
    uprights = {line.get_xdata()[0] for line in axes.lines if line.get_linestyle() in ("--", ":")}
    best = public()["accuracy"].iloc[0]
    assert uprights == {accuracies.position(value) for value in (best, 0.992, 0.993)}
    assert [text.get_text() for text in axes.get_yticklabels()] == [*asked.LABELS.values()]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first on top
    said = words(figure)
    assert "goals .992 and .993" in said
    assert ladder.change(found.iloc[1].to_dict()) in said
    assert "goal" not in words(ladder.draw(asked.study("ladder"), found, asked.LABELS))


def test_a_change_is_in_points_with_its_interval() -> None:
    row = {"difference": 0.0012, "difference_low": -0.0003, "difference_high": 0.0027}
    assert ladder.change(row) == "+0.12 [−0.03, +0.27]"
    assert ladder.change({**row, "difference_low": float("nan")}) == "+0.12"
    assert ladder.change({**row, "difference": float("nan")}) == ""


def test_costs_have_a_panel_each_and_list_what_is_not_known(found: pd.DataFrame) -> None:
    figure = cost.draw(asked.study("cost"), found, asked.LABELS)
    assert len(figure.axes) == 1
    said = words(figure)
    assert "1  The first" in said
    assert "a  puckvg: .9826\n" in said
    assert "raphaelreis: .9801, parameters not known" in said
    known = found.assign(cpu_seconds=[10, 20, 30], teacher_seconds=[0, 0, 5])
    figure = cost.draw(asked.study("cost"), known, asked.LABELS)
    seconds, parameters = figure.axes
    dots = [line.get_xdata()[0] for line in seconds.lines if line.get_marker() == "o"]
    assert dots == [10, 20, 35]
    dots = [line.get_xdata()[0] for line in parameters.lines if line.get_marker() == "o"]
    assert sorted(dots) == sorted([*found["parameters"], 70000])
    assert "not known" in words(figure)


def test_the_most_confused_digits_say_what_nets_say(found: pd.DataFrame) -> None:
    one = answered.of_variant("third")
    pixels = np.zeros((asked.COUNT, 1, 14, 14), np.uint16)
    pixels[:, 0, 0, 0] = np.arange(asked.COUNT)  # to tell them apart
    pool = Pool(pixels, one.labels)
    figure = confused.draw(asked.study("confused"), one, pool, PAPERS_TASK, asked.LABELS)
    worst = confused.misread(one, confused.ACROSS * confused.DOWN)
    shown = [axes for axes in figure.axes if axes.images]
    for axes, digit in zip(shown, worst, strict=False):
        assert axes.get_title() == confused.caption(digit)
        assert axes.images[0].get_array()[0, 0] == digit.place
    assert "And a third: 4 nets." in words(figure)
    assert any(
        "say 4 of 4" in text or "say 3 of 4" in text or "say 2 of 4" in text
        for text in words(figure).splitlines()
    )
    right = answered.Answered(
        one.seeds,
        one.labels,
        np.eye(10, dtype=np.float32)[one.labels][None].repeat(4, 0),
        one.wrong,
    )
    said = words(confused.draw(asked.study("confused"), right, pool, PAPERS_TASK, asked.LABELS))
    assert "No digit is misread." in said


def test_public_numbers_have_a_source() -> None:
    known = pd.read_csv(paths.PUBLIC)
    assert known["source"].notna().all()
    assert known["accuracy"].between(0.9, 1).all()
