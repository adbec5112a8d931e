"""A folder of the four IDX files, each gzipped or not."""

import gzip
import zlib
from pathlib import Path

from digitpairs.digits.source import MNIST_MD5, SourceError, verify

IMAGE_BYTES = {"train-images-idx3-ubyte": 47_040_016, "t10k-images-idx3-ubyte": 7_840_016}


def from_folder(folder: Path) -> dict[str, bytes]:
    """Read the four files. Raises SourceError that says what is wrong with the folder."""
    check_complete(folder)
    return {name: read(folder, name) for name in MNIST_MD5}


def seems_mnist(folder: Path) -> bool:
    """Look whether a folder holds MNIST: labels by checksum, images by size, in a millisecond.

    Other digits in MNIST's format have other labels. Where this says no, the folder may be MNIST
    all the same.
    """
    try:
        labels = {name: md5 for name, md5 in MNIST_MD5.items() if name not in IMAGE_BYTES}
        verify({name: read(folder, name) for name in labels}, labels)
        return all(size(folder, name) == count for name, count in IMAGE_BYTES.items())
    except (SourceError, OSError):
        return False


def holds_idx(folder: Path) -> bool:
    """Whether any of the four files lies in a folder."""
    return any(place(folder, name).is_file() for name in MNIST_MD5)


def check_complete(folder: Path) -> None:
    """Raise SourceError where the folder or one of its files is not there."""
    try:
        if not folder.is_dir():
            raise SourceError("not a folder" if folder.exists() else "no such folder")
        lacking = [name for name in MNIST_MD5 if not place(folder, name).is_file()]
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}") from None
    if lacking:
        raise SourceError(f"lacks {', '.join(lacking)}")


def place(folder: Path, name: str) -> Path:
    """Say where a file lies: as it is, else gzipped."""
    plain = folder / name
    return plain if plain.is_file() else folder / f"{name}.gz"


def read(folder: Path, name: str) -> bytes:
    """Read a file. Raises SourceError where it cannot be read."""
    path = place(folder, name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read {path.name}: {error.strerror}") from None
    return unpacked(path.name, content) if path.suffix == ".gz" else content


def unpacked(name: str, packed: bytes) -> bytes:
    """Unpack a gzipped file. Raises SourceError for what is none, or is cut off."""
    try:
        return gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"cannot read {name}: {error}") from None


def size(folder: Path, name: str) -> int:
    """Count a file's bytes, unpacked: a gzipped file ends with that count."""
    path = place(folder, name)
    if path.suffix != ".gz":
        return path.stat().st_size
    with path.open("rb") as file:
        file.seek(-4, 2)
        return int.from_bytes(file.read(), "little")
