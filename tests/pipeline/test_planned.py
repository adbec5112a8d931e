"""What steps are planned from: the params, which digits there are, who won the search."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from digitpairs import paths
from digitpairs.digits import source
from digitpairs.digits.source import Source
from digitpairs.pipeline import handover, steps
from digitpairs.pipeline.step import stamp_path
from digitpairs.search import ranking
from digitpairs.study.load import check, load
from digitpairs.study.schema import Params

SOURCE = {"source": "embedded", "checksum": "0123456789ab"}
WINNER = {"model": {"family": "mlp", "hidden": [8]}, "learning_rate": 0.001}
NO_JSON = ["", "\0", "{", "null", "3", "[]", '"mlp"']
NO_SOURCES = [{}, {"source": "embedded"}, {**SOURCE, "source": "mnost"}, {**SOURCE, "source": []}]
NO_WINNERS = [
    {"mlp": None},
    {"mlp": []},
    *({"mlp": {key: WINNER[key] for key in WINNER if key != left_out}} for left_out in WINNER),
    {"mlp": {**WINNER, "model": {"family": "mlp", "hidden": 8}}},
    {"mlp": {**WINNER, "model": {"family": "mlp", "hidden": [None]}}},
    {"mlp": {**WINNER, "learning_rate": "fast"}},
    {"mlp": {**WINNER, "learning_rate": float("nan")}},
]


def put(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(paths.SOURCE, json.dumps(SOURCE))
    put(paths.WINNERS, json.dumps({"mlp": WINNER}))


def test_what_was_decided_is_read(quick_params: Params) -> None:
    assert source.read_source() is not None
    assert ranking.read_winners(quick_params) == {
        "mlp": {**WINNER, "model": {"family": "mlp", "hidden": (8,)}}
    }


@pytest.mark.parametrize("text", [*NO_JSON, *map(json.dumps, NO_SOURCES)], ids=lambda t: t[:40])
def test_a_broken_source_says_nothing(text: str, quick_params: Params) -> None:
    put(paths.SOURCE, text)
    assert source.read_source() is None
    assert steps.steps(quick_params)


@pytest.mark.parametrize("text", [*NO_JSON, *map(json.dumps, NO_WINNERS)], ids=lambda t: t[:40])
def test_broken_winners_say_nothing(text: str, quick_params: Params) -> None:
    put(paths.WINNERS, text)
    assert ranking.read_winners(quick_params) is None
    assert steps.steps(quick_params)


def plans(params: Params) -> dict[str, str]:
    """The digests of the steps that make data, but for the one that tidies up."""
    known = steps.all_runs_with(params, Source("embedded", "0123456789ab"), {})
    found = steps.data_steps(params, known)
    return {name: step.digest for name, step in found.items() if name != "evaluation"}


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (lambda c: c["data"].update(source="auto"), {"digits"}),
        (lambda c: c["pairs"].update(train=199), {"pairs", "search", "variant", "weights"}),
        (lambda c: c["training"].update(seeds=5), {"pairs", "variant"}),
        (lambda c: c["training"].update(epochs=4), {"variant", "weights"}),
        (lambda c: c["training"].update(batch_size=49), {"search", "variant", "weights"}),
        (lambda c: c["training"].update(shuffle=False), {"search", "variant", "weights"}),
        (lambda c: c["search"].update(folds=3), {"search"}),
        (lambda c: c["variants"].update(twin={"base": "mlp"}), {"variant"}),
        (lambda c: c["model"].update(seed=1), {"weights", "model"}),
        (lambda c: c["execution"].update(threads=4), set()),
    ],
)
def test_steps_depend_on_the_params_that_change_them(
    change: Callable[[dict[str, Any]], object],
    moved: set[str],
    content: dict[str, Any],
    quick_params: Params,
) -> None:
    before = plans(quick_params)
    change(content)
    after = plans(check(content))
    differ = {name for name in after if after[name] != before.get(name)}
    assert {name.partition("-")[0] for name in differ} == moved


def test_the_params_that_jobs_read_are_the_params(quick_params: Params) -> None:
    assert load(handover.write_params(quick_params)) == quick_params


def test_steps_are_those_of_the_digits_winners_and_stamps_as_they_are_now(
    quick_params: Params,
) -> None:
    """They are remembered, but not beyond a checkpoint or a stamp."""
    before = steps.steps(quick_params)
    assert steps.steps(quick_params) is before
    assert "variant-mlp_selected" in before
    assert before["tidy"].params == []

    put(paths.WINNERS, "{}")
    assert "variant-mlp_selected" not in steps.steps(quick_params)
    put(str(stamp_path("figure-gone")), "{}")
    assert steps.steps(quick_params)["tidy"].params == ["figure-gone"]
    put(str(stamp_path("variant-gone")), "{}")
    assert steps.steps(quick_params)["evaluation"].params == ["variant-gone"]
    Path(paths.SOURCE).unlink()
    assert steps.steps(quick_params)["pairs"].outputs == ()
