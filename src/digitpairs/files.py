"""Files that appear whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

ROOM = 64 * 1024


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its name when the block ends well.

    A process killed half-way, or an exception, leaves the old file (or none) in place. The
    name is replaced, never written through, so a file that DVC linked from its cache is safe.
    Who may read and write it is what the umask says, as of any new file.
    What a kill leaves behind has a name that git and DVC ignore: `.~*`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".~{path.stem}-{os.urandom(6).hex()}{path.suffix}")
        # Not by tempfile: its files are their owner's alone, whatever the umask.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL, 0o666))
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:  # a full disk names no file, and nobody knows the temporary one
        error.filename = str(path)
        raise


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def check_room(folder: Path) -> None:
    """Raise OSError where little or nothing can be written into `folder`: before work begins."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))
    except OSError as error:
        error.filename = str(folder)
        raise


def set_aside(path: Path) -> Path:
    """Rename what is not to be used, losing nothing: x.json.bad, the next x.json.2.bad.

    git and DVC ignore `*.bad`.
    """
    numbers = (path.with_name(f"{path.name}.{number}.bad") for number in count(2))
    aside = path.with_name(f"{path.name}.bad")
    while os.path.lexists(aside):
        aside = next(numbers)
    return path.rename(aside)
