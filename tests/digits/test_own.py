"""Images of the user's own: folders and functions, how they are split, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digitpairs.digits import own, source
from digitpairs.digits.fetch import fetch
from digitpairs.digits.idx import Digits, digits_of, file_names, idx_bytes
from digitpairs.digits.own import PARTS, OwnImages, own_files
from digitpairs.digits.source import SourceError
from digitpairs.errors import quoted

Files = dict[str, bytes]
Put = Callable[..., Path]
CLASSES = 3


def shapes(images: str | Path, **of: Any) -> OwnImages:
    """Images of 6x6 pixels, of three classes."""
    return OwnImages(**({"name": "shapes", "side": 6, "classes": CLASSES} | of), images=str(images))


def random_images(count: int, *shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)


def labels_of(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.uint8) % CLASSES


def read(given: OwnImages) -> dict[str, Digits]:
    """What lies in the four files that were made."""
    files = own_files(given)
    return {part: digits_of(files, part) for part in PARTS}


def idx_files(*shape: int) -> Files:
    """Nine images to train with and six to test with, in MNIST's format."""
    files: Files = {}
    for part, count in (("train", 9), ("test", 6)):
        arrays = random_images(count, *shape, seed=count), labels_of(count)
        files |= dict(zip(file_names(part), map(idx_bytes, arrays), strict=True))
    return files


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_of_idx_files_is_taken_as_it_is(tmp_path: Path, put: Put, packed: bool) -> None:
    found = read(shapes(put(tmp_path, idx_files(6, 6), packed)))
    for part, count in (("train", 9), ("test", 6)):
        assert np.array_equal(found[part].images[:, 0], random_images(count, 6, 6, seed=count))
        assert found[part].images.shape == (count, 1, 6, 6)
        assert np.array_equal(found[part].labels, labels_of(count))


@pytest.mark.parametrize("shape", [(3, 6, 6), (6, 6, 3)])
def test_colours_may_come_first_or_last(tmp_path: Path, put: Put, shape: tuple[int, ...]) -> None:
    found = read(shapes(put(tmp_path, idx_files(*shape)), channels=3))["train"].images
    expected = random_images(9, *shape, seed=9)
    assert np.array_equal(found, expected if shape[0] == 3 else np.moveaxis(expected, -1, 1))


def pictures(folder: Path, mode: str, names: str = "abc", ending: str = "png") -> Path:
    """Draw a picture of each class for both parts: its pixels are 10 times its number, or more."""
    colours = 3 if mode == "RGB" else 1
    for part in PARTS:
        for label, name in enumerate(names):
            place = folder / part / name
            place.mkdir(parents=True)
            pixels = np.full((6, 6, colours), 10 * label, np.uint8) + np.arange(colours, dtype="u1")
            Image.fromarray(pixels.squeeze()).save(place / f"one.{ending}")
            (place / "notes.txt").write_text("no picture")
    return folder


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_folder_a_class_holds_pictures_in_the_order_of_the_names(
    tmp_path: Path, mode: str
) -> None:
    channels = {"L": 1, "RGB": 3}[mode]
    for digits in read(shapes(pictures(tmp_path, mode), channels=channels)).values():
        assert digits.labels.tolist() == [0, 1, 2]
        expected = 10 * np.arange(CLASSES)[:, None] + np.arange(channels)
        assert (digits.images == expected[..., None, None]).all()


def test_colours_become_gray_where_one_channel_is_asked_for(tmp_path: Path) -> None:
    found = read(shapes(pictures(tmp_path, "RGB")))["test"].images
    assert found.shape == (3, 1, 6, 6)
    assert found[:, 0, 0, 0].tolist() == [1, 11, 21]


ARRAYS = "import numpy as np\nimages = np.arange(12 * 36).reshape(12, 6, 6) % 17\n"
LABELS = "labels = np.arange(12) % 3\n"


def written(folder: Path, body: str) -> str:
    """A function of the user's, in a file."""
    (folder / "mine.py").write_text(f"{ARRAYS}{LABELS}def read():\n    {body}\n")
    return f"{folder}/mine.py:read"


def everything(found: dict[str, Digits]) -> list[tuple[bytes, int]]:
    return sorted(
        (image.tobytes(), int(label))
        for digits in found.values()
        for image, label in zip(digits.images, digits.labels, strict=True)
    )


