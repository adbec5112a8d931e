"""Which digits there are and who won the search: read with care, all runs depend on it."""

import json
from pathlib import Path

import pytest

from digitpairs import paths
from digitpairs.digits import source
from digitpairs.pipeline import steps
from digitpairs.search import ranking
from digitpairs.study.schema import Params

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
    put(paths.SOURCE, json.dumps(SOURCE))
    put(paths.WINNERS, json.dumps({"mlp": WINNER}))


def test_what_was_decided_is_read() -> None:
    assert source.read_source() is not None
    assert ranking.read_winners() == {"mlp": WINNER}


@pytest.mark.parametrize("text", [*NO_JSON, *map(json.dumps, NO_SOURCES)], ids=lambda t: t[:40])
def test_a_broken_source_says_nothing(text: str, quick_params: Params) -> None:
    put(paths.SOURCE, text)
    assert source.read_source() is None
    assert steps.steps(quick_params)


@pytest.mark.parametrize("text", [*NO_JSON, *map(json.dumps, NO_WINNERS)], ids=lambda t: t[:40])
def test_broken_winners_say_nothing(text: str, quick_params: Params) -> None:
    put(paths.WINNERS, text)
    assert ranking.read_winners() is None
    assert steps.steps(quick_params)
