"""A forest shows differences and their intervals, a panel a reference."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes
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


def drawn(results: pd.DataFrame, *references: str, labels: dict[str, str] | None = None) -> Figure:
    study = Study(kind="forest", title="T", variants=list(VALUES), references=list(references))
    with plotting.style():
        figure = forest.draw(study, results, labels or (LABELS if references else OWN))
    plt.close(figure)
    return figure


def test_each_reference_has_a_panel_and_each_label_a_row(results: pd.DataFrame) -> None:
    figure = drawn(results, "a", "x")
    left, right = figure.axes
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["Cosine", "$Lion", "New pairs"]
    about = "95 % intervals over training seeds, for one set of test pairs"
    for axes, reference in ((left, "A"), (right, "X")):
        below = f"Accuracy over many pairs, less that of {reference} {about}"
        assert axes.get_xlabel().replace("\n", " ") == below
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


def spans(axes: Axes) -> dict[float, tuple[float, ...]]:
    """Intervals by their place."""
    return {line.get_ydata()[0]: tuple(line.get_xdata()) for line in axes.lines[:-1:2]}


def test_two_references_of_one_label_have_a_panel_each(results: pd.DataFrame) -> None:
    found = differences(results, ["a", "x"])
    left, right = drawn(results, "a", "x", labels={**LABELS, "x": "A"}).axes
    assert left.get_xlabel() == right.get_xlabel()
    assert list(spans(left)) == [0, 1] and list(spans(right)) == [0, 2]
    assert spans(right)[0] == (found["y"].of.low, found["y"].of.high)


def test_two_variants_of_one_panel_and_one_label_have_a_row_each(results: pd.DataFrame) -> None:
    """As where a winner is a variant, and that one has the label of another."""
    found = differences(results, ["a", "x"])
    left, right = drawn(results, "a", "x", labels={**LABELS, "c": "Cosine"}).axes
    rows = [tick.get_text() for tick in left.get_yticklabels()]
    assert rows == ["Cosine", "Cosine", "New pairs"]
    assert spans(left) == {
        place: (found[name].of.low, found[name].of.high) for place, name in ((0, "b"), (1, "c"))
    }
    assert list(spans(right)) == [0, 2]


def test_a_reference_with_nothing_after_it_has_a_panel_that_says_so(results: pd.DataFrame) -> None:
    """The search selected what the study shows already."""
    alone = results[results["variant"] == "a"]
    (axes,) = drawn(alone, labels={"a": "A, also selected"}).axes
    assert said(axes) == ["Nothing to compare: the search selected no other recipe"]
    assert "less that of A, also selected" in axes.get_xlabel().replace("\n", " ")
    left, right = drawn(results[results["variant"].isin(list("abx"))], "a", "x").axes
    assert [list(spans(axes)) for axes in (left, right)] == [[0], []]
    assert (said(left), len(said(right))) == ([], 1)


def said(axes: Axes) -> list[str]:
    """Texts in a panel."""
    return [text.get_text().replace("\n", " ") for text in axes.texts if text.get_text()]


def test_seeds_are_counted_where_some_diverged(results: pd.DataFrame) -> None:
    lost = (results["variant"] == "c") & (results["seed"] > 0)
    lost |= (results["variant"] == "y") & (results["seed"] < 5)
    measured = results["many_pairs_accuracy"].mask(lost)
    left, right = drawn(results.assign(many_pairs_accuracy=measured), "a", "x").axes
    assert (said(left), said(right)) == (["1 seed"], ["0 seeds"])
    (one,) = [text for text in left.texts if text.get_text()]
    assert one.xy == (pytest.approx(-0.03), 1)
