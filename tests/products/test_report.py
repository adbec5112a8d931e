"""Collected results to metrics, tables and figures."""

import html
import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from digitpairs.products.labels import distinct, label, rate

from digitpairs.paths import FIGURE_FORMATS
from digitpairs.products import make
from digitpairs.products.figures import architecture, figures, plotting
from digitpairs.products.numbers import metrics
from digitpairs.products.tables import tables
from digitpairs.runs.collect import per_run
from digitpairs.spec import ModelSpec
from digitpairs.study.schema import Study
from project import ROOT

PROVENANCE = {"device": "abacus", "engine": "beads"}
ACCURACY = {"mlp": [[0.6, 0.8, 0.7], [0.5, 0.6, 0.9]], "siamese_convnet": [[0.7, 0.8, 0.8]] * 2}


def epochs(name, seed, accuracies, status="finished"):
    """Rows of one collected run."""
    siamese = name.startswith("siamese")
    readout = accuracies if siamese else [np.nan] * len(accuracies)
    return pd.DataFrame(
        {
            "variant": name,
            "family": name,
            "channels": "128-32" if "convnet" in name else "",
            "hidden": "200-100",
            "shared": False,
            "aux_weight": 0.0,
            "learning_rate": 1e-4,
            "parameters": 98902,
            "seed": seed,
            "fold": -1,
            "run": f"{name}/seed-{seed}",
            "status": status,
            "epoch": range(1, len(accuracies) + 1),
            "train_loss": 0.5,
            "test_loss": 0.6,
            "test_accuracy": accuracies,
            "digit_accuracy": readout,
            "argmax_accuracy": readout,
            "posterior_accuracy": readout,
            "provenance": json.dumps(PROVENANCE),
        }
    )


@pytest.fixture
def results():
    return pd.concat(
        [
            epochs(name, seed, accuracies)
            for name, runs in ACCURACY.items()
            for seed, accuracies in enumerate(runs)
        ],
        ignore_index=True,
    )


@pytest.fixture
def diverged(results):
    return pd.concat([results, epochs("mlp", 2, [0.4], "diverged")], ignore_index=True)


def test_best_is_the_first_of_the_best_epochs_and_final_the_last(results):
    runs = per_run(results).set_index(["variant", "seed"])
    assert runs.loc[("mlp", 0), ["best_epoch", "best_accuracy"]].tolist() == [2, 0.8]
    assert runs.loc[("mlp", 0), "final_accuracy"] == 0.7
    assert runs.loc[("siamese_convnet", 0), "best_epoch"] == 2


def test_the_order_of_collected_rows_does_not_matter(results):
    shuffled = results.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(per_run(shuffled), per_run(results))


def test_a_diverged_run_is_counted_and_enters_no_mean(results, diverged):
    clean, dirty = (
        metrics.summary(metrics.evaluation(frame)).set_index("variant").loc["mlp"]
        for frame in (results, diverged)
    )
    assert (clean["runs"], clean["diverged"]) == (2, 0)
    assert (dirty["runs"], dirty["diverged"]) == (2, 1)
    assert dirty["best_mean"] == clean["best_mean"] == pytest.approx(0.85)


def test_the_summary_stands_beside_the_paper(results):
    row = metrics.summary(metrics.evaluation(results)).iloc[0]
    assert (row["paper_mean"], row["paper_std"]) == (0.807, 0.015)


def test_a_changed_variant_does_not_stand_beside_the_paper(results):
    runs = metrics.evaluation(results.assign(learning_rate=5e-3))
    assert metrics.summary(runs)["paper_mean"].isna().all()


def test_curves_average_the_runs_of_each_epoch(results):
    curve = metrics.curves(results).set_index(["variant", "epoch"])
    assert curve.loc[("mlp", 3), "accuracy_mean"] == pytest.approx(0.8)
    assert curve.loc[("mlp", 3), "runs"] == 2


def study(kind, *variants):
    return Study(kind=kind, title="A title", variants=list(variants))


