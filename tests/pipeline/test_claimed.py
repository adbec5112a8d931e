"""What the products of claims are made from, and which claims are judged."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.files import write_text
from digitpairs.pipeline import report_steps, stamps
from digitpairs.pipeline.claimed import with_results
from digitpairs.pipeline.session import Session
from digitpairs.pipeline.steps import steps
from digitpairs.runs.workers import Workers
from digitpairs.study.load import check, load
from digitpairs.study.schema import Params
from project import ROOT

SOURCE = Source("mnist", "0123456789ab")
WINNERS = {"mlp": {"model": {"family": "mlp", "hidden": [350, 100]}, "learning_rate": 1e-3}}
PRODUCTS = {"metric-claims.csv", "figure-claims", "table-claims"}
QUOTING = {"report_source", "page"}  # what quotes claims

Content = dict[str, Any]


@pytest.fixture
def claimed(content: Content) -> Content:
    """The quick params with their claims."""
    claims = yaml.safe_load((ROOT / "claims.quick.yaml").read_text(encoding="utf-8"))
    return {**content, "claims": claims}


def changed(content: Content, edit: Callable[[Content], Any]) -> set[str]:
    """The steps of reports that an edit changes."""

    def plans() -> dict[str, Any]:
        graph = report_steps.report_steps(check(content), SOURCE, WINNERS)
        return {name: (step.digest, step.inputs) for name, step in graph.items()}

    before = plans()
    edit(content)
    after = plans()
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def of_claim(key: str, value: Any) -> Callable[[Content], Any]:
    return lambda content: content["claims"]["siamese_over_naive"].update({key: value})


NEW = {"source": "me", "quote": "mine", "says": "Mine.", "measure": "final_accuracy"}
NEW |= {"direction": "above", "margin": 0.1, "compare": {"mlp": ["siamese_mlp_shared"]}}

EDITS: list[tuple[Callable[[Content], Any], set[str]]] = [
    (lambda content: content["claims"].update(new=NEW), PRODUCTS),
    (lambda content: content["claims"].pop("cap"), PRODUCTS),
    (lambda content: content["claims"].clear(), PRODUCTS | {"tidy", "pdf"}),
    (of_claim("compare", {"mlp": ["convnet"]}), PRODUCTS),
    (of_claim("margin", 0.1), {"metric-claims.csv"}),
    (of_claim("at_least", 0.1), {"metric-claims.csv"}),
    (of_claim("direction", "below"), {"metric-claims.csv"}),
    (of_claim("measure", "final_accuracy"), {"metric-claims.csv"}),
    (of_claim("says", "Another."), {"figure-claims", "table-claims"}),
    (of_claim("source", "Another"), {"figure-claims", "table-claims"}),
    (of_claim("quote", "another"), set()),  # but for the report
]


@pytest.mark.parametrize(("edit", "products"), EDITS)
def test_a_claim_changes_the_products_of_claims_alone(
    claimed: Content, edit: Callable[[Content], Any], products: set[str]
) -> None:
    assert changed(claimed, edit) - {"page"} == products | {"report_source"}


@pytest.mark.parametrize("key", ["says", "source", "quote"])
def test_the_page_says_what_a_claim_says(claimed: Content, key: str) -> None:
    assert changed(claimed, of_claim(key, "another")) >= QUOTING


def test_a_published_setting_decides_what_is_said_of_the_search(claimed: Content) -> None:
    claims = claimed["claims"]
    claimed["claims"] = {"published_hyperparameters": claims["published_hyperparameters"]}
    edited = changed(claimed, lambda of: of["variants"]["convnet"].update(learning_rate=5e-4))
    assert edited & PRODUCTS == {"metric-claims.csv"}


def test_products_of_claims_read_what_decides_them_alone(claimed: Content) -> None:
    graph = report_steps.report_steps(check(claimed), SOURCE, WINNERS)
    read = graph["metric-claims.csv"].inputs
    assert paths.SEARCH in read and paths.WINNERS in read
    assert paths.variant("siamese_mlp_shared") not in read
    for name in ("figure-claims", "table-claims"):
        assert {paths.SOURCE, paths.metric("claims.csv")} < set(graph[name].inputs)
    del claimed["claims"]["published_hyperparameters"]
    graph = report_steps.report_steps(check(claimed), SOURCE, WINNERS)
    assert paths.SEARCH not in graph["metric-claims.csv"].inputs


def test_names_of_the_report_are_its_steps(claimed: Content) -> None:
    for claims in (claimed["claims"], {}):
        params = check({**claimed, "claims": claims})
        graph = report_steps.report_steps(params, SOURCE, WINNERS)
        listed = {
            f"{medium}-{name}"
            for medium in ("metric", "figure", "table")
            for name in report_steps.names(params, medium)
        }
        assert listed == graph.keys() - {"tidy", "pdf", *QUOTING}


# Of a group, results that are there.


@pytest.fixture
def grouped(claimed: Content) -> Content:
    """A group with a variant of its own, and a claim of it."""
    claimed["variants"]["apart"] = {"base": "mlp", "learning_rate": 0.01}
    study = {"kind": "box", "title": "Apart", "group": "extra", "variants": ["mlp", "apart"]}
    claimed["studies"]["apart"] = study
    claimed["claims"]["new"] = NEW | {"group": "extra", "compare": {"apart": ["mlp", 0.9]}}
    return claimed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory with digits, and none of the steps done but that one."""
    monkeypatch.chdir(tmp_path)
    source = {"source": "embedded", "checksum": "0123456789ab"}
    write_text(Path(paths.SOURCE), json.dumps(source))


