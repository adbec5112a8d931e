"""What each kind of figure draws, and that it draws the same bytes every time."""

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from collected import ACCURACIES, run, runs, setting
from digitpairs import paths
from digitpairs.products.figures import architecture, box, curves, plotting, search, sweep
from digitpairs.products.numbers.statistics import summarise
from digitpairs.study.schema import Study

LABELS = {"mlp": "MLP", "siamese_convnet": "Siamese ConvNet, WS"}
SEEDS = {0.0: [0.70, 0.72], 1.0: [0.80, 0.85], 10.0: [0.90, 0.96]}  # final accuracies by weight
Draw = Callable[[], Figure]


def study(kind: str, *variants: str, title: str = "A title") -> Study:
    return Study(kind=kind, title=title, variants=list(variants) or list(ACCURACIES))


def weights(*chosen: float) -> pd.DataFrame:
    """A variant for each weight of the auxiliary loss. The best epoch is .02 above the final."""
    return pd.concat(
        [
            run(
                f"aux_{weight:g}",
                seed,
                [0.5, accuracy + 0.02, accuracy],
                of=setting("siamese_convnet", aux_weight=weight),
            )
            for weight in chosen
            for seed, accuracy in enumerate(SEEDS[weight])
        ],
        ignore_index=True,
    )


def drawings(results: pd.DataFrame, title: str = "A title", label: str = "MLP") -> dict[str, Draw]:
    """Every kind of a study's figure."""
    labels = {**LABELS, "mlp": label}
    return {
        "box": lambda: box.draw(study("box", title=title), results, labels),
        "curves": lambda: curves.draw(study("curves", title=title), results, labels),
        "sweep": lambda: sweep.draw(study("sweep", title=title), weights(1.0, 10.0)),
        "architecture": lambda: architecture.draw(
            study("architecture", title=title), {"mlp": setting("mlp")}, {"mlp": label}
        ),
    }


def saved(folder: Path, draw: Draw, *notes: str) -> list[bytes]:
    """Draw a figure and read its files."""
    with pytest.MonkeyPatch.context() as patch, plotting.style():
        patch.chdir(folder)
        plotting.save(draw(), "figure", notes)
        return [Path(path).read_bytes() for path in paths.figure("figure")]


def texts(folder: Path, draw: Draw, *notes: str) -> list[str]:
    """All that a figure prints, a string for each line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "FIGURE_FORMATS", ("svg",))  # the others take longer
        (svg,) = saved(folder, draw, *notes)
    parts = svg.decode().split("</text>")[:-1]
    return [html.unescape(part.rpartition(">")[2]) for part in parts]


def drawn(draw: Draw) -> Any:
    """The axes of a figure in the project's style."""
    with plotting.style():
        return draw().axes[0]


def spans(bars: Any) -> list[tuple[float, float]]:
    """From where to where each error bar reaches."""
    return [(segment[0, 1], segment[1, 1]) for segment in bars.get_segments()]


@pytest.mark.parametrize(("series", "above"), [(0, 0.02), (1, 0.0)])
def test_a_sweep_draws_means_with_their_standard_deviations(series: int, above: float) -> None:
    axes = drawn(lambda: sweep.draw(study("sweep"), weights(1.0, 10.0)))
    line, _, (bars,) = axes.containers[series]
    expected = [summarise(np.add(SEEDS[weight], above)) for weight in (1.0, 10.0)]
    assert line.get_xdata() == pytest.approx([1.0, 10.0])
    assert line.get_ydata() == pytest.approx([one.mean for one in expected])
    for (low, high), one in zip(spans(bars), expected, strict=True):
        assert (low, high) == pytest.approx((one.mean - one.std, one.mean + one.std))


def test_a_sweep_draws_no_weight_as_a_line_across() -> None:
    axes = drawn(lambda: sweep.draw(study("sweep"), weights(0.0, 1.0, 10.0)))
    across = [line for line in axes.lines if line.get_label().startswith("λ = 0")]
    assert [line.get_ydata()[0] for line in across] == pytest.approx([0.73, 0.71])
    assert axes.containers[0][0].get_xdata() == pytest.approx([1.0, 10.0])


def test_a_box_shows_the_quartiles_of_a_variant_and_its_every_run() -> None:
    accuracies = [0.5, 0.6, 0.7, 0.9]
    results = runs({"mlp": [[0.1, each, 0.2] for each in accuracies], "convnet": [[0.4]]})
    labels = {"mlp": "MLP", "convnet": "ConvNet"}
    axes = drawn(lambda: box.draw(study("box"), results, labels))
    outline, *_, median = [line.get_ydata() for line in axes.lines[:6]]
    low, middle, high = np.quantile(accuracies, [0.25, 0.5, 0.75])
    assert (min(outline), max(outline)) == pytest.approx((low, high))
    assert median == pytest.approx([middle, middle])
    points = axes.collections[0].get_offsets()
    assert sorted(points[:, 1]) == pytest.approx(accuracies)
    ticks = [tick.get_text() for tick in axes.get_xticklabels()]
    assert ticks == ["MLP\n(n = 4)", "ConvNet\n(n = 1)"]


