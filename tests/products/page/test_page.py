"""The committed page in a real Chromium: every card, chart, table and pad, wide and narrow."""

import base64
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from browser import NARROW, WIDE, chromium, needs_chromium, opened
from digitpairs.photos.read import read_digit
from project import ROOT

FILE = ROOT / "reports/index.html"
CLAIMS = pd.read_csv(ROOT / "reports/metrics/claims.csv")
SUMMARY = pd.read_csv(ROOT / "reports/metrics/summary.csv")
pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser, FILE.as_uri(), WIDE) as found:
        yield found


@pytest.mark.parametrize("size", [WIDE, NARROW, (320, 600)])
def test_it_opens_without_errors_and_nothing_hangs_over(
    browser: Browser, size: tuple[int, int]
) -> None:
    with opened(browser, FILE.as_uri(), size) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.click("#unfold")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        sizes = page.eval_on_selector_all(
            ".chart text", "all => all.map((one) => one.getBoundingClientRect().height)"
        )
        assert min(sizes) >= 10  # readable on a phone too


def test_it_is_one_small_file_that_asks_for_nothing() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert len(text.encode()) < 1_000_000
    study = "https://github.com/axeldinh/DeepLearning/tree/main/Proj1"  # a link, for who clicks it
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) == {"http://www.w3.org/2000/svg", study}


def test_each_claim_is_a_card_that_unfolds_to_its_evidence(page: Page) -> None:
    names = CLAIMS["claim"].drop_duplicates()
    assert page.locator("details").count() == len(names)
    for name in names:
        rows = CLAIMS[CLAIMS["claim"] == name]
        card = page.locator(f"#claim-{name}")
        assert rows["claim_verdict"].iloc[0] in card.locator("summary").inner_text()
        card.locator("summary").focus()
        page.keyboard.press("Enter")
        compared = rows[["variant", "reference"]].drop_duplicates()
        assert card.locator(".evidence").count() == len(compared)
        assert card.locator(".measures tr").count() == len(rows)
        assert card.locator(".decides").count() == rows["decides"].sum()
        for row in rows.dropna(subset="low").to_dict("records"):
            ends = "[{low}, {high}]".format(
                **{end: f"{100 * row[end]:+.2f}".replace("-", "−") for end in ("low", "high")}
            )
            assert ends in card.inner_text(), name
        assert card.locator("svg").count() == len(rows.dropna(subset="low")) / 3


def test_a_card_says_its_margin_and_the_size_that_is_claimed(page: Page) -> None:
    sampled = CLAIMS[CLAIMS["measure"].str.endswith("accuracy") & CLAIMS["decides"]]
    assert len(sampled)
    for row in sampled.to_dict("records"):
        said = page.locator(f"#claim-{row['claim']}").text_content()
        assert f"Margin: ±{100 * row['margin']:.2f} points" in said
        if not np.isnan(row["at_least"]):
            sign = "−" if row["direction"] == "below" else "+"
            least = f"{sign}{100 * row['at_least']:.2f}"
            assert f"least size of the claim (dashed): {least} points" in said


def test_a_tap_on_a_phone_reads_a_chart(browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": NARROW[0], "height": NARROW[1]}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(FILE.as_uri())
    for chart, said in (("curves", r"epoch \d+: "), ("ladder", r"over \d+ seeds")):
        picture = page.locator(f"#{chart}-chart svg")
        picture.scroll_into_view_if_needed()
        picture.tap()
        assert re.search(said, page.inner_text(f"#{chart}-read"))
    context.close()


def test_what_people_chose_stays_when_a_phone_is_turned(browser: Browser) -> None:
    with opened(browser, FILE.as_uri(), NARROW) as page:
        page.locator("summary").nth(1).click()
        page.locator("#curves-nets button").first.click()
        page.locator("#ladder-measures button").nth(1).click()
        before = page.locator("#ladder-chart svg").get_attribute("viewBox")
        page.set_viewport_size({"width": NARROW[1], "height": NARROW[0]})
        page.wait_for_function(
            "before => document.querySelector('#ladder-chart svg').getAttribute('viewBox')"
            " !== before",
            arg=before,
        )
        opens = page.eval_on_selector_all("details", "all => all.map((one) => one.open)")
        assert opens == [at == 1 for at in range(len(opens))]
        assert page.locator("#curves-nets [aria-pressed=false]").count() == 1
        assert page.locator("#curves-chart polyline[visibility=hidden]").count() == 16
        buttons = page.locator("#ladder-measures button")
        assert buttons.nth(1).get_attribute("aria-pressed") == "true"


def test_all_cards_fold_and_unfold_by_one_button(page: Page) -> None:
    page.reload()
    for expected in (len(CLAIMS["claim"].unique()), 0):
        page.click("#unfold")
        assert page.locator("details[open]").count() == expected


def test_the_lead_counts_the_verdicts(page: Page) -> None:
    verdicts = CLAIMS.drop_duplicates("claim")["claim_verdict"]
    lead = page.inner_text(".lead")
    assert f"Of {len(verdicts)} claims" in lead
    for verdict, count in verdicts.replace("partly", "partly confirmed").value_counts().items():
        assert re.search(rf"\b{count} (is|are) {verdict}", lead)


def test_a_curve_says_its_seed_and_epoch_where_one_points(page: Page) -> None:
    lines = page.locator("#curves-chart polyline")
    assert lines.count() == 5 * (15 + 1)
    chart = page.locator("#curves-chart svg")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    for share in (0.3, 0.5, 0.8):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + share * box["height"])
        said = page.inner_text("#curves-read")
        assert re.fullmatch(r".+, (seed \d+|mean), epoch \d+: \.\d{3}", said)


