"""Which digits lie in `data/raw`: by their checksums, or not at all."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from digitpairs.digits import fetch, source
from digitpairs.digits.idx import Digits
from digitpairs.digits.source import Source, SourceError

TRAIN_LABELS = "train-labels-idx1-ubyte"


def test_embedded_files_are_the_known_ones(embedded: dict[str, bytes]) -> None:
    found = {name: hashlib.md5(content).hexdigest() for name, content in embedded.items()}
    assert found == source.EMBEDDED_MD5


@pytest.mark.parametrize("part", ["train", "test"])
def test_an_embedded_pool_has_250_digits_of_each_class(part: str, pools: dict[str, Digits]) -> None:
    assert pools[part].images.shape == (2500, 1, 28, 28)
    assert np.bincount(pools[part].labels).tolist() == [250] * 10


def test_embedded_pools_have_no_digit_in_common(pools: dict[str, Digits]) -> None:
    images = {part: {image.tobytes() for image in pool.images} for part, pool in pools.items()}
    assert len(images["train"]) == len(images["test"]) == 2500
    assert images["train"].isdisjoint(images["test"])


def test_fetched_digits_are_loaded(tmp_path: Path, pools: dict[str, Digits]) -> None:
    fetch.fetch(tmp_path, "embedded", None, print)
    for part, pool in pools.items():
        loaded = source.load(tmp_path, part)
        assert np.array_equal(loaded.images, pool.images)
        assert np.array_equal(loaded.labels, pool.labels)


def test_digits_that_changed_since_are_not_loaded(tmp_path: Path) -> None:
    fetch.fetch(tmp_path, "embedded", None, print)
    labels = tmp_path / TRAIN_LABELS
    labels.write_bytes(labels.read_bytes()[:-1] + b"\x07")
    with pytest.raises(SourceError, match=rf"{TRAIN_LABELS} has MD5 .*; delete .* and run again"):
        source.load(tmp_path, "train")
    assert len(source.load(tmp_path, "test").labels) == 2500


def test_source_json_says_which_digits_lie_there(tmp_path: Path) -> None:
    fetched = fetch.fetch(tmp_path / "raw", "embedded", None, print)
    record = json.loads((tmp_path / "raw" / "source.json").read_text())
    assert record == {
        "source": "embedded",
        "checksum": fetched.checksum,
        "md5": source.EMBEDDED_MD5,
    }
    assert source.read_source(tmp_path / "raw") == fetched
    assert source.known_source(tmp_path / "raw") == fetched
    assert fetched.identity == f"embedded-{fetched.checksum}"


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"source": "mnost", "checksum": "0"}'])
def test_what_source_json_does_not_say_is_not_known(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "source.json").write_text(content)
    assert source.read_source(tmp_path) is None
    with pytest.raises(SourceError, match="has no digits yet; run `digitpairs digits` first"):
        source.known_source(tmp_path)


def test_only_full_mnist_needs_no_note() -> None:
    assert Source("mnist", "0").note is None
    assert "not full MNIST" in str(Source("embedded", "0").note)


def test_verify_names_the_one_file_that_is_wrong(embedded: dict[str, bytes]) -> None:
    wrong = bytearray(embedded[TRAIN_LABELS])
    wrong[-1] ^= 1
    with pytest.raises(SourceError, match=TRAIN_LABELS):
        source.verify(embedded | {TRAIN_LABELS: bytes(wrong)}, source.EMBEDDED_MD5)
