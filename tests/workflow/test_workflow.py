"""The quick pipeline by the real commands: make, snakemake, dvc."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from digitpairs.study.kinds import FIXED_FIGURES
from digitpairs.study.load import load
from digitpairs.study.schema import studies
from project import ROOT, run

QUICK = load(ROOT / "params.quick.yaml")

CURVES = ("box", "sweep", "curves")

pytestmark = pytest.mark.workflow


def snakemake(directory, *arguments, params="params.quick.yaml", **options):
    """Snakemake in a scratch directory, as `make quick` calls it."""
    return run(
        *("snakemake", "--cores", "all", "--directory", directory),
        *("--configfile", params, "--replace-workflow-config", *arguments),
        **options,
    )


def edited(tmp_path, change):
    """Write the quick params with a change made to them."""
    content = yaml.safe_load((ROOT / "params.quick.yaml").read_text())
    change(content)
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


@pytest.fixture
def copy(quick, tmp_path):
    """A copy of the quick run that a test may change."""
    return Path(shutil.copytree(quick, tmp_path / "copy", symlinks=True))


def test_every_product_is_made(quick):
    metrics = ["evaluation.csv", "summary.csv", "search.csv", "curves.csv", "metrics.json"]
    figures = [*studies(QUICK, "figure"), *FIXED_FIGURES]
    products = [
        *(f"reports/metrics/{name}" for name in metrics),
        *(
            f"reports/figures/{name}.{ending}"
            for name in figures
            for ending in ("pdf", "svg", "png")
        ),
        *(
            f"reports/tables/{name}.{end}"
            for name in studies(QUICK, "table")
            for end in ("tex", "md")
        ),
        "data/results/searches/search.parquet",
        *(f"data/results/variants/{name}.parquet" for name in QUICK.variants),
    ]
    assert [name for name in products if not (quick / name).stat().st_size] == []


def test_the_metrics_hold_every_run(quick):
    evaluation = pd.read_csv(quick / "reports/metrics/evaluation.csv")
    counts = evaluation.groupby("variant").size()
    assert set(QUICK.variants) <= set(counts.index)
    assert set(counts) == {QUICK.training.seeds}
    assert {"best_epoch", "best_accuracy", "final_accuracy", "posterior_accuracy"} <= set(
        evaluation
    )
    search = pd.read_csv(quick / "reports/metrics/search.csv")
    assert set(search.groupby(["family", "hidden", "learning_rate"]).size()) == {QUICK.search.folds}
    winners = json.loads((quick / "data/results/searches/selected.json").read_text())
    assert set(winners) == set(QUICK.search.grids)


def test_products_say_that_they_are_not_of_full_mnist(quick):
    note = "5,000 embedded digits"
    for name in studies(QUICK, "table"):
        assert note in (quick / f"reports/tables/{name}.tex").read_text()
    with_results = [name for name, study in QUICK.studies.items() if study.kind in CURVES]
    for name in (*with_results, *FIXED_FIGURES):
        assert note in (quick / f"reports/figures/{name}.svg").read_text()
    assert json.loads((quick / "reports/metrics/metrics.json").read_text())["digits"] == "embedded"


def test_figures_are_the_same_bytes_when_made_again(copy):
    """One of each kind that the figures of test_named_targets.py leave out."""
    drawn = {"architecture": "figure1", "box": "figure3", "curves": "figure5"}
    assert {QUICK.studies[name].kind for name in drawn.values()} == set(drawn)
    figures = [
        path for name in drawn.values() for path in (copy / "reports/figures").glob(f"{name}.*")
    ]
    before = {path: path.read_bytes() for path in figures}
    assert len(before) == 9
    for path in figures:
        path.unlink()
    snakemake(copy, "--", *(f"studies/{name}" for name in drawn.values()))
    assert {path: path.read_bytes() for path in figures} == before


def test_nothing_is_left_to_do(quick):
    assert "Nothing to be done" in snakemake(quick, "--dry-run")


def test_an_edited_learning_rate_trains_that_variant_alone(copy, tmp_path):
    params = edited(tmp_path, lambda p: p["variants"]["mlp"].update(learning_rate=3e-4))
    plan = snakemake(copy, "--dry-run", "--quiet", "host", params=params)
    assert plan.count("rule train:") == 1
    (block,) = set(re.findall(r"data/plan/blocks/\S+\.json", plan))
    assert len(json.loads((copy / block).read_text())["runs"]) == QUICK.training.seeds


def test_a_new_study_needs_no_new_rule(copy, tmp_path):
    study = {"kind": "box", "title": "Naive nets", "variants": ["mlp", "convnet"]}
    params = edited(tmp_path, lambda p: p["studies"].update(naive=study))
    assert "rule train:" not in snakemake(copy, "--quiet", "host", params=params)
    assert (copy / "reports/figures/naive.pdf").exists()


def test_a_wider_grid_reaches_the_winner_and_its_runs_in_one_go(copy, tmp_path):
    def widen(content):
        content["search"]["grids"]["mlp"]["learning_rate"] += [5e-3]

    params = edited(tmp_path, widen)
    snakemake(copy, "--", "evaluation", params=params)
    winner = json.loads((copy / "data/results/searches/selected.json").read_text())["mlp"]
    folds = pd.read_parquet(copy / "data/results/searches/search.parquet").query("variant == 'mlp'")
    last = folds[folds["epoch"] == QUICK.search.epochs]
    scores = last.groupby("learning_rate")["test_accuracy"].mean()
    assert len(scores) == 2
    assert scores[winner["learning_rate"]] == scores.max()
    runs = pd.read_parquet(copy / "data/results/variants/mlp_selected.parquet")
    rates = set(runs.query("variant == 'mlp_selected'")["learning_rate"])
    assert rates == {winner["learning_rate"]}
    again = snakemake(copy, "--dry-run", "--", "evaluation", params=params)
    assert "Nothing to be done" in again


def test_wrong_params_stop_everything_with_one_clear_message(tmp_path):
    params = edited(tmp_path, lambda p: p["training"].update(epoch=3, shuffle="maybe"))
    printed = snakemake(tmp_path, params=params, fails=True)
    assert "training.epoch: unknown key; did you mean epochs?" in printed
    assert "training.shuffle: 'maybe'" in printed
    assert "Traceback" not in printed
    assert not (tmp_path / "data").exists()


def test_lint_finds_nothing_but_what_is_listed(tmp_path):
    """Software comes from requirements.lock, for every rule: no conda environment a rule."""
    listed = {"Specify a conda environment or container for each rule."}
    printed = snakemake(tmp_path, "--lint", fails=True)
    found = set(re.findall(r"^ +\* (.+):$", printed, re.MULTILINE))
    assert found == listed


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs LaTeX with booktabs")
def test_tables_compile_in_a_plain_article(quick, tmp_path):
    inputs = "\n".join(
        rf"\input{{{path}}}" for path in sorted((quick / "reports/tables").glob("*.tex"))
    )
    head = r"\documentclass{article}\usepackage{booktabs}\begin{document}"
    document = head + inputs + r"\end{document}"
    (tmp_path / "tables.tex").write_text(document)
    printed = run(
        "pdflatex", "-interaction=nonstopmode", "-halt-on-error", "tables.tex", cwd=tmp_path
    )
    assert "Output written on tables.pdf" in printed