@pytest.mark.parametrize(
    "body", ["return images, labels", "return {'images': images, 'target': labels, 'more': 1}"]
)
def test_a_function_returns_arrays_or_what_scikit_learn_has(tmp_path: Path, body: str) -> None:
    found = read(shapes(written(tmp_path, body), white=16))
    pixels = np.rint(np.arange(12 * 36).reshape(12, 36) % 17 * 255 / 16).astype(np.uint8)
    expected = zip(pixels, np.arange(12) % 3, strict=True)
    assert everything(found) == sorted((image.tobytes(), label) for image, label in expected)
    assert [np.bincount(digits.labels).tolist() for digits in found.values()] == [[2, 2, 2]] * 2


def test_scikit_learns_digits_are_read_by_name() -> None:
    digits = {"name": "optical", "side": 8, "classes": 10, "white": 16}
    found = read(OwnImages(**digits, images="sklearn.datasets:load_digits"))  # type: ignore[arg-type]
    assert sum(len(part.labels) for part in found.values()) == 1797
    assert found["train"].images.max() == 255


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_a_split_has_every_image_once_and_the_share_of_each_class(
    labels: list[int], share: float
) -> None:
    rows = np.arange(len(labels))
    parts = own.split(rows, np.array(labels), share)
    assert sorted(np.concatenate([images for images, _ in parts.values()])) == rows.tolist()
    for images, of_part in parts.values():
        assert of_part.tolist() == [labels[row] for row in images]
        assert np.array_equal(images, np.sort(images))
    for label in set(labels):
        assert parts["test"][1].tolist().count(label) == round(share * labels.count(label))
    again = own.split(rows, np.array(labels), share)
    assert all(np.array_equal(again[part][0], parts[part][0]) for part in PARTS)


def test_a_split_is_no_cut_at_a_place() -> None:
    test = own.split(np.arange(100), np.zeros(100), 0.5)["test"][0]
    assert 10 < (test < 50).sum() < 40


def test_images_are_known_by_their_name_and_checksum(tmp_path: Path, put: Put) -> None:
    given = shapes(put(tmp_path / "files", idx_files(6, 6)))
    raw = tmp_path / "raw"
    found = fetch(raw, "own", None, print, given)
    assert found.name == "shapes"
    assert source.known_source(raw) == found
    assert "not MNIST: the images are shapes" in str(found.note)
    assert source.load(raw, "test").images.shape == (6, 1, 6, 6)
    assert fetch(raw, "own", None, print, replace(given, checksum=found.checksum)) == found
    with pytest.raises(SourceError) as caught:
        fetch(tmp_path / "other", "own", None, print, replace(given, checksum="0" * 12))
    assert str(caught.value).startswith("data.own.checksum: 000000000000: the images have ")
    assert found.checksum in str(caught.value)
    assert not (tmp_path / "other").exists()


def test_own_images_that_changed_since_are_not_loaded(tmp_path: Path, put: Put) -> None:
    raw = tmp_path / "raw"
    fetch(raw, "own", None, print, shapes(put(tmp_path / "files", idx_files(6, 6))))
    labels = raw / "train-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1] + b"\x01")
    with pytest.raises(SourceError, match="train-labels-idx1-ubyte has MD5"):
        source.load(raw, "train")