def test_curves_go_by_keyboard(page: Page) -> None:
    page.reload()  # nothing is pointed at
    page.locator("#curves-chart svg").focus()
    page.keyboard.press("ArrowLeft")
    first = page.inner_text("#curves-read")
    seen = {first}
    for key in ("ArrowLeft", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
        seen.add(page.inner_text("#curves-read"))
    assert len(seen) >= 4
    runs = pd.read_csv(ROOT / "reports/metrics/curves.csv")
    found = re.search(r"(.+), mean, epoch (\d+): (\.\d{3})", first)
    assert found
    means = runs[runs["epoch"] == int(found[2])]["accuracy_mean"]
    assert float(found[3]) in means.round(3).to_list()


def test_nets_of_the_curves_can_be_left_out(page: Page) -> None:
    button = page.locator("#curves-nets button").first
    name = button.inner_text()
    lines = page.locator(f"#curves-chart polyline[data-net='{name}'][visibility='visible']")
    counts = []
    for _ in range(2):
        button.focus()
        page.keyboard.press("Space")
        counts.append(lines.count())
    assert counts == [0, 16]


def test_the_ladder_is_in_the_order_of_each_measure(page: Page) -> None:
    buttons = page.locator("#ladder-measures button")
    for at, measure in enumerate(("best", "final", "many_pairs")):
        buttons.nth(at).click()
        assert buttons.nth(at).get_attribute("aria-pressed") == "true"
        assert page.locator("#ladder-measures [aria-pressed=true]").count() == 1
        page.locator("#ladder-chart svg").focus()
        said = []
        for _ in range(len(SUMMARY)):
            page.keyboard.press("ArrowDown")
            said.append(page.inner_text("#ladder-read"))
        shown = [float(re.search(r": (\.\d{3})", text)[1]) for text in said]
        means = SUMMARY[f"{measure}_mean"].sort_values()
        assert shown == [float(f"{mean:.3f}") for mean in means]
    buttons.first.click()
    assert page.locator("#ladder-chart .paper").count() == SUMMARY["paper_mean"].notna().sum()


def column(page: Page, at: int) -> list[str]:
    return page.locator(f"#nets tbody td:nth-child({at + 1})").all_inner_texts()


def test_the_table_sorts_by_any_column_and_keeps_what_is_missing_last(page: Page) -> None:
    heads = page.locator("#nets th")
    assert heads.nth(1).get_attribute("aria-sort") == "descending"
    for at in range(1, heads.count()):
        heads.nth(at).locator("button").focus()
        for _ in range(2):
            page.keyboard.press("Enter")
            way = heads.nth(at).get_attribute("aria-sort")
            cells = column(page, at)
            known = [float(cell.split()[0].replace(",", "")) for cell in cells if cell != "–"]
            assert known == sorted(known, reverse=way == "descending")
            assert cells[len(known) :] == ["–"] * (len(cells) - len(known))
        assert page.locator("#nets th[aria-sort]").count() == 1


def draw(page: Page, at: int, strokes: list[list[tuple[float, float]]]) -> None:
    """Draw by mouse; points are shares of the pad's side."""
    pad = page.locator("#pads canvas:not(.seen)").nth(at)
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    for first, *others in strokes:
        page.mouse.move(box["x"] + first[0] * box["width"], box["y"] + first[1] * box["height"])
        page.mouse.down()
        for x, y in others:
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
        page.mouse.up()


ONE = [[(0.55, 0.15), (0.47, 0.85)]]
SEVEN = [[(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]]


@pytest.mark.parametrize(
    ("first", "second", "answer", "read"),
    [(ONE, SEVEN, "first ≤ second", (1, 7)), (SEVEN, ONE, "first > second", (7, 1))],
)
def test_nets_answer_what_is_drawn(page: Page, first, second, answer: str, read) -> None:
    for at, strokes in enumerate((first, second)):
        page.locator(".pad button:text('Clear')").nth(at).click()
        draw(page, at, strokes)
    nets = page.locator("#answers .net")
    assert nets.count() == page.evaluate("DATA.nets.length") >= 1
    for text in nets.all_inner_texts():
        assert answer in text
        sure = r"\((over )?\d+ %\)"
        assert re.search(rf"reads {read[0]} {sure} and {read[1]} {sure}", text)


def test_a_drawing_is_seen_as_a_photo_of_it_is(page: Page, tmp_path: Path) -> None:
    """By the Python that reads people's own pictures: half a pixel may lie elsewhere."""
    page.locator(".pad button:text('Clear')").first.click()
    draw(page, 0, SEVEN)
    png = page.evaluate("document.querySelector('#pads canvas').toDataURL()")
    (tmp_path / "seven.png").write_bytes(base64.b64decode(png.partition(",")[2]))
    by_photo = read_digit(tmp_path / "seven.png").astype(float)
    seen = page.evaluate(
        "() => { const pad = document.querySelector('#pads canvas');"
        "const { data } = pad.getContext('2d').getImageData(0, 0, PAD, PAD);"
        "const ink = Float64Array.from({ length: PAD * PAD }, (_, at) => 1 - data[4 * at] / 255);"
        "return seenBy(ink, PAD); }"
    )
    by_page = np.array(seen, dtype=float).reshape(14, 14)
    assert by_page.max() > 900
    assert np.corrcoef(by_page.ravel(), by_photo.ravel())[0, 1] > 0.97


def test_pads_load_and_clear_by_keyboard(page: Page) -> None:
    for name in ("First", "Second"):
        page.get_by_role("button", name=f"Clear the {name.lower()} digit").focus()
        page.keyboard.press("Enter")
    assert page.inner_text("#answers") == "Draw both digits, or load them."
    for name in ("First", "Second"):
        page.get_by_role("button", name=f"Load a test digit as the {name.lower()} digit").focus()
        page.keyboard.press("Enter")
    assert page.locator("#answers .net").count() >= 1
    labels = page.eval_on_selector_all(
        "#pads canvas:not(.seen)", "all => all.map((one) => one.getAttribute('aria-label'))"
    )
    assert all(re.search(r"a \d of the test digits", label) for label in labels)


def test_headings_are_in_order_and_all_controls_have_names(page: Page) -> None:
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4", "all => all.map((one) => Number(one.tagName[1]))"
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    names = page.eval_on_selector_all(
        "button, canvas, svg[role]",
        "all => all.map((one) => one.getAttribute('aria-label') || one.textContent.trim())",
    )
    assert all(names) and len(names) > 20
    assert page.get_attribute("html", "lang") == "en" and page.title()


def luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(browser: Browser, scheme: str) -> None:
    """WCAG's AA: 4.5 to 1 for text; the colours of curves 3 to 1."""
    with opened(browser, FILE.as_uri()) as page:
        page.emulate_media(color_scheme=scheme)
        page.click("#unfold")
        found = page.evaluate(
            """() => [...document.querySelectorAll('p, a, h1, h2, h3, h4, td, th, li, button, span,'
              + 'blockquote')].filter((one) => one.textContent.trim()).map((one) => {
              let ground = one;
              while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)'
                     && ground.parentElement) ground = ground.parentElement;
              return [getComputedStyle(one).color, getComputedStyle(ground).backgroundColor];
            })"""
        )
        strokes = page.eval_on_selector_all(
            "#curves-chart polyline", "all => all.map((one) => getComputedStyle(one).stroke)"
        )
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len(set(map(tuple, found))) > 5

    def contrast(one: str, other: str) -> float:
        darker, lighter = sorted(map(luminance, (one, other)))
        return (lighter + 0.05) / (darker + 0.05)

    assert {pair for pair in map(tuple, found) if contrast(*pair) < 4.5} == set()
    assert {stroke for stroke in strokes if contrast(stroke, paper) < 3} == set()
