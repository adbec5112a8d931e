"""Products from files: each is made from what its step names, and says what has to be said."""

import html
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from collected import elsewhere, of_params, setting
from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.errors import UserError
from digitpairs.identity import essentials
from digitpairs.pairs import pairset
from digitpairs.pairs.pairset import PairSet
from digitpairs.pipeline import report_steps
from digitpairs.products.figures.make import make_figure
from digitpairs.products.numbers.make import make_metric
from digitpairs.products.tables.make import make_table
from digitpairs.runs import collect
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from nets import AT_MOST

EMBEDDED = Source("embedded", "0123456789ab")
WINNERS = {
    "mlp": {"model": {"family": "mlp", "hidden": [200, 150]}, "learning_rate": 1e-3},
    "convnet": essentials(setting("convnet")),  # the variant
}
ELSEWHERE = "Runs come from different processors or GPUs: abacus; slide rule."


@pytest.fixture
def params(content: dict[str, Any]) -> Params:
    content["variants"]["siamese_convnet"]["label"] = "Twins"
    content["studies"]["figure3"]["variants"].append("mlp_selected")
    return check(content)


@pytest.fixture
def folder(
    params: Params, sets: dict[str, PairSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The working directory, with results of all runs. Those of one variant are from elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paths, "FIGURE_FORMATS", ("svg",))  # the others take longer
    paths.RAW.mkdir(parents=True)
    source = {"source": EMBEDDED.name, "checksum": EMBEDDED.checksum}
    Path(paths.SOURCE).write_text(json.dumps(source))
    for name, results in of_params(params, EMBEDDED, WINNERS).items():
        other = results["variant"].eq("siamese_convnet_shared")
        moved = elsewhere(results, other, device="slide rule")
        path = paths.SEARCH if name == "search" else paths.variant(name)
        collect.write(moved, path)
    Path(paths.WINNERS).write_text(json.dumps(WINNERS))
    graph = report_steps.report_steps(params, EMBEDDED, WINNERS)
    (sample,) = graph["figure-pairs"].pair_sets
    pairset.save(Path(sample), sets, AT_MOST)
    return tmp_path


def make(params: Params, name: str) -> str:
    """Make a product from the files of its step; return what it says, as one line."""
    step = report_steps.report_steps(params, EMBEDDED, WINNERS)[name]
    medium, _, product = name.partition("-")
    match medium:
        case "metric":
            make_metric(params, product, step.inputs)
        case "figure":
            make_figure(params, product, step.inputs)
        case "table":
            make_table(params, product, step.inputs)
    assert all(Path(path).stat().st_size for path in step.outputs)
    (readable,) = [path for path in step.outputs if not path.endswith((".tex", ".html"))]
    text = Path(readable).read_text(encoding="utf-8")
    if medium == "figure":
        lines = [html.unescape(part.rpartition(">")[2]) for part in text.split("</text>")]
        return " ".join(lines)
    return text if medium == "metric" else " ".join(text.split())


def test_what_shows_runs_from_different_places_says_so(params: Params, folder: Path) -> None:
    for name in ("table-table3", "figure-figure3", "figure-figure5"):
        assert ELSEWHERE in make(params, name), name
    for name in ("table-table2", "figure-figure4", "figure-search"):
        assert "Runs come from" not in make(params, name), name


def test_the_search_says_so_too(params: Params, folder: Path) -> None:
    results = collect.read([paths.SEARCH])
    collect.write(elsewhere(results, results["fold"].eq(1), torch="3.0"), paths.SEARCH)
    assert "Runs come from different versions of torch: 2.0; 3.0." in make(params, "figure-search")


def test_labels_of_the_params_reach_figures_and_tables(params: Params, folder: Path) -> None:
    for name in ("table-table3", "figure-figure2", "figure-figure3", "figure-figure5"):
        text = make(params, name)
        assert "Twins" in text, name
    assert "| Twins |" in make(params, "table-table2")


def test_winners_are_marked(params: Params, folder: Path) -> None:
    text = make(params, "table-table1")
    assert r"| MLP |" in text and r"| MLP\* |" in text and r"| ConvNet, also \* |" in text
    assert "MLP selected" in make(params, "figure-figure3")


def test_other_digits_and_another_protocol_are_named(params: Params, folder: Path) -> None:
    for name in ("figure-figure3", "figure-search", "figure-pairs"):
        assert "not full MNIST" in make(params, name), name
    assert "not full MNIST" not in make(params, "figure-figure1")
    table = make(params, "table-table3")
    assert "**Not full MNIST" in table
    assert "200 training and 200 test pairs, 3 epochs, batches of 50, 3 seeds" in table


def test_metrics_follow_one_another(params: Params, folder: Path) -> None:
    for name in report_steps.names(params, "metric"):
        make(params, f"metric-{name}")
    summary = pd.read_csv(paths.metric("summary.csv"))
    assert summary["variant"].tolist() == [*params.variants, "mlp_selected"]
    assert summary["paper_mean"].isna().all()
    headline = json.loads(Path(paths.metric("metrics.json")).read_text())
    assert headline["digits"] == "embedded"
    assert headline["mlp"] == {"best_mean": 0.8, "final_mean": 0.75}


@pytest.mark.parametrize("kind", ["box", "accuracies"])
def test_a_study_of_a_winner_that_is_not_there_says_so(
    content: dict[str, Any], folder: Path, kind: str
) -> None:
    """All its configurations diverged."""
    shown = {"kind": kind, "title": "New", "variants": ["siamese_mlp_selected"]}
    content["studies"]["new"] = shown
    with pytest.raises(UserError, match="the search has no winner"):
        make(check(content), f"{'figure' if kind == 'box' else 'table'}-new")