def test_tables_show_both_measures_the_paper_and_divergence(diverged):
    runs = metrics.evaluation(diverged)
    summary = metrics.summary(runs)
    frame = tables.body(study("accuracies", "mlp", "siamese_convnet"), runs, summary, ())
    assert frame["Best epoch"][0] == r"$.850 \pm .071$"
    assert frame["Final epoch"][0] == r"$.800 \pm .141$"
    assert frame["Paper"][0] == r"$.807 \pm .015$"
    assert frame["Parameters"][0] == "98,902"
    assert list(frame["Diverged"]) == ["1", "0"]


@pytest.mark.parametrize("part", ["device", "engine", "torch", "numpy", "numba"])
def test_a_table_says_that_seeds_of_a_variant_were_trained_in_different_places(results, part):
    elsewhere = results["seed"].eq(1) & results["variant"].eq("mlp")
    results.loc[elsewhere, "provenance"] = json.dumps({**PROVENANCE, part: "another"})
    runs = metrics.evaluation(results)
    said = tables.mixture(study("accuracies", "mlp", "siamese_convnet"), runs)
    assert "abacus, beads" in said
    assert "another" in said
    assert tables.mixture(study("accuracies", "siamese_convnet"), runs) == ""


def test_a_winner_equal_to_the_published_variant_is_said_to_be(results):
    runs = metrics.evaluation(results)
    chosen = study("hyperparameters", "mlp", "mlp_selected")
    frame = tables.body(chosen, runs, metrics.summary(runs), {"mlp"})
    assert list(frame["Model"]) == ["MLP, also $^*$"]
    assert list(frame["lr"]) == ["$10^{-4}$"]


def test_latex_and_markdown_carry_the_note_on_other_digits(results):
    runs = metrics.evaluation(results)
    chosen = study("accuracies", "mlp")
    frame = tables.body(chosen, runs, metrics.summary(runs), ())
    text = tables.latex(frame, "table9", tables.caption(chosen, 2), "not full MNIST")
    assert r"\textbf{Not full MNIST.}" in text and r"\toprule" in text and "tab:table9" in text
    assert "A title. Test" in tables.markdown(frame, "A title. Test", None)
    assert "**Not full MNIST.**" in tables.markdown(frame, "", "not full MNIST")
    assert "MNIST" not in tables.markdown(frame, "", None)


@pytest.mark.parametrize(
    ("value", "text"), [(1e-4, "$10^{-4}$"), (5e-3, r"$5 \times 10^{-3}$"), (1.0, "$10^{0}$")]
)
def test_learning_rates_are_written_as_in_the_paper(value, text):
    assert rate(value) == text


def test_variants_that_would_read_the_same_are_told_apart():
    row = {"family": "mlp", "shared": False, "channels": "", "hidden": "200-100"}
    rows = [
        row | {"variant": "a", "learning_rate": 1e-4},
        row | {"variant": "b", "learning_rate": 0.01},
    ]
    assert distinct(rows) == {"a": "MLP, 200-100, lr 0.0001", "b": "MLP, 200-100, lr 0.01"}


def test_titles_are_printed_as_they_are():
    assert tables.escaped("aux_weight & 5% of λ") == r"aux\_weight \& 5\% of $\lambda$"


HOSTILE = "$x_1$ $\\frac{$ 5 % & # ~ ^ < > | [a](b) `c` *d* \\"


def test_a_title_is_no_formula_in_any_figure(results, tmp_path):
    runs, by_epoch = metrics.evaluation(results), metrics.curves(results)

    def chosen(kind, *variants):
        return Study(kind=kind, title=HOSTILE, variants=list(variants))

    drawings = [
        lambda: figures.box(chosen("box", *ACCURACY), runs),
        lambda: figures.sweep(chosen("sweep", "siamese_convnet"), runs.assign(aux_weight=2.0)),
        lambda: figures.curves(chosen("curves", *ACCURACY), by_epoch, runs),
        lambda: architecture.draw({"MLP": ModelSpec("mlp", (200, 100))}, HOSTILE),
    ]
    for draw in drawings:
        _, svg, _ = figure_bytes(tmp_path, draw)
        assert f">{html.escape(HOSTILE, quote=False)}</text>" in svg.decode()


