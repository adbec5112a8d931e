"""What of the params a product shows, and so depends on: no more, no less."""

from collections.abc import Callable
from typing import Any

import pytest

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.pipeline import report_steps, steps
from digitpairs.study.load import check

SOURCE = Source("mnist", "0123456789ab")
WINNERS = {"mlp": {"model": {"family": "mlp", "hidden": [350, 100]}, "learning_rate": 1e-3}}
AGAIN = {"mlp": {"model": {"family": "mlp", "hidden": [200, 100]}, "learning_rate": 1e-4}}

Content = dict[str, Any]


def plans(content: Content, winners: Any = WINNERS) -> dict[str, Any]:
    """Each step's plan and inputs."""
    params = check(content)
    graph = {
        **steps.data_steps(params, steps.all_runs_with(params, SOURCE, winners)),
        **report_steps.report_steps(params, SOURCE, winners),
    }
    return {name: (step.digest, step.inputs) for name, step in graph.items()}


def changed(content: Content, edit: Callable[[Content], Any]) -> set[str]:
    """The steps that an edit of the params changes."""
    before = plans(content)
    edit(content)
    after = plans(content)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def labelled(variant: str, label: str) -> Callable[[Content], Any]:
    return lambda content: content["variants"][variant].update(label=label)


@pytest.mark.parametrize(
    ("variant", "products"),
    [
        (
            "mlp",
            {"figure-figure1", "figure-figure5", "table-table1", "table-table3", "table-paper"},
        ),
        ("siamese_mlp_shared", {"figure-figure3"}),
        (
            "siamese_convnet_shared_aux_100",
            {"figure-figure5", "table-table3", "table-readouts", "table-paper", "model"},
        ),
        ("siamese_convnet_shared_aux_1", set()),
    ],
)
def test_a_label_redraws_what_shows_it(content: Content, variant: str, products: set[str]) -> None:
    """The report and the page show all variants."""
    everywhere = {"report_source", "page"}
    assert changed(content, labelled(variant, "Another")) == products | everywhere


def test_a_label_that_says_what_would_stand_there_redraws_nothing(content: Content) -> None:
    assert changed(content, labelled("convnet", "ConvNet")) == set()


def faster(content: Content) -> None:
    content["variants"]["convnet"]["learning_rate"] = 0.25


def test_a_learning_rate_redraws_no_architecture(content: Content) -> None:
    edited = changed(content, faster)
    assert "variant-convnet" in edited
    assert "figure-figure1" not in edited


def test_a_learning_rate_in_a_label_does(content: Content) -> None:
    content["variants"]["convnet_fast"] = {"base": "convnet", "learning_rate": 0.1}
    content["studies"]["figure1"]["variants"].append("convnet_fast")
    assert "figure-figure1" in changed(content, faster)


def test_another_winner_changes_labels_where_it_equals_a_variant(content: Content) -> None:
    content["studies"]["figure3"]["variants"] = ["mlp", "mlp_selected"]
    first, second = plans(content), plans(content, AGAIN)
    assert first["figure-figure3"][0] != second["figure-figure3"][0]
    assert first["figure-figure4"] == second["figure-figure4"]


def test_what_compares_runs_reads_their_results(content: Content) -> None:
    """Protocols and places stand there, and not in the reports."""
    inputs = {name: files for name, (_, files) in plans(content).items()}
    assert paths.variant("siamese_mlp") in inputs["metric-summary.csv"]
    assert paths.SEARCH in inputs["figure-search"]
