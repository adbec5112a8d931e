"""Numbers as the report prints them, each with a label that leads to its cell."""

import csv
import io
from pathlib import Path

import pytest

from digitpairs import paths
from digitpairs.files import write_text
from digitpairs.products.report.printed import FORMATS, Printed


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Printed:
    monkeypatch.chdir(tmp_path)
    text = "claim,effect,p\nold & new,-0.0123,0.0004\nother,0.5,0.0123\n"
    write_text(Path(paths.metric("claims.csv")), text)
    return Printed()


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("accuracy", "0.85713", ".857"),
        ("accuracy", "1", "1.000"),
        ("points", "0.0148", "1.5"),
        ("signed", "0.0857", "+8.57"),
        ("signed", "-0.0857", "-8.57"),
        ("whole", "98902", "98,902"),
        ("whole", "495.0", "495"),
        ("minutes", "848.267", "14"),
        ("p_value", "0.00012", "< .001"),
        ("p_value", "0.0123", "= .012"),
        ("word", "1e-05", "1e-05"),
    ],
)
def test_formats(form: str, value: str, text: str) -> None:
    assert FORMATS[form](value) == text


def test_a_number_stands_with_its_label_and_leads_to_its_cell(printed: Printed) -> None:
    tex = printed.number("signed", "claims", "effect", claim="old & new")
    assert tex == r"\num{claims:old-new:effect}{$-$1.23}"
    (row,) = csv.DictReader(io.StringIO(printed.as_csv()))
    assert row == {
        "label": "claims:old-new:effect",
        "text": "−1.23",
        "file": paths.metric("claims.csv"),
        "row": "claim=old & new",
        "column": "effect",
    }


def test_a_cell_that_is_written_in_two_ways_has_two_labels(printed: Printed) -> None:
    forms = ("signed", "accuracy", "signed")
    numbers = [printed.number(form, "claims", "effect", claim="other") for form in forms]
    assert numbers[0] == numbers[2] == r"\num{claims:other:effect}{+50.00}"
    assert numbers[1] == r"\num{claims:other:effect:accuracy}{.500}"
    assert len(printed.labels) == 2


def test_text_of_files_is_escaped(printed: Printed) -> None:
    assert printed.number("word", "claims", "claim", p="0.0004").endswith(r"{old \& new}")
