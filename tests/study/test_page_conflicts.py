"""Nets that the page cannot run in a browser are refused; with another task none is shown."""

from copy import deepcopy
from typing import Any

import pytest
from contents import QUICK, Content, problems

from digitpairs.digits.source import Source
from digitpairs.products.page.chosen import runs_of
from digitpairs.study.load import check

OPTIONS = {"layers": [{"channels": 4}], "pooling": "mean"}
STACK = {"family": "convstack", "options": OPTIONS, "learning_rate": 1e-3}


def with_net(name: str, variant: dict[str, Any] | None = None, seed: int = 0) -> Content:
    """The quick params, whose page shows one net."""
    content = deepcopy(QUICK)
    if variant:
        content["variants"][name] = variant
    content["page"] = {"nets": [name], "seed": seed}
    return content


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (with_net("mlpp"), "page.nets: 'mlpp': unknown variant; did you mean mlp"),
        (
            with_net("stack", STACK),
            "page.nets: 'stack': convstack: the page runs the paper's families alone",
        ),
        (
            with_net("upright", {"base": "mlp", "preprocessing": "deskewed"}),
            "page.nets: 'upright': preprocessing deskewed: the page prepares digits as the paper",
        ),
        (with_net("mlp", seed=3), "page.seed: 3: is no seed of mlp; choose 0 to 2"),
        (with_net("mlp_selected", seed=3), "page.seed: 3: is no seed of mlp_selected; choose 0"),
    ],
)
def test_what_a_browser_cannot_run_is_refused(content: Content, line: str) -> None:
    (problem,) = problems(content)
    assert problem.startswith(line)


def test_a_grid_that_may_win_by_another_preprocessing_is_refused() -> None:
    content = with_net("either_selected")
    grid = {"base": "mlp", "preprocessing": ["none", "per_pixel"], "learning_rate": [1e-3]}
    content["search"]["grids"]["either"] = grid
    (problem,) = problems(content)
    assert "'either_selected': preprocessing per_pixel" in problem


def test_the_net_is_the_run_that_is_named() -> None:
    params = check(with_net("mlp", seed=2))
    run = runs_of(params, Source("mnist", ""), {})["mlp"]
    assert (run.name, run.spec.seed) == ("mlp", 2)


def test_with_another_task_no_net_is_shown_and_none_is_refused() -> None:
    """People draw MNIST's digits, to compare them."""
    content = with_net("mlpp")
    content["pairs"]["target"] = "same_class"
    assert runs_of(check(content), Source("mnist", ""), {}) == {}
    content["page"]["nets"] = ["mlp"]
    assert runs_of(check(content), Source("mnist", ""), {}) == {}
