"""The figure of a repeated search: a row a configuration, a point a search."""

from collections.abc import Sequence

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digitpairs.products.figures import ranks
from digitpairs.products.figures.plotting import COLOURS, style
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.schema import Study
from folds import rows

STUDY = Study(kind="ranks", title="Again $x$", group="again", variants=["mlp_selected"])
LABELS = {"mlp": "MLP $x$"}
PUBLISHED = {"mlp": Setting(ModelSpec("mlp", (90,)), 1e-3)}


def folds() -> pd.DataFrame:
    """Two searches: 50 wins the first, 60 the second. The published net is the twelfth of 13."""
    accuracies = {"50": (0.9, 0.8), "60": (0.85, 0.88)}
    accuracies |= {str(size): (0.7 - size / 1000,) * 2 for size in range(70, 92, 2)}
    return pd.DataFrame(
        [
            row
            for hidden, searches in accuracies.items()
            for seed, accuracy in enumerate(searches, start=1000)
            for row in rows(accuracy, accuracy, hidden=hidden, seed=seed)
        ]
    )


@pytest.fixture
def figure() -> Figure:
    with style():
        return ranks.draw(STUDY, folds(), PUBLISHED, LABELS)


def points(axes: Axes, colour: str) -> list[tuple[float, float]]:
    """Points of a colour, as x and y, but for those of the legend."""
    drawn: list[tuple[float, float]] = []
    for line in axes.lines:
        if line.get_marker() == "o" and line.get_color() == colour:
            xs, ys = (list(map(float, one)) for one in (line.get_xdata(), line.get_ydata()))
            drawn += list(zip(xs, ys, strict=True))
    return drawn


def names(axes: Axes) -> Sequence[str]:
    return [tick.get_text() for tick in axes.get_yticklabels()]


def test_the_best_stand_on_top_and_the_published_one_wherever_it_ranks(figure: Figure) -> None:
    (axes,) = figure.axes
    assert names(axes)[:2] == ["60, rate 0.001", "50, rate 0.001"]
    assert len(names(axes)) == ranks.MOST + 1
    assert names(axes)[-1] == "90, rate 0.001*"
    assert axes.get_title(loc="left") == "MLP $x$"
    assert not any(tick.get_parse_math() for tick in axes.get_yticklabels())


def test_a_search_that_a_configuration_wins_is_filled(figure: Figure) -> None:
    (axes,) = figure.axes
    assert sorted(points(axes, COLOURS[1])) == [(0.88, 0.0), (0.9, 1.0)]


def test_each_search_is_a_point(figure: Figure) -> None:
    (axes,) = figure.axes
    rest = points(axes, COLOURS[0]) + points(axes, ranks.GREY)
    assert len(rest) + len(points(axes, COLOURS[1])) == 2 * (ranks.MOST + 1)
