"""Prints values of files in the report, and remembers where each comes from."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from digitpairs.products.report.cells import Files, Place
from digitpairs.products.report.escape import Tex, escaped

COLUMNS = ("label", "text", "file", "row", "column")


def accuracy(value: str) -> str:
    """Write a share as the tables do: .857."""
    return f"{float(value):.3f}".replace("0.", ".", 1)


def fine(value: str) -> str:
    """Write a share where thousandths are too few: .9911."""
    return f"{float(value):.4f}".replace("0.", ".", 1)


def points(value: str) -> str:
    """Write a share as points: 8.6."""
    return f"{100 * float(value):.1f}"


def signed(value: str) -> str:
    """Write a difference in points, with its sign: +8.57."""
    return f"{100 * float(value):+.2f}"


def whole(value: str) -> str:
    """Write a count: 98,902."""
    return f"{float(value):,.0f}"


def minutes(value: str) -> str:
    """Write seconds as minutes."""
    return f"{float(value) / 60:.0f}"


def p_value(value: str) -> str:
    """Write a p value after its relation: < .001, or = .012."""
    number = float(value)
    return "< .001" if number < 0.001 else f"= {number:.3f}".replace("0.", ".", 1)


def share(value: str) -> str:
    """Write a share of one in percent: 95."""
    return f"{100 * float(value):.0f}"


FORMATS: dict[str, Callable[[str], str]] = {
    "accuracy": accuracy,
    "fine": fine,
    "points": points,
    "signed": signed,
    "whole": whole,
    "minutes": minutes,
    "p_value": p_value,
    "share": share,
    "word": str,
}


@dataclass
class Printed:
    """All that was printed, by label; `files` are where it is read from."""

    files: Files = field(default_factory=Files)
    labels: dict[str, tuple[str, Place]] = field(default_factory=dict)

    def number(self, form: str, file: str, column: str, over: str = "", **row: str) -> Tex:
        r"""Print a value as `\num{label}{text}`. Raises UserError where it is missing."""
        value, place = self.files.lookup(file, column, row, over)
        text = FORMATS[form](value).replace("-", "−") if form != "word" else value
        label = self.label(form, text, place)
        return Tex(rf"\num{{{label}}}{{{escaped(text)}}}")

    def label(self, form: str, text: str, place: Place) -> str:
        """Name a value: its file, row and column, and how it is written where that differs."""
        stem = place.file.rpartition("/")[2].partition(".")[0]
        values = ",".join(part.partition("=")[2] for part in place.row.split("; "))
        name = re.sub(r"[^\w.,:()+-]+", "-", f"{stem}:{values}:{place.column}", flags=re.ASCII)
        label = name
        if self.labels.setdefault(label, (text, place)) != (text, place):
            label = f"{name}:{form}"
            self.labels.setdefault(label, (text, place))
        return label

    def forms(self) -> dict[str, Callable[..., Tex]]:
        """List what templates call: `accuracy("summary", "best_mean", variant="mlp")`."""

        def of(form: str) -> Callable[..., Tex]:
            return lambda file, column, over="", **row: self.number(form, file, column, over, **row)

        return {form: of(form) for form in FORMATS}

    def as_csv(self) -> str:
        """List every label with its text, file, row and column."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for label, (text, place) in self.labels.items():
            writer.writerow((label, text, place.file, place.row, place.column))
        return file.getvalue()
