"""Cells of CSV files: one value, found by file, row and column. A missing one is an error."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from digitpairs import paths
from digitpairs.errors import UserError, nearest

Row = Mapping[str, object]  # what columns hold in the row
# What may be asked of the rows that match, in place of the one value that they have.
OVER = ("rows", "distinct", "sum", "mean", "min", "max", "farthest")


@dataclass(frozen=True)
class Place:
    """Where a value comes from."""

    file: str
    row: str
    column: str

    def __str__(self) -> str:
        """Name it as messages do."""
        return f"{self.file}: row {self.row or 'any'}, column {self.column}"


class Files:
    """CSV files as text, each read once: a cell is what stands there."""

    def __init__(self) -> None:
        """Start with none."""
        self.frames: dict[str, pd.DataFrame] = {}

    def frame(self, file: str) -> pd.DataFrame:
        """Read a file. Raises UserError where there is none."""
        path = path_of(file)
        if path not in self.frames:
            try:
                self.frames[path] = pd.read_csv(path, dtype=str, keep_default_na=False)
            except (OSError, ValueError) as error:
                raise UserError(f"{path}: cannot be read for the report: {error}") from None
        return self.frames[path]

    def rows(self, file: str, row: Row) -> pd.DataFrame:
        """List the rows that hold these values. Raises UserError for an unknown column."""
        found = self.frame(file)
        for column, value in row.items():
            check_column(found, path_of(file), column)
            found = found[found[column] == str(value)]
        return found

    def lookup(self, file: str, column: str, row: Row, over: str = "") -> tuple[str, Place]:
        """Find a value and where it stands.

        Without `over`, all rows that match have the same. Raises UserError where there is no such
        file, row or column, where the cell is empty, or where rows differ.
        """
        place = Place(path_of(file), said(row), f"{over}({column})" if over else column)
        found = self.rows(file, row)
        if over == "rows":
            return str(len(found)), place
        check_column(found, place.file, column)
        if found.empty:
            raise UserError(f"{place}: no such row; the report needs it")
        if over == "distinct":
            return str(found[column].nunique()), place
        if over:
            return of_several(found[column], over, place), place
        values = set(found[column])
        if len(values) > 1:
            raise UserError(f"{place}: {len(values)} values in {len(found)} rows; needs to be one")
        (value,) = values
        if not value:
            raise UserError(f"{place}: empty; the report needs a value")
        return value, place


def path_of(file: str) -> str:
    """Name a file of metrics by its stem; another by its path."""
    return file if "/" in file else paths.metric(f"{file}.csv")


def of_several(column: pd.Series, over: str, place: Place) -> str:
    """Sum up a column of numbers."""
    numbers = pd.to_numeric(column, errors="coerce").dropna()
    if numbers.empty:
        raise UserError(f"{place}: no number there; the report needs one")
    if over == "farthest":  # from zero
        return repr(float(numbers[numbers.abs().idxmax()]))
    return repr(float(getattr(numbers, over)()))


def said(row: Row) -> str:
    """Write which row is meant."""
    return "; ".join(f"{column}={value}" for column, value in row.items())


def check_column(found: pd.DataFrame, path: str, column: str) -> None:
    """Raise UserError for a column that a file does not have."""
    if column not in found:
        raise UserError(f"{path}: column {column}: not there{nearest(column, found.columns)}")
