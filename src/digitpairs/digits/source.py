"""Which digits lie in `data/raw`, known by their checksums."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digitpairs import paths
from digitpairs.digits.idx import Digits, digits_of, file_names
from digitpairs.errors import UserError

MNIST_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
EMBEDDED_MD5 = {
    "train-images-idx3-ubyte": "be07a6919830b6f1b3f8be531c8535cb",
    "train-labels-idx1-ubyte": "95eb610e3cab48f92cf9c73f9ac2b90d",
    "t10k-images-idx3-ubyte": "6a13b7bf3e2d52aecab8945374172997",
    "t10k-labels-idx1-ubyte": "95eb610e3cab48f92cf9c73f9ac2b90d",
}
CHECKSUMS = {"mnist": MNIST_MD5, "embedded": EMBEDDED_MD5}


class SourceError(UserError):
    """A source of digits that cannot be had; the message says why and what to do."""


OWN = "own"  # in `source.json` of images that are not MNIST's


@dataclass(frozen=True)
class Source:
    """Which digits lie in `data/raw`, and a checksum over the files.

    They are `mnist`, `embedded`, or have the name that the user gave to images of their own.
    """

    name: str
    checksum: str

    @property
    def identity(self) -> str:
        """What enters the identity of every pair set and run."""
        return f"{self.name}-{self.checksum}"

    @property
    def note(self) -> str | None:
        """What is printed on every product that did not come from full MNIST."""
        notes = {"mnist": None, "embedded": "not full MNIST: from the 5,000 embedded digits"}
        return notes.get(self.name, f"not MNIST: the images are {self.name}")


def read_source(raw: Path = paths.RAW) -> Source | None:
    """Read which digits lie in `raw`; None before they are fetched."""
    try:
        record = read_record(raw)
        known = record["source"] in CHECKSUMS or record.get(OWN)
        return Source(record["source"], record["checksum"]) if known else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def read_record(raw: Path) -> dict[str, Any]:
    """Read what `source.json` says."""
    record: dict[str, Any] = json.loads((raw / "source.json").read_text(encoding="utf-8"))
    return record


def known_source(raw: Path = paths.RAW) -> Source:
    """Read which digits lie in `raw`. Raises SourceError before they are fetched."""
    if source := read_source(raw):
        return source
    raise SourceError(f"{raw} has no digits yet; run `digitpairs digits` first")


def verify(files: dict[str, bytes], expected: dict[str, str]) -> None:
    """Raise SourceError for the first file whose MD5 is not the expected one."""
    for name, md5 in expected.items():
        found = hashlib.md5(files[name]).hexdigest()
        if found != md5:
            raise SourceError(f"{name} has MD5 {found}, expected {md5}: not the known file")


def load(raw: Path, part: str) -> Digits:
    """Load the `train` or `test` digits from the IDX files in `raw`.

    Raises SourceError for a file that changed since it was fetched.
    """
    files = {name: (raw / name).read_bytes() for name in file_names(part)}
    known = CHECKSUMS.get(known_source(raw).name) or read_record(raw)["md5"]
    try:
        verify(files, {name: known[name] for name in files})
    except SourceError as error:
        raise SourceError(f"{raw}: {error}; delete {raw} and run again") from None
    return digits_of(files, part)