def refused(given: OwnImages) -> str:
    with pytest.raises(SourceError) as caught:
        own_files(given)
    message = str(caught.value)
    start = f"data.own.images: {quoted(given.images)}: "
    assert message.startswith(start)
    assert "\n" not in message
    return message.removeprefix(start)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"side": 7}, "images are 1x6x6; side 7, window 1 and channels 1 make 1x7x7"),
        ({"window": 2}, "images are 1x6x6; side 6, window 2 and channels 1 make 1x12x12"),
        ({"channels": 3}, "images are 1x6x6; side 6, window 1 and channels 3 make 3x6x6"),
        ({"white": 16}, "pixels are 0 to 253; data.own.white: 16"),
        ({"classes": 2}, "labels are 0 to 2; data.own.classes: 2 makes them 0 to 1"),
    ],
)
def test_images_that_are_not_as_said_are_refused(
    tmp_path: Path, put: Put, change: dict[str, Any], message: str
) -> None:
    assert refused(shapes(put(tmp_path, idx_files(6, 6)), **change)) == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise RuntimeError('no network')", "fails: RuntimeError('no network')"),
        ("return None", "returned no pair of arrays, images and labels"),
        ("return images, labels, 0", "returned no pair of arrays, images and labels"),
        ("return [[1], [1, 2]], [0, 1]", "returned no pair of arrays: what is in them differs in"),
        ("return images, labels[1:]", "has images (12, 6, 6) and labels (11,): not as many"),
        ("return images, labels[:, None]", "has images (12, 6, 6) and labels (12, 1): not as many"),
        ("return 3, 4", "has images () and labels (): not as many"),
        ("return images[:0], labels[:0]", "has no images"),
        ("return images[:3], labels[:3]", "leaves no test images; choose another"),
        ("return images, labels / 2", "has labels that are no whole numbers"),
        ("return images, labels * np.nan", "has labels that are no whole numbers"),
        ("return images, labels.astype(str)", "has images of int64 and labels of <U21: no numbers"),
        ("return images * 1j, labels", "has images of complex128 and labels of int64: no numbers"),
        ("return images - 1, labels", "pixels are -1 to "),
        ("return images * np.nan, labels", "pixels are nan to nan"),
        ("return images, labels - 1", "labels are -1 to 1"),
        ("return images.reshape(12, 36), labels", "images are 36; side 6"),
    ],
)
def test_what_a_function_returns_is_checked(tmp_path: Path, body: str, message: str) -> None:
    assert refused(shapes(written(tmp_path, body), white=16)).startswith(message)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ("nowhere", "no such folder, and no function"),
        ("nowhere.py:read", "no such file"),
        ("mine.py:nothing", "mine.py has no 'nothing'"),
        ("no_such_package:read", "cannot be imported: ModuleNotFoundError"),
        ("x" * 300, "[Errno"),
    ],
)
def test_images_that_are_nowhere_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, images: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "return images, labels")
    with pytest.raises(SourceError, match=r"^data\.own\.images: ") as caught:
        own_files(shapes(images))
    assert f": {message}" in str(caught.value)


def test_a_folder_of_pictures_has_a_folder_for_each_class(tmp_path: Path) -> None:
    folder = pictures(tmp_path, "L")
    assert refused(shapes(folder, classes=4)).startswith(f"{folder}/train has 3 folders; data.own")
    for file in folder.rglob("*.png"):
        file.unlink()
    assert refused(shapes(folder)).startswith(f"{folder}/train holds no images (.png, .jpg, .jpeg)")


def test_a_part_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = pictures(tmp_path, "L")
    (folder / "test").rename(folder / "tests")
    assert refused(shapes(folder)).startswith(f"{folder}/test: cannot be read")


def test_a_picture_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    folder = pictures(tmp_path, "L")
    file = folder / "test/b/one.png"
    content = file.read_bytes()
    for damaged in (b"no picture", content[:45] + b"xx" + content[47:], content[:45]):
        file.write_bytes(damaged)
        assert refused(shapes(folder)).startswith(f"{file}: cannot be read: ")
    Image.fromarray(np.full((6, 6), 300, np.uint16)).save(file)
    assert refused(shapes(folder)) == f"{file} has more than 8 bits a pixel: save it anew"
    Image.fromarray(np.zeros((7, 6), np.uint8)).save(file)
    assert refused(shapes(folder)) == f"the images in {folder}/test differ in size"


@pytest.mark.parametrize("damage", [lambda old: b"", lambda old: old[:-1], lambda old: old + b"0"])
@pytest.mark.parametrize("name", file_names("test"))
def test_a_damaged_file_is_named(
    tmp_path: Path, put: Put, damage: Callable[[bytes], bytes], name: str
) -> None:
    files = idx_files(6, 6)
    message = refused(shapes(put(tmp_path, files | {name: damage(files[name])})))
    assert message.startswith("t10k-images-idx3-ubyte or t10k-labels-idx1-ubyte is damaged")


def test_labels_of_other_images_are_refused(tmp_path: Path, put: Put) -> None:
    files = idx_files(6, 6)
    files["t10k-labels-idx1-ubyte"] = files["train-labels-idx1-ubyte"]
    message = "has images (6, 1, 6, 6) and labels (9,): not as many"
    assert refused(shapes(put(tmp_path, files))) == message