def do(params: Params, *names: str) -> None:
    """Do steps whose inputs are there."""
    for name in names:
        graph = steps(params)
        with stamps.stamped(graph, name):
            for path in graph[name].outputs:
                if path != paths.SOURCE:
                    write_text(Path(path), name)


def judged(content: Content) -> bool:
    return "new" in with_results(check(content)).claims


def test_a_claim_of_a_group_waits_for_its_results(grouped: Content, folder: None) -> None:
    params = check(grouped)
    assert not judged(grouped)
    assert with_results(params).claims.keys() == params.claims.keys() - {"new"}
    do(params, "digits", "variant-apart")
    assert judged(grouped)  # those of mlp are made by default
    edited = deepcopy(grouped)
    edited["variants"]["apart"]["learning_rate"] = 0.02
    assert not judged(edited)
    Path(paths.variant("apart")).unlink()
    assert not judged(grouped)


def test_a_net_of_a_group_waits_for_its_results_and_others_do_not(
    grouped: Content, folder: None
) -> None:
    grouped["page"] = {"nets": ["mlp", "apart"], "seed": 0}
    params = check(grouped)

    def nets() -> list[str]:
        page = with_results(params).page
        assert page
        return page.nets

    assert nets() == ["mlp"]
    do(params, "digits", "variant-apart")
    assert nets() == ["mlp", "apart"]


def test_a_claim_of_a_winner_waits_for_its_search(grouped: Content, folder: None) -> None:
    grid = {"base": "mlp", "learning_rate": [0.1, 0.2]}
    grouped["search"]["grids"]["rates"] = grid
    grouped["studies"]["apart"]["variants"] = ["mlp", "rates_selected"]
    grouped["claims"]["new"]["compare"] = {"rates_selected": ["mlp"]}
    params = check(grouped)
    do(params, "digits", "search-extra", "select-extra")
    assert not judged(grouped)
    mlp = {"model": {"family": "mlp", "hidden": [200, 100]}, "learning_rate": 0.1}
    graph = steps(params)
    with stamps.stamped(graph, "select-extra"):
        write_text(Path(paths.winners("-extra")), json.dumps({"rates": mlp}))
    assert not judged(grouped)
    do(params, "variant-rates_selected")
    assert judged(grouped)
    Path(paths.search("-extra")).unlink()
    assert judged(grouped)  # nothing reads it
    Path(paths.winners("-extra")).unlink()
    assert not judged(grouped)


def test_a_session_decides_once_and_hands_over_what_it_judges(
    grouped: Content, folder: None
) -> None:
    params = check(grouped)
    session = Session(params, lambda line: None, lambda: Workers(1))
    do(params, "digits", "variant-apart")
    assert "new" not in session.params.claims
    assert list(load(session.params_file).claims) == list(session.params.claims)
    assert "metric-claims.csv" in session.steps
    again = Session(params, lambda line: None, lambda: Workers(1))
    assert "new" in again.params.claims
    assert session.params.shown == [] and again.params.shown == ["extra"]
    assert load(again.params_file) == params.model_copy(update={"shown": ["extra"]})
