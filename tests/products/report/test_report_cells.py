"""Cells of CSV files: what is missing is named by file, row and column."""

from pathlib import Path

import pytest

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.files import write_text
from digitpairs.products.report.cells import Files

SUMMARY = """variant,runs,best_mean,paper_mean
mlp,15,0.80,0.807
convnet,15,0.83,
siamese,14,0.7,
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.chdir(tmp_path)
    write_text(Path(paths.metric("summary.csv")), SUMMARY)
    return Files()


def test_a_cell_is_what_stands_there(files: Files) -> None:
    value, place = files.lookup("summary", "best_mean", {"variant": "mlp"})
    assert value == "0.80"  # and not 0.8
    assert (place.file, place.row, place.column) == (
        paths.metric("summary.csv"),
        "variant=mlp",
        "best_mean",
    )


def test_rows_that_agree_have_one_value(files: Files) -> None:
    assert files.lookup("summary", "paper_mean", {"runs": 15, "variant": "mlp"})[0] == "0.807"
    with pytest.raises(UserError, match=r"summary\.csv: row any, column runs: 2 values in 3 rows"):
        files.lookup("summary", "runs", {})


@pytest.mark.parametrize(
    ("over", "column", "row", "value"),
    [
        ("rows", "variant", {"runs": 15}, "2"),
        ("rows", "variant", {"runs": 3}, "0"),
        ("distinct", "runs", {}, "2"),
        ("sum", "runs", {}, "44.0"),
        ("max", "best_mean", {}, "0.83"),
        ("min", "best_mean", {}, "0.7"),
        ("mean", "paper_mean", {}, "0.807"),
    ],
)
def test_several_rows_are_summed_up(
    files: Files, over: str, column: str, row: dict[str, object], value: str
) -> None:
    found, place = files.lookup("summary", column, row, over)
    assert found == value or float(found) == pytest.approx(float(value))
    assert place.column == f"{over}({column})"


def test_the_farthest_from_zero_keeps_its_sign(files: Files) -> None:
    write_text(Path(paths.metric("paper.csv")), "difference\n0.01\n-0.02\n")
    assert files.lookup("paper", "difference", {}, "farthest")[0] == "-0.02"


@pytest.mark.parametrize(
    ("file", "column", "row", "message"),
    [
        ("summary", "best_mean", {"variant": "mpl"}, "row variant=mpl, column best_mean: no such"),
        ("summary", "best_maen", {"variant": "mlp"}, "column best_maen: not there; did you mean"),
        ("summary", "best_mean", {"varian": "mlp"}, "column varian: not there"),
        ("summary", "paper_mean", {"variant": "convnet"}, "row variant=convnet.*: empty"),
        ("summry", "best_mean", {}, r"reports/metrics/summry\.csv: cannot be read"),
    ],
)
def test_what_is_missing_is_named(
    files: Files, file: str, column: str, row: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        files.lookup(file, column, row)


def test_several_rows_without_a_number_are_an_error(files: Files) -> None:
    with pytest.raises(UserError, match="no number"):
        files.lookup("summary", "paper_mean", {"variant": "convnet"}, "mean")
