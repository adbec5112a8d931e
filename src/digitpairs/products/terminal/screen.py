"""The terminal that results are shown in: its width, its colours, the characters that it has.

rich finds these out: NO_COLOR and pipes are its matter. What is shown goes through `text`, since
labels and intervals have square brackets, which are no markup.
"""

import re
from collections.abc import Mapping
from typing import Literal

from rich.box import SIMPLE_HEAD, Box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from digitpairs.products.tables.cells import MARKS, Cell

PLAIN = {"−": "-", "–": "-", "±": "+-", "λ": "lambda", "≤": "<=", "×": "x", "…": "...", "─": "-"}
ASCII_HEAD = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
NUMBERS = 60  # columns that are enough for the numbers of each table

Columns = Mapping[str, Literal["left", "right"]]  # how the cells of each column stand


def screen() -> Console:
    """Open the terminal: standard error."""
    return Console(stderr=True)


def printable(words: str, encoding: str) -> str:
    """Write words in characters of an encoding: what it lacks becomes what reads alike, or `?`."""
    return "".join(char if has(encoding, char) else PLAIN.get(char, "?") for char in words)


def has(encoding: str, char: str) -> bool:
    """Whether an encoding has a character."""
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def text(console: Console, words: str, style: str = "") -> Text:
    """Make text that the terminal can show."""
    return Text(printable(words, console.encoding), style)


def cell_text(cell: Cell) -> str:
    """Read what a table's cell says, without Markdown's backslashes."""
    return re.sub(rf"\\({MARKS})", r"\1", cell.markdown)


def table(console: Console, columns: Columns) -> Table:
    """Begin a table: a line below its head, and no other; words wrap, nothing is cut.

    Numbers wrap only in terminals where they would have to be cut.
    """
    whole = console.width >= NUMBERS
    box = ASCII_HEAD if console.options.ascii_only else SIMPLE_HEAD
    made = Table(box=box, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name, side in columns.items():
        made.add_column(
            text(console, name), justify=side, overflow="fold", no_wrap=whole and side == "right"
        )
    return made


def fits(console: Console, made: Table) -> bool:
    """Whether no cell of a table has to wrap."""
    unbounded = console.options.update(max_width=10_000)
    return Measurement.get(console, unbounded, made).maximum <= console.width
