"""A real Chromium (Debian's `chromium`), or the reason why a test that needs it is skipped."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# As root there is no sandbox. Without the others Chromium asks servers that no test needs.
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
WIDE, NARROW = (1280, 900), (375, 740)  # a laptop, a phone

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a window."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int] = WIDE) -> Iterator[Page]:
    """Open a page with no network. Fails where its console had an error, or it asked for more."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    page, errors = context.new_page(), list[str]()
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: errors.append(f"asked for {request.url}"))
    page.goto(url)
    yield page
    context.close()
    assert errors == []
