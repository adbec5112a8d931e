"""The paper's numbers stand only beside what the paper did."""

from dataclasses import asdict, replace

import pandas as pd
import pytest

from collected import MNIST, PAPER, fifteen, run, runs, setting
from digitpairs.products.numbers import paper
from digitpairs.products.numbers.metrics import TRAINED
from digitpairs.runs import collect
from digitpairs.runs.plan import evaluation_runs
from digitpairs.spec import Task
from digitpairs.study.schema import Params
from digitpairs.study.variants import resolve_all

MLP = ("mlp", "", "200-100", False, 0.0, 1e-4, "")


def test_the_params_of_the_paper_are_its_protocol(full_params: Params) -> None:
    (spec,) = {
        replace(run.spec, seed=0)
        for run in evaluation_runs(full_params, MNIST, {})
        if run.name == "mlp"
    }
    assert full_params.training.seeds == paper.PROTOCOL.seeds
    for key in ("train_pairs", "test_pairs", "epochs", "batch_size"):
        assert getattr(spec, key) == getattr(paper.PROTOCOL, key) == PAPER[key]


def test_fifteen_seeds_of_the_papers_protocol_compare() -> None:
    assert paper.protocols(fifteen()) == {"mlp": paper.PROTOCOL}
    assert paper.published(MLP, paper.PROTOCOL) == paper.Printed(
        0.807, 0.015, "Tables 1 and 3", 98902
    )


OTHERS = {
    "train_pairs": 999,
    "test_pairs": 2000,
    "epochs": 49,
    "batch_size": 50,
    "digits": "embedded-c8abbffd10a0",
    "varies": "weights",
}


@pytest.mark.parametrize("key", OTHERS)
def test_another_protocol_does_not(key: str) -> None:
    (protocol,) = paper.protocols(fifteen(**{key: OTHERS[key]})).values()
    differing = {
        name for name, value in asdict(protocol).items() if value != getattr(paper.PROTOCOL, name)
    }
    assert differing == {key}
    assert paper.published(MLP, protocol) is None


@pytest.mark.parametrize("seeds", [14, 16])
def test_another_number_of_seeds_does_not(seeds: int) -> None:
    (protocol,) = paper.protocols(runs({"mlp": [[0.7, 0.8]] * seeds})).values()
    assert protocol == replace(paper.PROTOCOL, seeds=seeds)
    assert paper.published(MLP, protocol) is None


def test_a_diverged_run_is_one_of_the_seeds() -> None:
    results = pd.concat([runs({"mlp": [[0.7]] * 14}), run("mlp", 14, [0.4], "diverged")])
    assert paper.protocols(results) == {"mlp": paper.PROTOCOL}


def test_a_protocol_says_what_the_paper_does_not_share() -> None:
    (protocol,) = paper.protocols(runs({"mlp": [[0.7]] * 3}, epochs=7, train_pairs=2000)).values()
    assert str(protocol) == (
        "2,000 training and 1,000 test pairs, 7 epochs, batches of 100, 3 seeds, full MNIST"
    )
    assert str(replace(protocol, digits="embedded")).endswith("embedded digits")


def test_the_paper_printed_numbers_of_nets_that_the_params_have(full_params: Params) -> None:
    planned = evaluation_runs(full_params, MNIST, {})
    ours = {
        (
            spec.model.family,
            "-".join(map(str, spec.model.channels)),
            "-".join(map(str, spec.model.hidden)),
            spec.model.shared,
            spec.aux_weight,
            spec.learning_rate,
            collect.recipe_text(spec),
        )
        for spec in (run.spec for run in planned)
    }
    assert paper.PUBLISHED.keys() <= ours
    assert paper.PUBLISHED.keys() <= {
        paper.trained_as(one) for one in resolve_all(full_params).values()
    }
    assert all(len(trained) == len(TRAINED) for trained in ours)


def test_another_question_of_the_same_digits_is_no_protocol_of_the_papers() -> None:
    of = setting("mlp", task=Task(target="same_class"))
    (protocol,) = paper.protocols(fifteen(of=of)).values()
    assert protocol == replace(paper.PROTOCOL, target="same_class")
    assert paper.published(MLP, protocol) is None
    assert not protocol.is_papers_task
    assert str(protocol).endswith("15 seeds, full MNIST, target same_class")


def test_own_images_are_named_and_are_not_the_papers_task() -> None:
    protocol = replace(paper.PROTOCOL, digits="shapes")
    assert not protocol.is_papers_task
    assert str(protocol).endswith("15 seeds, shapes")
    assert paper.published(MLP, protocol) is None
    assert replace(paper.PROTOCOL, digits="embedded", epochs=3).is_papers_task
