"""Snakemake's own report: every product is in it, in the project and in a clone of it."""

from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page
from test_clones import pulled, pushed

from browser import NARROW, WIDE, chromium, needs_chromium, opened
from digitpairs import paths
from digitpairs.pipeline.console import WITHOUT_TIMES
from project import Project

pytestmark = [pytest.mark.workflow, needs_chromium]

NAVIGATION = "nav.h-screen"
STYLE = "workflow/report/style.css"


def report(project: Project) -> str:
    """Make the report of all that is made, by the commands of `make report`."""
    asked = ("reported", "--report", "reports/report.html", "--report-stylesheet", STYLE)
    return project.snakemake(*asked)


def click(page: Page, text: str) -> None:
    """Choose what the menu names."""
    page.locator(NAVIGATION).get_by_text(text, exact=True).last.click()


def home(page: Page) -> None:
    page.locator(f"{NAVIGATION} nav a, {NAVIGATION} nav svg").first.click()


def expected(project: Project) -> set[str]:
    """One file of each product."""
    found = [*project.files("reports/figures", "reports/tables", "reports/metrics"), paths.CARD]
    shown = {path for path in found if path.endswith((".svg", ".html", ".csv", ".json", ".md"))}
    return {path for path in shown if not (path.startswith("reports/tables") and ".md" in path)}


def check_drawn(page: Page, path: str) -> None:
    """Choose a product's eye: a figure is drawn, a table is there."""
    eye = page.locator(f"{NAVIGATION} tbody a").first
    if path.endswith(".svg"):
        eye.click()
        image = page.locator(".grow.h-screen img")
        image.wait_for()
        page.wait_for_function("document.querySelector('.grow.h-screen img').complete")
        assert image.evaluate("image => image.naturalWidth") > 100, path
    elif path.endswith(".html"):
        eye.click()
        page.frame_locator("iframe").locator("th").first.wait_for()
    else:
        with page.expect_download() as saved:
            eye.click()
        assert saved.value.suggested_filename == Path(path).name


def walk(page: Page) -> set[str]:
    """Go through all parts as a person does; return the files whose captions were read."""
    seen = set()
    for category, folders in page.evaluate("categories").items():
        for folder, files in folders.items():
            for place in range(len(files)):
                home(page)
                click(page, category)
                if len(folders) > 1:
                    click(page, folder)
                page.locator(f"{NAVIGATION} tbody tr").nth(place).locator("a").nth(1).click()
                text = page.locator(f"{NAVIGATION} .prose").inner_text()
                (path,) = [file for file in files if f"File: {file}" in text]
                assert "Command: snakemake " in text
                check_drawn(page, path)
                seen.add(path)
    return seen


@pytest.fixture(scope="module")
def browser() -> Browser:
    with chromium() as started:
        yield started


def check_all_is_shown(browser: Browser, project: Project) -> None:
    url = (project.root / "reports/report.html").as_uri()
    with opened(browser, url) as page:
        assert "Which digit is the lesser?" in page.locator("h1").all_inner_texts()
        assert walk(page) == expected(project)
        home(page)
        click(page, "Statistics")
        page.locator("#runtimes svg, #runtimes canvas").first.wait_for()
    for size in (WIDE, NARROW):  # the top of the description is in sight
        with opened(browser, url, size) as page:
            box = page.get_by_role("heading", name="Which digit is the lesser?").bounding_box()
            assert box is not None
            assert 0 <= box["y"] < size[1]
            assert 0 <= box["x"] < box["x"] + box["width"] <= size[0]


def test_every_product_is_shown_with_a_caption(browser: Browser, project: Project) -> None:
    assert WITHOUT_TIMES not in report(project)
    check_all_is_shown(browser, project)


def test_a_clone_shows_the_same_and_says_that_it_has_no_run_times(
    browser: Browser, finished: Project, tmp_path: Path
) -> None:
    origin = pushed(finished.copy(tmp_path / "origin"), tmp_path / "remote")
    clone = pulled(origin, tmp_path / "clone")
    printed = report(clone)
    assert printed.count(WITHOUT_TIMES) == 1
    assert "Missing metadata" not in printed
    check_all_is_shown(browser, clone)
    assert clone.run("git", "status", "--porcelain") == ""
    assert not (clone.root / paths.RUNS).exists()


def test_a_report_takes_no_lock_and_changes_nothing(project: Project) -> None:
    before = project.files("data", "reports")
    with FileLock(project.root / paths.PLAN / "lock"):
        report(project)
    after = project.files("data", "reports")
    assert after.pop("reports/report.html")
    assert after == before


def test_what_is_due_is_no_part_of_a_report(project: Project) -> None:
    project.edit(lambda params: params["studies"]["weights"].update(title="Another title"))
    marks = project.files(str(paths.PLAN))
    printed = project.snakemake("--report", "reports/report.html", fails=True)
    assert "error: figure-weights: other params or code; give `snakemake` first" in printed
    report(project)
    content = (project.root / "reports/report.html").read_text()
    assert "reports/figures/weights.svg" not in content
    assert {file for file in project.files(str(paths.PLAN)) if "params-" not in file} == {
        file for file in marks if "params-" not in file
    }
