"""Which digits there are and who won the search: read with care, for all runs hang on it."""

import json
from pathlib import Path

import pytest

from digitpairs import steps
from digitpairs.params import Params

SOURCE = {"source": "embedded", "checksum": "0123456789ab"}
WINNER = {"hidden": [8], "channels": [], "learning_rate": 0.001}
NO_JSON = ["", "\0", "{", "null", "3", "[]", '"mlp"']
NO_SOURCES = [{}, {"source": "embedded"}, {**SOURCE, "source": "mnost"}, {**SOURCE, "source": []}]
NO_WINNERS = [
    {"mlp": None},
    {"mlp": []},
    *({"mlp": {key: WINNER[key] for key in WINNER if key != left_out}} for left_out in WINNER),
    {"mlp": {**WINNER, "hidden": 8}},
    {"mlp": {**WINNER, "hidden": [None]}},
    {"mlp": {**WINNER, "learning_rate": "fast"}},
    {"mlp": {**WINNER, "learning_rate": float("nan")}},
]


def put(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(steps.SOURCE, json.dumps(SOURCE))
    put(steps.SELECTED, json.dumps({"mlp": WINNER}))


def test_what_was_settled_is_read() -> None:
    assert steps.read_source() is not None
    assert steps.read_winners() == {"mlp": WINNER}


@pytest.mark.parametrize("text", [*NO_JSON, *map(json.dumps, NO_SOURCES)], ids=lambda t: t[:40])
def test_a_broken_source_says_nothing(text: str, quick_params: Params) -> None:
    put(steps.SOURCE, text)
    assert steps.read_source() is None
    assert steps.steps(quick_params)


@pytest.mark.parametrize("text", [*NO_JSON, *map(json.dumps, NO_WINNERS)], ids=lambda t: t[:40])
def test_broken_winners_say_nothing(text: str, quick_params: Params) -> None:
    put(steps.SELECTED, text)
    assert steps.read_winners() is None
    assert steps.steps(quick_params)
