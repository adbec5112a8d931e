"""Options of nets: one text for each choice, and a line with the key for each thing wrong."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import StrictInt

from digitpairs.models import options
from digitpairs.recipe import closed


@closed
@dataclass(frozen=True)
class Part:
    size: StrictInt
    rate: float = 0.5


@closed
@dataclass(frozen=True)
class Whole:
    parts: tuple[Part, ...] = ()
    deep: bool = False
    least: StrictInt = 1

    def __post_init__(self) -> None:
        if len(self.parts) > 2:
            raise ValueError("parts.2.size: one too many")


def test_a_text_holds_what_differs_from_the_defaults() -> None:
    assert options.text_of(Whole, {}) == "{}"
    assert options.text_of(Whole, {"deep": False, "least": 1, "parts": []}) == "{}"
    text = options.text_of(Whole, {"parts": [{"size": 3, "rate": 0.5}], "deep": True})
    assert json.loads(text) == {"deep": True, "parts": [{"size": 3}]}


def test_one_choice_has_one_text_in_any_order_of_keys() -> None:
    one = options.text_of(Whole, {"parts": [{"size": 3, "rate": 0.25}], "deep": True})
    assert one == options.text_of(Whole, {"deep": True, "parts": [{"rate": 0.25, "size": 3}]})


def test_a_text_is_read_as_it_was_written() -> None:
    text = options.text_of(Whole, {"parts": [{"size": 3}, {"size": 4, "rate": 1}]})
    assert options.read(Whole, text) == Whole((Part(3), Part(4, 1.0)))


@pytest.mark.parametrize("text", ["", "3", "{", '{"parts": 3}', '{"x": 1}'])
def test_what_is_no_text_of_options_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        options.read(Whole, text)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        ({"depe": True}, ["depe: unknown key; did you mean deep? (known: parts, deep, least)"]),
        (
            {"parts": [{"size": 3}, {"size": 4, "raet": 1}]},
            ["parts.1.raet: unknown key; did you mean rate? (known: size, rate)"],
        ),
        ({"parts": [{}]}, ["parts.0.size: missing; it has to be set"]),
        ({"least": 1.5}, ["least: 1.5: Input should be a valid integer"]),
        (
            {"least": "x", "parts": [{"size": True}]},
            [
                "parts.0.size: True: Input should be a valid integer",
                "least: 'x': Input should be a valid integer",
            ],
        ),
        ({"parts": [{"size": 1}] * 3}, ["parts.2.size: one too many"]),
        ({1: 2}, ["1: 1: Keys should be strings"]),
    ],
)
def test_what_is_wrong_gets_one_line_each(data: Any, lines: list[str]) -> None:
    with pytest.raises(ValueError, match=": ") as caught:
        options.text_of(Whole, data)
    assert str(caught.value).splitlines() == lines


@closed
@dataclass(frozen=True)
class Outer:
    inner: Whole = Whole()


def test_what_a_part_finds_itself_bears_the_key_of_the_part() -> None:
    with pytest.raises(ValueError, match=r"^inner\.parts\.2\.size: one too many$"):
        options.text_of(Outer, {"inner": {"parts": [{"size": 1}] * 3}})
