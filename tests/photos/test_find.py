"""The one digit on a plain ground: what is found, and what is refused, and why."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from digitpairs.errors import UserError
from digitpairs.photos.find import find_digit, otsu
from digitpairs.photos.ground import ground
from digitpairs.photos.image import Light
from drawn import Ink, apart, converted, on_paper, picture, text

SIDE = 200
Y, X = np.mgrid[0:SIDE, 0:SIDE] / SIDE
PLAIN = "photograph one digit alone, on a plain ground that contrasts with it"


def noise(strength: float, seed: int = 0) -> Light:
    return np.random.default_rng(seed).normal(0, strength, (SIDE, SIDE))


def scene(seed: int) -> Light:
    """Patches of light of all sizes, as in a photo of anything."""
    sizes = (1, 3, 9, 27)
    parts = [ndimage.gaussian_filter(noise(1, seed + 9 * s), s) * s**1.5 for s in sizes]
    light = np.sum(parts, 0)
    return np.asarray((light - light.min()) / np.ptp(light))


def refusal(light: Light) -> str:
    with pytest.raises(UserError) as caught:
        find_digit(light.clip(0, 1))
    return str(caught.value)


def jpeg(light: Light, quality: int) -> Light:
    buffer = io.BytesIO()
    picture(light).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer), np.float64) / 255


def perspective(light: Light) -> Light:
    """As a page looks from its lower edge."""
    turned = picture(light).transform(
        (SIDE, SIDE),
        Image.Transform.PERSPECTIVE,
        (1, 0.15, -20, 0, 1.15, -20, 0, 0.0008),
        Image.Resampling.BICUBIC,
        fillcolor=round(255 * light[0, 0]),
    )
    return np.asarray(turned, np.float64) / 255


def ruled(ink: Ink) -> Light:
    return on_paper(ink) * np.where((12 * Y) % 1 < 0.08, 0.8, 1)


TOLERATED = {
    "white": lambda ink: on_paper(ink, 1, 0),
    "grey paper": lambda ink: on_paper(ink, 0.5, 0.1),
    "chalk": lambda ink: on_paper(ink, 0.1, 0.8),
    "light on black": lambda ink: ink,
    "pale ink": lambda ink: on_paper(ink, 0.9, 0.8),
    "noise": lambda ink: on_paper(ink, 0.8, 0.2) + noise(0.1),
    "pale ink and noise": lambda ink: on_paper(ink, 0.85, 0.65) + noise(0.02),
    "a gradient": lambda ink: on_paper(ink) * (0.3 + 0.7 * X),
    "a gradient on black": lambda ink: 0.3 * X + 0.6 * ink,
    "a lamp": lambda ink: on_paper(ink) * (1 - 0.9 * ((X - 0.4) ** 2 + (Y - 0.6) ** 2)),
    "blur": lambda ink: ndimage.gaussian_filter(on_paper(ink), 2.5),
    "a poor JPEG": lambda ink: jpeg(on_paper(ink, 0.8, 0.3), 10),
    "pepper": lambda ink: np.where(np.random.default_rng(0).random(ink.shape) < 0.01, 0,
                                   on_paper(ink)),
    "ruled paper": ruled,
}  # fmt: skip


@pytest.mark.parametrize("name", TOLERATED)
@pytest.mark.parametrize("digit", "0123456789")
def test_what_a_photo_does_to_a_digit_changes_little(name: str, digit: str) -> None:
    ink = text(digit)
    assert apart(converted(TOLERATED[name](ink)), converted(1 - ink)) < 0.11


@pytest.mark.parametrize("digit", "0123456789")
def test_ink_in_shadow_is_as_black_as_in_light(digit: str) -> None:
    even = on_paper(text(digit))
    assert apart(converted(even * (0.1 + 0.9 * X)), converted(even)) < 0.01


@pytest.mark.parametrize("digit", "0123456789")
def test_a_digit_seen_from_the_side_is_found(digit: str) -> None:
    assert apart(converted(perspective(on_paper(text(digit)))), converted(text(digit))) < 0.25


@pytest.mark.parametrize("angle", [-20, -10, 10, 20])
def test_a_tilted_digit_stays_tilted(angle: int) -> None:
    rows, columns = np.nonzero(converted(on_paper(text("|", angle=angle))) > 128)
    assert np.degrees(np.arctan(np.polyfit(rows, columns, 1)[0])) == pytest.approx(angle, abs=3)


@pytest.mark.parametrize("corner", [(12, 12), (100, 75)], ids=["far off", "beside the strokes"])
def test_specks_are_no_ink(corner: tuple[int, int]) -> None:
    light, (top, left) = on_paper(text("7")), corner
    light[top : top + 6, left : left + 6] = 0
    assert np.array_equal(converted(light), converted(on_paper(text("7"))))


def test_strokes_of_one_digit_that_do_not_touch_belong_to_it() -> None:
    """A 5 whose bar is a stroke of its own."""
    ink = np.zeros((SIDE, SIDE))
    ink[50:58, 105:140] = 1
    ink[50:100, 90:98] = ink[95:103, 90:140] = ink[95:150, 135:143] = ink[145:153, 90:143] = 1
    rows, columns = np.nonzero(find_digit(on_paper(ink)).strokes)
    assert (rows.min(), columns.max()) == (50, 142)
    assert find_digit(on_paper(ink)).strokes[54, 120]


def test_the_ground_is_the_paper_behind_the_digit() -> None:
    paper = 0.9 - 0.3 * X + 0.2 * Y - 0.2 * X * Y
    np.testing.assert_allclose(ground(paper * (1 - 0.9 * text("8"))), paper, atol=0.01)


@pytest.mark.parametrize("numbers", [[0.2] * 30 + [0.8] * 10, [0.0, 1.0], [0, 0.1, 0.9, 1]])
def test_the_threshold_parts_two_heaps(numbers: list[float]) -> None:
    middle = otsu(np.array(numbers))
    assert {number > middle for number in numbers if number < 0.5} == {False}
    assert {number > middle for number in numbers if number > 0.5} == {True}


def test_numbers_that_are_all_the_same_have_a_threshold() -> None:
    """None lies above it."""
    assert otsu(np.full(10, 0.25)) == 0.25


BLANK = {
    "white": np.ones((SIDE, SIDE)),
    "black": np.zeros((SIDE, SIDE)),
    "grey": np.full((SIDE, SIDE), 0.5),
    "a gradient": 0.2 + 0.7 * X,
    "a lamp": 0.9 - (X - 0.5) ** 2 - (Y - 0.5) ** 2,
    "grain": 0.7 + noise(0.03),
    "ink as light as its paper": on_paper(text("3"), 0.5, 0.46),
    "pale ink in strong noise": on_paper(text("3"), 0.6, 0.5) + noise(0.2),
}


@pytest.mark.parametrize("name", BLANK)
def test_where_nothing_stands_out_there_is_no_digit(name: str) -> None:
    assert refusal(BLANK[name]) == f"nothing stands out from the ground: {PLAIN}"


@pytest.mark.parametrize("written", ["42", "11", "00", "173", ":)", "="])
def test_more_than_one_digit_is_refused(written: str) -> None:
    message = refusal(on_paper(text(written, 80)))
    marks = len(written) + (written in (":)", "="))
    assert message == f"{marks} separate marks stand out: {PLAIN}"


def test_digits_below_one_another_are_refused() -> None:
    ink = np.pad(np.vstack([text("3", 70, 80), text("5", 70, 80)]), 20)
    assert refusal(on_paper(ink)) == f"2 separate marks stand out: {PLAIN}"


@pytest.mark.parametrize("move", [(-70, 0), (70, 0), (0, -75), (0, 75)])
def test_a_digit_cut_off_by_the_border_is_refused(move: tuple[int, int]) -> None:
    ink = ndimage.shift(text("8"), move, order=1)
    assert refusal(on_paper(ink)) == (
        "a mark touches the border of the image: leave plain ground around the digit"
    )


@pytest.mark.parametrize("digit", "0123456789")
def test_a_digit_close_to_the_border_is_found(digit: str) -> None:
    ink = text(digit, 220)
    rows, columns = np.nonzero(ink > 0)
    tight = ink[rows.min() - 2 : rows.max() + 3, columns.min() - 2 : columns.max() + 3]
    assert apart(converted(on_paper(tight)), converted(on_paper(ink))) < 0.05


NOT_PLAIN = {
    **{f"scene {seed}": scene(seed) for seed in range(5)},
    "a checkerboard": ((10 * X).astype(int) + (10 * Y).astype(int)) % 2 * 0.9,
    "noise": np.random.default_rng(0).random((SIDE, SIDE)),
    "two halves": np.where(X < 0.5, 0.1, 0.9),
    "stripes": 0.5 + 0.5 * np.sin(60 * X),
}


@pytest.mark.parametrize("name", NOT_PLAIN)
def test_a_ground_that_is_not_plain_is_refused(name: str) -> None:
    message = refusal(NOT_PLAIN[name])
    assert message.startswith(("the ground is not plain", "a mark touches the border"))


def test_ink_darker_and_lighter_than_the_ground_is_refused() -> None:
    light = 0.5 + 0.4 * text("3", 80) - 0.4 * ndimage.shift(text("3", 80), (0, 60), order=1)
    assert refusal(light).startswith("the ground is not plain, it is darker and lighter in places")


def test_a_ground_full_of_dirt_is_refused() -> None:
    dirt = ndimage.gaussian_filter(noise(1), 2) > 0.28
    dirt[[0, -1]] = dirt[:, [0, -1]] = False
    light = on_paper(np.maximum(text("3", 60), dirt & (np.hypot(X - 0.5, Y - 0.5) > 0.3)))
    assert refusal(light).startswith("the ground is not plain, ")


def test_a_digit_of_few_pixels_is_refused() -> None:
    assert refusal(on_paper(text("3", 11))) == (
        "the mark is 6 x 8 pixels of 200 x 200: too small to be read; go nearer, or cut the photo "
        "to the digit"
    )


def test_a_dash_is_refused() -> None:
    ink = np.zeros((SIDE, SIDE))
    ink[90:110, 50:150] = 1
    assert refusal(on_paper(ink)) == (
        f"the mark is 100 x 20 pixels of 200 x 200: too wide for one digit; {PLAIN}"
    )


def test_a_disc_is_refused() -> None:
    assert refusal(on_paper(1.0 * (np.hypot(X - 0.5, Y - 0.5) < 0.2))).endswith(
        f"and solid: not a digit drawn in strokes; {PLAIN}"
    )
