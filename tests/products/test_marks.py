"""Text between the marks of a page."""

from pathlib import Path

from digitpairs.products.marks import fill, fill_readme
from project import ROOT

PAGE = "# Page\n\n<!-- one -->\nold\n<!-- /one -->\n\nbetween\n\n<!-- two -->\n<!-- /two -->\n"


def test_each_part_stands_between_its_marks_and_all_else_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert fill(page, {"one": "new\n", "two": "λ ≤ 1"}) == []
    assert page.read_text(encoding="utf-8") == (
        "# Page\n\n<!-- one -->\n\nnew\n\n<!-- /one -->\n\n"
        "between\n\n<!-- two -->\n\nλ ≤ 1\n\n<!-- /two -->\n"
    )


def test_filled_again_it_is_the_same(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    fill(page, {"one": "new"})
    once = page.read_bytes()
    fill(page, {"one": "new"})
    assert page.read_bytes() == once


def test_a_part_without_both_marks_is_named_and_changes_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "<!-- one -->\nold\n"
    page.write_text(text)
    assert fill(page, {"one": "new", "two": "new"}) == ["one", "two"]
    assert page.read_text() == text


def test_the_readme_shows_the_committed_tables(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    assert (ROOT / "reports/tables/table3.md").exists()
    copy = tmp_path / "README.md"
    copy.write_bytes((ROOT / "README.md").read_bytes())
    fill_readme(copy)
    assert copy.read_bytes() == (ROOT / "README.md").read_bytes(), "run `make readme`"
