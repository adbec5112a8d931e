"""Terminals that are none: what is printed is kept."""

import io
from typing import Any

from rich.console import Console, RenderableType


class Encoded(io.StringIO):
    """A stream that says it has an encoding."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def terminal(width: int = 120, encoding: str = "utf-8", **options: Any) -> Console:
    """A terminal of a width, as `screen` opens one."""
    return Console(file=Encoded(encoding), width=width, **options)


def shown(console: Console, content: RenderableType) -> str:
    """What a terminal shows."""
    console.print(content)
    stream = console.file
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


def words(text: str) -> str:
    """Text without the breaks of its lines."""
    return " ".join(text.split())
