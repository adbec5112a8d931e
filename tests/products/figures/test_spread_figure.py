"""The figure of a budget of variance: a panel a net, a bar a source."""

from pathlib import Path

import pytest

from digitpairs.products.figures import spread
from digitpairs.products.figures.plotting import style
from digitpairs.products.numbers.spread import budget
from digitpairs.study.schema import Study
from varied import LABELS, results


def test_bars_are_the_standard_deviations_in_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where nothing is known of other processors
    study = Study(kind="spread", title="Spread $x$", variants=list(LABELS))
    with style():
        figure = spread.draw(study, results(), LABELS)
    found = budget(results())
    panels = [rows for _, rows in found.groupby("variant", sort=False)]
    for axes, rows in zip(figure.axes, panels, strict=True):
        widths = [bar.get_width() for bar in axes.patches]
        assert widths == pytest.approx([100 * std for std in rows["std"]])
        intervals = [tuple(line.get_xdata()) for line in axes.lines if line.get_linewidth() == 1]
        ends = rows.dropna(subset="low")[["low", "high"]].to_numpy()
        assert intervals[: len(ends)] == [pytest.approx(100 * pair) for pair in ends]
    assert [axes.get_title() for axes in figure.axes] == ["Net $x$", "Other"]
    ticks = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert ticks == [
        *("all that a seed draws", "pairs, to train and to test on"),
        *("the 1,000 test pairs alone", "initial weights", "order of the pairs"),
    ]
