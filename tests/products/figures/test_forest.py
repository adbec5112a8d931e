"""A forest shows differences and their intervals, a panel a reference."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from collected import run
from digitpairs.products.figures import forest, plotting
from digitpairs.products.numbers.differences import differences
from digitpairs.study.schema import Study

LABELS = {"a": "A", "b": "Cosine", "c": "$Lion", "x": "X", "y": "Cosine", "z": "New pairs"}
OWN = {name: name for name in LABELS}
VALUES = {
    "a": [0.50, 0.60, 0.70],
    "b": [0.52, 0.62, 0.71],  # gains
    "c": [0.47, 0.58, 0.67],  # loses
    "x": [0.80, 0.80, 0.80],
    "y": [0.80, 0.70, 0.90],  # neither
    "z": [0.81, 0.82, 0.82],
}


@pytest.fixture
def results() -> pd.DataFrame:
    parts = [
        run("mlp", seed, [0.5]).assign(variant=name, many_pairs_accuracy=value)
        for name, seeds in VALUES.items()
        for seed, value in enumerate(seeds)
    ]
    return pd.concat(parts, ignore_index=True)


def drawn(results: pd.DataFrame, *references: str) -> Figure:
    study = Study(kind="forest", title="T", variants=list(VALUES), references=list(references))
    with plotting.style():
        figure = forest.draw(study, results, LABELS if references else OWN)
    plt.close(figure)
    return figure


def test_each_reference_has_a_panel_and_each_label_a_row(results: pd.DataFrame) -> None:
    figure = drawn(results, "a", "x")
    left, right = figure.axes
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["Cosine", "$Lion", "New pairs"]
    assert left.get_xlabel().replace("\n", " ") == "Accuracy over many pairs, less that of A"
    assert right.get_xlabel().replace("\n", " ") == "Accuracy over many pairs, less that of X"
    assert left.get_ylim() == right.get_ylim() == pytest.approx((2.6, -0.6))  # the first on top
    intervals = [line for line in right.lines if len(line.get_ydata()) == 2][:2]
    assert [line.get_ydata()[0] for line in intervals] == [0, 2]


def test_points_and_intervals_are_the_differences(results: pd.DataFrame) -> None:
    (axes,) = drawn(results).axes
    found = differences(results)
    spans = [tuple(line.get_xdata()) for line in axes.lines[:-1:2]]
    points = [line.get_xdata()[0] for line in axes.lines[1:-1:2]]
    assert points == pytest.approx([one.of.mean for one in found.values()])
    assert spans == [(one.of.low, one.of.high) for one in found.values()]
    assert list(axes.lines[-1].get_xdata()) == [0, 0]


def test_what_gains_is_blue_and_what_loses_orange(results: pd.DataFrame) -> None:
    left, right = drawn(results, "x").axes
    colours = [to_hex(line.get_color()).upper() for axes in (left, right) for line in axes.lines]
    assert colours[:4:2] == [plotting.COLOURS[0], plotting.COLOURS[1]]
    assert colours[5:9:2][0] not in plotting.COLOURS and colours[7] == plotting.COLOURS[0]
