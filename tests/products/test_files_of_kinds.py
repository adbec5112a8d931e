"""A kind of figure or table is a file of its name: none without, and no file without a kind."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from digitpairs.products import figures, tables
from digitpairs.study.kinds import FIXED_FIGURES, FIXED_TABLES, KINDS, known_kinds

SHARED = {
    "figure": {"make", "plotting", "traced", "accuracies"},
    "table": {"make", "cells", "rows", "render", "verdicts"},
}
FOLDERS = {"figure": figures, "table": tables}


@pytest.mark.parametrize("medium", FOLDERS)
def test_each_file_is_a_kind_or_what_kinds_share(medium: str) -> None:
    (folder,) = map(Path, FOLDERS[medium].__path__)
    files = {file.stem for file in folder.glob("*.py")} - {"__init__"} - SHARED[medium]
    fixed = FIXED_FIGURES if medium == "figure" else FIXED_TABLES
    assert files == {*known_kinds(medium), *fixed}


def parameters(module: str, function: str) -> list[str]:
    found = import_module(f"digitpairs.products.{module}")
    return list(inspect.signature(getattr(found, function)).parameters)


@pytest.mark.parametrize("name", known_kinds("figure"))
def test_a_kind_of_figure_draws_a_study_with_labels_where_it_shows_them(name: str) -> None:
    kind = KINDS[name]
    if kind.repeats:
        shown = ["study", "folds", "published", "labels"]
        assert parameters(f"figures.{name}", "draw") == shown
        return
    if kind.answers:
        found = ["asked", "digits", "task"] if name == "confused" else ["found"]
        assert parameters(f"figures.{name}", "draw") == ["study", *found, "labels"]
        return
    content = "results" if kind.results else "settings"
    expected = ["study", content, "labels"] if kind.labelled else ["study", content]
    assert parameters(f"figures.{name}", "draw") == expected


OWN_ROWS = [
    name
    for name in known_kinds("table")
    if KINDS[name].repeats or KINDS[name].spread or KINDS[name].answers
]
OF_VARIANTS = [name for name in known_kinds("table") if name not in (*OWN_ROWS, "trials")]


@pytest.mark.parametrize("name", OF_VARIANTS)
def test_a_kind_of_table_adds_cells_and_a_note(name: str) -> None:
    assert parameters(f"tables.{name}", "cells") == ["study", "results", "settings"]
    if KINDS[name].compares:
        assert parameters(f"tables.{name}", "findings") == ["study", "results", "labels"]
    assert isinstance(import_module(f"digitpairs.products.tables.{name}").NOTE, str)
    assert KINDS[name].results and KINDS[name].labelled


@pytest.mark.parametrize("name", OWN_ROWS)
def test_a_kind_of_table_with_rows_of_its_own_has_a_title_and_findings(name: str) -> None:
    assert parameters(f"tables.{name}", "frame") == ["found", "labels"]
    assert parameters(f"tables.{name}", "title") == ["study", "found"]
    assert parameters(f"tables.{name}", "findings") == ["found", "labels"]