def test_curves_have_the_interval_of_the_mean_as_a_band(results: pd.DataFrame) -> None:
    axes = drawn(lambda: curves.draw(study("curves"), results, LABELS))
    line, band = axes.lines[0], axes.collections[0].get_paths()[0].vertices
    expected = [summarise(each) for each in zip(*ACCURACIES["mlp"], strict=True)]
    assert line.get_xdata() == pytest.approx([1, 2, 3])
    assert line.get_ydata() == pytest.approx([one.mean for one in expected])
    for epoch, one in enumerate(expected, 1):
        heights = band[band[:, 0] == epoch, 1]
        assert (min(heights), max(heights)) == pytest.approx((one.low, one.high))
    shown = [text.get_text() for text in axes.get_legend().get_texts()]
    assert shown == list(LABELS.values())


def test_the_search_frames_the_winner_of_a_family() -> None:
    folds: dict[str, Any] = {"folds": 2, "epochs": 25, "test_pairs": None}
    accuracies = {(200, 100): 0.7, (150, 100): 0.9, (100, 100): 0.8}
    results = pd.concat(
        [
            run("mlp", 1000, [value], of=setting("mlp", rate, hidden=hidden), fold=fold, **folds)
            for hidden, best in accuracies.items()
            for rate, value in ((1e-4, best), (1e-3, 0.5))
            for fold in range(2)
        ],
        ignore_index=True,
    )
    axes = drawn(lambda: search.draw(results))
    sizes = [tick.get_text() for tick in axes.get_yticklabels()]
    frame = axes.patches[0]
    assert (frame.get_x(), frame.get_y()) == (-0.5, sizes.index("150-100") - 0.5)
    assert sorted(text.get_text() for text in axes.texts) == sorted(
        ["0.700", "0.900", "0.800", "0.500", "0.500", "0.500"]
    )


def test_figures_have_the_same_bytes_every_time(results: pd.DataFrame, tmp_path: Path) -> None:
    for name, draw in drawings(results).items():
        assert saved(tmp_path, draw, "a note") == saved(tmp_path, draw, "a note"), name


HOSTILE = "$x_1$ $\\frac{$ 5 % & # ~ ^ < > [a](b)"


def test_no_title_and_no_label_is_a_formula(results: pd.DataFrame, tmp_path: Path) -> None:
    label = "_$y_1$ $\\frac{$ <b> &amp; %"  # and a line of a legend may begin with _
    for name, draw in drawings(results, HOSTILE, label).items():
        lines = texts(tmp_path, draw)
        assert HOSTILE in lines, name
        printed = " ".join(lines)
        assert name == "sweep" or all(word in printed for word in label.split()), name


def test_notes_stand_at_the_foot_in_lines_that_fit(results: pd.DataFrame, tmp_path: Path) -> None:
    digits, places = "not full MNIST", "Runs come from different processors: " + 9 * "abacus; "
    for name, draw in drawings(results).items():
        lines = texts(tmp_path, draw, digits, places)
        assert digits in lines, name
        (first,) = [line for line in lines if line.startswith("Runs come")]
        assert len(first) <= 13 * draw().get_figwidth(), name


def test_a_variant_that_diverged_on_every_seed_stops_no_figure(
    results: pd.DataFrame, tmp_path: Path
) -> None:
    ended = pd.concat([results, run("convnet", 0, [0.4], "diverged")], ignore_index=True)
    labels = {**LABELS, "convnet": "ConvNet"}
    for kind in (box, curves):
        texts(tmp_path, lambda kind=kind: kind.draw(study("box"), ended, labels))
    lost = run("aux_1", 0, [0.4], "diverged", of=setting("siamese_mlp", aux_weight=1.0))
    both = pd.concat([weights(10.0), lost], ignore_index=True)
    texts(tmp_path, lambda: sweep.draw(study("sweep"), both))


def test_a_sweep_shows_each_variant_by_itself() -> None:
    axes = drawn(lambda: sweep.draw(study("sweep"), weights(10.0)))
    (best,) = axes.containers[0][0].get_ydata()
    assert best == pytest.approx(0.95)


def test_many_long_labels_get_room(results: pd.DataFrame) -> None:
    names = [f"v{place}" for place in range(9)]
    many = pd.concat([run(name, 0, [0.5], of=setting("mlp")) for name in names], ignore_index=True)
    labels = {name: f"a label of many words, number {name}" for name in names}
    with plotting.style():
        wide = box.draw(study("box"), many, labels)
        narrow = box.draw(study("box"), results, LABELS)
    assert wide.get_figwidth() > narrow.get_figwidth() == 6.0
    assert wide.get_figheight() > narrow.get_figheight()
