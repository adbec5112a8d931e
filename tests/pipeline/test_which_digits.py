"""What a Snakemake that plans says and checks of the digits, before it does anything."""

from pathlib import Path
from typing import Any

import pytest

from digitpairs.digits import fetch
from digitpairs.digits.choice import VARIABLE
from digitpairs.errors import UserError
from digitpairs.pipeline.session import Session
from digitpairs.pipeline.steps import all_runs, data_steps
from digitpairs.runs.workers import Workers
from digitpairs.study.load import check
from digitpairs.study.schema import Params


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)


def params_of(content: dict[str, Any], **data: str | None) -> Params:
    return check({**content, "data": {"source": "auto", "folder": None, **data}})


@pytest.mark.parametrize("source", ["auto", "folder"])
def test_a_wrong_folder_is_an_error_before_a_byte_is_written(
    content: dict[str, Any], source: str
) -> None:
    with pytest.raises(UserError, match=r"^data\.folder: 'nowhere': no such folder"):
        Session(params_of(content, source=source, folder="nowhere"), print, lambda: Workers(1))
    assert list(Path().iterdir()) == []


def test_embedded_digits_asked_for_beside_mnist_are_an_error(content: dict[str, Any]) -> None:
    raw = Path("data/raw/source.json")
    raw.parent.mkdir(parents=True)
    raw.write_text('{"source": "mnist", "checksum": "0123456789ab"}')
    with pytest.raises(UserError, match=r"^data\.source: 'embedded': data/raw holds full MNIST; "):
        Session(params_of(content, source="embedded"), print, lambda: Workers(1))
    assert list(Path().rglob("*.json")) == [raw]


def test_embedded_digits_are_the_first_thing_said(
    content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digitpairs.runs.restore.restore", lambda say: say("restored"))
    said: list[str] = []
    Session(params_of(content), said.append, lambda: Workers(1))
    fetch.fetch(Path("data/raw"), "embedded", None, print)
    Session(params_of(content), said.append, lambda: Workers(1))
    Session(params_of(content, source="embedded"), said.append, lambda: Workers(1))
    firsts = said[::2]
    assert [line.partition(" ")[0] for line in firsts] == ["Digits:", "WARNING:", "Digits:"]
    assert said[1::2] == ["restored"] * 3


def test_what_decides_which_digits_is_the_source_and_no_folder(content: dict[str, Any]) -> None:
    """An edited path of the same digits makes nothing again: other digits are an error."""

    def digest(**data: str | None) -> str:
        params = params_of(content, **data)
        return data_steps(params, all_runs(params))["digits"].digest

    assert digest(folder="one") == digest(folder="another") == digest()
    assert len({digest(source=source) for source in ("auto", "embedded", "torchvision")}) == 3
