"""The forest plot of claims: a row a comparison, in the colour of its verdict, others in words."""

from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes

from claimed import BETTER, LIKE, MLP, of_folds, of_seeds, params_with
from digitpairs.products.figures import claims as drawing
from digitpairs.products.figures.claims import COLOUR, GREY
from digitpairs.products.figures.plotting import style
from digitpairs.products.numbers.claims import claims, decisive

LABELS = {"mlp": "MLP", "convnet": "ConvNet $x$"}
OF = {
    "gain": {"says": "It gains.", "at_least": 0.03},
    "loss": {"says": "It loses.", "direction": "below", "compare": {"convnet": ["mlp", 0.9]}},
    "won": {
        "says": "It wins.",
        "measure": "selection",
        "direction": "equal",
        "margin": 0,
        "compare": {"mlp": ["mlp_selected"], "convnet": ["convnet_selected"]},
    },
}


@pytest.fixture
def found(content: dict[str, Any]) -> pd.DataFrame:
    parts = [of_seeds("mlp", MLP), of_seeds("convnet", BETTER, LIKE)]
    parts += [of_folds("mlp", 1e-4, [0.6, 0.7]), of_folds("mlp", 1e-3, [0.7, 0.7])]
    judged = claims(params_with(content, **OF), pd.concat(parts, ignore_index=True), {})
    return judged.assign(reference=judged["reference"].astype(str))


@pytest.fixture
def axes(content: dict[str, Any], found: pd.DataFrame) -> Axes:
    with style():
        return drawing.draw(found, params_with(content, **OF).claims, LABELS).axes[0]


def test_every_claim_and_comparison_has_a_row(axes: Axes) -> None:
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [
        *("It gains.", "ConvNet $x$, against MLP"),
        *("It loses.", "ConvNet $x$, against MLP", "ConvNet $x$, against .9"),
        *("It wins.", "MLP, against the search's winner"),
        "ConvNet $x$, against the search's winner",
    ]
    assert not any(tick.get_parse_math() for tick in axes.get_yticklabels())


def test_intervals_are_those_of_what_decides_in_points(axes: Axes, found: pd.DataFrame) -> None:
    drawn = {
        line.get_ydata()[0]: (tuple(line.get_xdata()), line.get_color())
        for line in axes.lines
        if len(line.get_xdata()) == 2 and line.get_ydata()[0] == line.get_ydata()[1]
    }
    rows = pd.concat([rows for _, rows in decisive(found)])
    rows = rows[rows["measure"] == "best_accuracy"]
    for place, row in zip((1, 3, 4), rows.to_dict("records"), strict=True):
        ends, colour = drawn.pop(place)
        assert ends == pytest.approx((100 * row["low"], 100 * row["high"]))
        assert colour == COLOUR.get(row["verdict"], GREY)
    assert drawn == {}


def test_the_other_measures_are_hollow_beside_it(axes: Axes, found: pd.DataFrame) -> None:
    first = [line for line in axes.lines if list(line.get_ydata()) == [1] and line.get_ms() < 9]
    filled = {line.get_marker(): line.get_mfc() != "none" for line in first}
    assert filled == {"o": True, "s": False, "D": False}
    effects = found[found["claim"] == "gain"].set_index("measure")["effect"]
    at = {line.get_marker(): float(line.get_xdata()[0]) for line in first}
    assert at == pytest.approx(dict(zip("osD", 100 * effects, strict=True)))


def test_a_size_that_is_claimed_has_a_bar(axes: Axes) -> None:
    (bar,) = [line for line in axes.lines if line.get_marker() == "|"]
    assert (list(bar.get_xdata()), list(bar.get_ydata())) == ([3.0], [1])


def test_verdicts_and_what_is_counted_stand_in_words(axes: Axes) -> None:
    said = [(int(text.get_position()[1]), text.get_text()) for text in axes.texts]
    assert sorted(said) == [
        (0, "confirmed"),
        (2, "partly"),
        (3, "contradicted"),
        (4, "confirmed"),
        (5, "not supported"),
        (6, "not supported"),
        (6, "−5.0 points on the folds"),
        (7, "not among what was tried"),
        (7, "undecided"),
    ]


def test_margins_are_bands(axes: Axes) -> None:
    spans = [band.get_datalim(axes.transData).intervalx for band in axes.collections]
    assert len(spans) == 3
    assert all(span == pytest.approx((-1.0, 1.0)) for span in spans)
