"""Text between the marks of a page."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from digitpairs.errors import UserError
from digitpairs.products.marks import PAGES, fill, fill_numbers, fill_page
from digitpairs.products.numbers.quoted import DERIVED, quoted, read
from digitpairs.study.schema import Params
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


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with copies of the pages and of the committed report."""
    for page in PAGES:
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_bytes((ROOT / page).read_bytes())
    shutil.copytree(ROOT / "reports", tmp_path / "reports")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_pages_show_the_committed_report(copies: Path, page: Path, full_params: Params) -> None:
    assert (copies / "reports/tables/table3.md").exists()
    fill_page(page, full_params)
    assert page.read_bytes() == (ROOT / page).read_bytes(), "run `make readme`"


def test_a_page_shows_tables_and_figures_where_it_has_their_marks(
    copies: Path, full_params: Params
) -> None:
    page = copies / "docs/results.md"
    (copies / "reports/tables/some_table.md").write_text("| a |\n")
    (copies / "reports/figures/some_figure.png").write_bytes(b"")
    names = ("some_table", "some_figure.png")
    page.write_text("".join(f"<!-- {name} -->\n<!-- /{name} -->\n" for name in names))
    fill_page(page, full_params)
    shown = page.read_text()
    assert "\n| a |\n" in shown
    assert "\n![some figure](../reports/figures/some_figure.png)\n" in shown


def test_a_number_stands_within_a_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("It is <!--=one-->old<!--/-->, not <!--=two--><!--/-->.\n")
    fill_numbers(page, {"one": ".801", "two": "\\1"}.__getitem__)
    assert page.read_text() == "It is <!--=one-->.801<!--/-->, not <!--=two-->\\1<!--/-->.\n"


def test_a_changed_report_changes_the_pages(copies: Path, full_params: Params) -> None:
    """The numbers in lines, and the verdicts."""
    pages = [copies / page for page in PAGES]
    for name, old, new in (
        ("summary.csv", "0.939", "0.111"),
        ("claims.csv", "partly", "undecided"),
        ("ladder.csv", "0.99", "0.88"),
    ):
        report = copies / "reports/metrics" / name
        report.write_text(report.read_text().replace(old, new))
    for page in pages:
        fill_page(page, full_params)
    readme, results, beyond = (page.read_text(encoding="utf-8") for page in pages)
    assert "| **undecided** |" in readme and "**partly**" not in readme
    assert "many_pairs_mean-->.111<!--/-->" in results
    assert "pairs_mean-->.88" in beyond


def test_every_number_has_a_name_that_is_known(copies: Path, full_params: Params) -> None:
    reports = read(full_params)
    assert all(quoted(reports, name) for name in DERIVED)
    assert quoted(reports, "mlp.paper_mean") == ".807"
    assert quoted(reports, "ladder:beyond_taught.runs") == "15"
    assert quoted(reports, "ladder:siamese_convnet_shared_aux_100.parameters") == "47,758"
    assert quoted(reports, "ladder:beyond_taught.seeds") == "15"
    with pytest.raises(UserError, match="is a text"):
        quoted(reports, "ladder:beyond_taught.label")
    for name in ("mlp.best", "mlpp.best_mean", "furthes", "ladder:mlp.runs", "ladder:x"):
        with pytest.raises(UserError, match=name):
            quoted(reports, name)


def test_within_is_rounded_up(copies: Path, full_params: Params) -> None:
    reports = read(full_params)
    rows = reports.paper
    furthest = (rows["best_mean"] - rows["paper_mean"])[rows["where"] != "Table 2"].abs().max()
    assert 0 <= float(quoted(reports, "furthest")) - furthest < 0.001


@pytest.mark.parametrize(
    ("file", "variant", "column", "name"),
    [
        ("summary.csv", "mlp", "best_mean", "mlp.best_mean"),
        ("ladder.csv", "beyond_taught", "pairs_low", "ladder:beyond_taught.pairs_low"),
        ("ladder.csv", "beyond_taught", "seeds", "ladder:beyond_taught.seeds"),
    ],
)
def test_a_number_that_is_missing_is_an_error_and_no_blank(
    copies: Path, full_params: Params, file: str, variant: str, column: str, name: str
) -> None:
    metrics = copies / "reports/metrics" / file
    table = pd.read_csv(metrics)
    table.loc[table["variant"] == variant, column] = None
    table.to_csv(metrics, index=False)
    with pytest.raises(UserError, match=r"missing in reports/metrics"):
        quoted(read(full_params), name)
