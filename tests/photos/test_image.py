"""Image files: colours, transparency, sizes, and files that are none."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from digitpairs.errors import UserError
from digitpairs.photos.image import MOST_PIXELS, WORKING_SIDE, read_light
from digitpairs.photos.read import read_digit
from drawn import on_paper, picture, text

INK = text("5")
LIGHT = np.round(255 * on_paper(INK)) / 255


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_digit(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.isprintable()
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1"])
def test_a_png_of_any_mode_is_read(mode: str, tmp_path: Path) -> None:
    image = picture(LIGHT).convert(mode)
    image.save(tmp_path / "a.png")
    shown = np.asarray(image.convert("RGB").convert("L"), np.float64) / 255
    np.testing.assert_allclose(read_light(tmp_path / "a.png"), shown, atol=0.005)


def test_a_png_of_16_bits_is_read(tmp_path: Path) -> None:
    Image.fromarray(np.round(65535 * LIGHT).astype(np.uint16)).save(tmp_path / "a.png")
    np.testing.assert_allclose(read_light(tmp_path / "a.png"), LIGHT, atol=1e-4)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_of_any_mode_is_read(mode: str, tmp_path: Path) -> None:
    picture(LIGHT).convert(mode).save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_light(tmp_path / "a.jpg") - LIGHT).mean() < 0.01


def test_a_photo_is_turned_upright(tmp_path: Path) -> None:
    """A phone stores how it was held."""
    exif = Image.Exif()
    exif[0x0112] = 6  # the top is at the right
    picture(LIGHT).rotate(90, expand=True).save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert np.abs(read_light(tmp_path / "a.jpg") - LIGHT).mean() < 0.01


@pytest.mark.parametrize("level", [0, 60, 200, 255])
def test_ink_on_nothing_is_shown_on_what_it_differs_from(level: int, tmp_path: Path) -> None:
    alpha = picture(INK)
    image = Image.merge("LA", (Image.new("L", alpha.size, level), alpha))
    image.save(tmp_path / "a.png")
    ground = 0.0 if level > 127 else 1.0
    expected = ground + (level / 255 - ground) * np.asarray(alpha) / 255
    np.testing.assert_allclose(read_light(tmp_path / "a.png"), expected, atol=0.005)


def test_a_card_with_transparent_corners_is_as_light_there(tmp_path: Path) -> None:
    alpha = np.full(INK.shape, 255, np.uint8)
    alpha[:20, :20] = 0
    Image.merge("LA", (picture(LIGHT), Image.fromarray(alpha))).save(tmp_path / "a.png")
    np.testing.assert_allclose(read_light(tmp_path / "a.png"), LIGHT, atol=0.005)


def test_an_image_with_nothing_in_it_is_blank(tmp_path: Path) -> None:
    Image.new("RGBA", (50, 50)).save(tmp_path / "a.png")
    assert refusal(tmp_path / "a.png").startswith("nothing stands out from the ground")


def test_a_large_image_is_averaged(tmp_path: Path) -> None:
    size = (3 * WORKING_SIDE - 10, WORKING_SIDE)
    picture(LIGHT).resize(size).save(tmp_path / "a.png")
    assert read_light(tmp_path / "a.png").shape == (-(-size[1] // 3), -(-size[0] // 3))


def test_a_large_image_keeps_its_edges_transparent_and_not_dark(tmp_path: Path) -> None:
    """What is transparent has a colour too, which must not mix with what is seen."""
    alpha = picture(INK).resize((1500, 1500))
    Image.merge("LA", (Image.new("L", alpha.size, 255), alpha)).save(tmp_path / "a.png")
    assert read_light(tmp_path / "a.png").min() == 0.0
    assert read_light(tmp_path / "a.png").max() == 1.0


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.png") == "no such file"
    assert refusal(tmp_path) == "a folder, not an image"


@pytest.mark.parametrize("content", [b"", b"digit", b"GIF89a", b"%PDF-1.7", bytes(1000)])
def test_what_is_no_image_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert refusal(tmp_path / "a.png").startswith("not a PNG or JPEG image: save the photo as")


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF"])
def test_an_image_of_another_kind_is_refused(form: str, tmp_path: Path) -> None:
    """Each format that Pillow may read is one more way in."""
    picture(LIGHT).save(tmp_path / "a.png", form)
    assert refusal(tmp_path / "a.png").startswith("not a PNG or JPEG image")


def test_an_image_of_few_pixels_is_refused(tmp_path: Path) -> None:
    Image.new("L", (13, 900)).save(tmp_path / "a.png")
    assert refusal(tmp_path / "a.png") == (
        "13 x 900 pixels: too small; take an image of at least 14 x 14"
    )


def test_an_animation_is_refused(tmp_path: Path) -> None:
    pages = [picture(on_paper(text(written))) for written in "34"]
    pages[0].save(tmp_path / "a.png", save_all=True, append_images=pages[1:])
    assert refusal(tmp_path / "a.png").startswith("an animation: save one of its pictures")


def test_a_phones_jpeg_of_several_pictures_is_its_first(tmp_path: Path) -> None:
    pages = [picture(on_paper(text(written))) for written in "34"]
    pages[0].save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=pages[1:])
    pages[0].save(tmp_path / "b.jpg")
    assert np.array_equal(read_digit(tmp_path / "a.jpg"), read_digit(tmp_path / "b.jpg"))


def png(width: int, height: int, rows: bytes) -> bytes:
    """A PNG of 8-bit gray."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    chunks = (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("width", "height"), [(8000, 8001), (12_000, 8_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_small_file_of_a_huge_image_is_refused(width: int, height: int, tmp_path: Path) -> None:
    """Its rows are missing: that it is not called damaged shows that nothing was decoded."""
    assert width * height > MOST_PIXELS
    (tmp_path / "a.png").write_bytes(png(width, height, b""))
    assert refusal(tmp_path / "a.png").endswith(
        "more than 64 million pixels: make the image smaller"
    )


def test_an_image_of_the_most_pixels_is_not_too_large(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(8000, 8000, b""))
    assert refusal(tmp_path / "a.png").startswith("a damaged image")


def test_a_text_that_unpacks_to_very_much_is_refused(tmp_path: Path) -> None:
    packed = b"note\0\0" + zlib.compress(bytes(100_000_000))
    chunk = struct.pack(">I", len(packed)) + b"zTXt" + packed
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + packed))
    content = png(20, 20, bytes(21 * 20))
    (tmp_path / "a.png").write_bytes(content[:33] + chunk + content[33:])
    assert refusal(tmp_path / "a.png").startswith("a damaged image")


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_an_image_cut_off_is_refused(form: str, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    picture(LIGHT).save(buffer, form)
    (tmp_path / "a").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    assert refusal(tmp_path / "a").startswith("a damaged image (")


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from(["PNG", "JPEG"]),
    changes=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 255)), max_size=8),
)
def test_bytes_changed_are_refused_or_read(
    form: str, changes: list[tuple[int, int]], tmp_path: Path
) -> None:
    buffer = io.BytesIO()
    picture(on_paper(text("5", 40, 60))).save(buffer, form)
    content = bytearray(buffer.getvalue())
    for place, byte in changes:
        content[place % len(content)] = byte
    (tmp_path / "a").write_bytes(content)
    try:
        assert read_digit(tmp_path / "a").shape == (14, 14)
    except UserError as error:
        assert str(error).startswith(f"{tmp_path / 'a'}: ")
