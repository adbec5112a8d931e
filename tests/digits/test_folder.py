"""A folder of four files, gzipped or not: all of it is read, or what is wrong is named."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from digitpairs.digits import folder, source
from digitpairs.digits.source import SourceError

Files = dict[str, bytes]
Put = Callable[..., Path]
FILES = list(source.MNIST_MD5)
TRAIN_LABELS, TEST_IMAGES = "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"


@pytest.mark.parametrize("packed", [False, True])
def test_four_files_are_read_gzipped_or_not(
    tmp_path: Path, mnist: Files, put: Put, packed: bool
) -> None:
    assert folder.from_folder(put(tmp_path, mnist, packed)) == mnist


def test_what_is_not_there_is_named(tmp_path: Path, put: Put) -> None:
    with pytest.raises(SourceError, match=r"^no such folder$"):
        folder.from_folder(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match=r"^not a folder$"):
        folder.from_folder(tmp_path / "file")
    with pytest.raises(SourceError, match=r"File name too long|no such folder"):
        folder.from_folder(tmp_path / ("x" * 300))
    put(tmp_path, {FILES[0]: b"", f"{FILES[2]}.gz": b""})
    with pytest.raises(SourceError, match=f"^lacks {FILES[1]}, {FILES[3]}$"):
        folder.from_folder(tmp_path)


Damage = Callable[[bytes], bytes]


def cut(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


def garble(packed: bytes) -> bytes:
    return packed[:10] + bytes([255] * 20) + packed[30:]


def unpack(packed: bytes) -> bytes:
    return gzip.decompress(packed)


@pytest.mark.parametrize("damage", [cut, garble, unpack])
def test_a_damaged_gz_is_named(tmp_path: Path, mnist: Files, put: Put, damage: Damage) -> None:
    place = put(tmp_path, mnist, packed=True) / f"{TRAIN_LABELS}.gz"
    place.write_bytes(damage(place.read_bytes()))
    with pytest.raises(SourceError, match=rf"^cannot read {TRAIN_LABELS}\.gz: "):
        folder.from_folder(tmp_path)


@pytest.mark.parametrize("packed", [False, True])
def test_a_look_tells_mnist_from_other_digits(
    tmp_path: Path, mnist: Files, embedded: Files, put: Put, packed: bool
) -> None:
    assert folder.seems_mnist(put(tmp_path / "mnist", mnist, packed))
    assert not folder.seems_mnist(put(tmp_path / "embedded", embedded, packed))
    assert not folder.seems_mnist(tmp_path / "nowhere")
    other_labels = mnist | {TRAIN_LABELS: mnist[TRAIN_LABELS][:-1] + b"\xff"}
    assert not folder.seems_mnist(put(tmp_path / "other", other_labels, packed))
    shorter = mnist | {TEST_IMAGES: mnist[TEST_IMAGES][:-1]}
    assert not folder.seems_mnist(put(tmp_path / "shorter", shorter, packed))
    lacking = put(tmp_path / "lacking", {name: mnist[name] for name in FILES[:3]}, packed)
    assert not folder.seems_mnist(lacking)


def test_a_look_at_an_empty_gz_is_no(tmp_path: Path, mnist: Files, put: Put) -> None:
    (put(tmp_path, mnist, packed=True) / f"{TEST_IMAGES}.gz").write_bytes(b"")
    assert not folder.seems_mnist(tmp_path)


def test_real_mnist_seems_mnist(mnist_folder: Path) -> None:
    assert folder.seems_mnist(mnist_folder)
    source.verify(folder.from_folder(mnist_folder), source.MNIST_MD5)