def test_a_caption_is_text_in_markdown_and_ends_no_mark_of_the_readme(results):
    runs = metrics.evaluation(results)
    frame = tables.body(study("accuracies", "mlp"), runs, metrics.summary(runs), ())
    caption = tables.markdown(frame, "$a_1$ <!-- /table3 --> [b](c) *d*", None).splitlines()[0]
    assert caption == r"\$a\_1\$ \<!-- /table3 --\> \[b\](c) \*d\*"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs LaTeX with booktabs")
def test_any_title_compiles(results, tmp_path):
    runs = metrics.evaluation(results)
    frame = tables.body(study("accuracies", "mlp"), runs, metrics.summary(runs), ())
    head = r"\documentclass{article}\usepackage{booktabs}\begin{document}"
    table = tables.latex(frame, "a_b.c-d", HOSTILE, "a note")
    (tmp_path / "table.tex").write_text(head + table + r"\end{document}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_variant_that_diverged_on_every_seed_stops_no_figure(results, tmp_path):
    ended = pd.concat([results, epochs("convnet", 0, [0.4], "diverged")], ignore_index=True)
    runs, by_epoch = metrics.evaluation(ended), metrics.curves(ended)
    assert "convnet" not in set(by_epoch["variant"])
    everything = study("box", "convnet", *ACCURACY)
    figure_bytes(tmp_path, lambda: figures.box(everything, runs))
    figure_bytes(tmp_path, lambda: figures.curves(everything, by_epoch, runs))
    table = tables.body(everything, runs, metrics.summary(runs), ())
    assert next(iter(table["Best epoch"])) == "--"


def test_a_sweep_shows_each_variant_by_itself(results):
    runs = metrics.evaluation(results)
    drawing = figures.sweep(study("sweep", "siamese_convnet"), runs.assign(aux_weight=2.0))
    (best,) = drawing.axes[0].containers[0][0].get_ydata()
    assert best == pytest.approx(0.8)


def test_labels_name_what_a_variant_is():
    row = {"variant": "x", "family": "siamese_convnet", "shared": True, "aux_weight": 100.0}
    assert label(row) == "Siamese ConvNet, WS, λ = 100"


def figure_bytes(folder, draw):
    with plotting.style():
        plotting.save(draw(), folder, "figure", "a note")
    return [(folder / f"figure.{ending}").read_bytes() for ending in FIGURE_FORMATS]


def test_figures_have_the_same_bytes_every_time(results, tmp_path):
    runs, by_epoch = metrics.evaluation(results), metrics.curves(results)
    drawings = [
        lambda: figures.box(study("box", *ACCURACY), runs),
        lambda: figures.sweep(study("sweep", "siamese_convnet"), runs.assign(aux_weight=2.0)),
        lambda: figures.curves(study("curves", *ACCURACY), by_epoch, runs),
        lambda: architecture.draw({"MLP": ModelSpec("mlp", (200, 100))}, "Nets"),
    ]
    for draw in drawings:
        assert figure_bytes(tmp_path, draw) == figure_bytes(tmp_path, draw)


def test_architectures_are_drawn_from_the_model_with_its_counts():
    spec = ModelSpec("siamese_convnet", (50,), (128, 32))
    drawing = architecture.draw({"Siamese ConvNet": spec}, "Nets")
    texts = [text.get_text() for text in drawing.axes[0].texts] + [drawing.axes[0].get_title()]
    printed = " ".join(texts)
    for expected in ("Conv 3×3, 1 → 128", "36,896 parameters", "93,214", "47,758", "20 → 100"):
        assert expected in printed
    counts = [int(n.replace(",", "")) for n in re.findall(r", ([\d,]+) parameters", printed)]
    assert sum(counts) == spec.parameters


def test_the_readme_shows_the_committed_tables(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert (ROOT / "reports/tables/table3.md").exists()
    copy = tmp_path / "README.md"
    copy.write_text((ROOT / "README.md").read_text())
    make.fill_readme(copy)
    assert copy.read_text() == (ROOT / "README.md").read_text(), "run `make readme`"
