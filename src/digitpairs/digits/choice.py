"""Which digits a run takes: what is named for it, what lies in `data/raw`, what the user is told.

A folder that is named is what the user wants. So where it cannot be had, nothing else serves.
"""

import os
from pathlib import Path

from digitpairs import paths
from digitpairs.digits.folder import from_folder, seems_mnist
from digitpairs.digits.source import MNIST_MD5, SourceError, read_source, verify
from digitpairs.errors import shortened

KEY, VARIABLE = "data.folder", "DIGITPAIRS_MNIST"
OF_A_FOLDER = ("auto", "folder")  # the sources that take a folder
WANTED = "the folder of MNIST's four files, gzipped or not"
NO_FOLDER = f"data.source: 'folder': no folder is named; set {KEY} or {VARIABLE} to {WANTED}"
HELD = {"mnist": "full MNIST", "embedded": "the 5,000 embedded digits"}
EMBEDDED = (
    "WARNING: {what} the 5,000 EMBEDDED digits, not full MNIST: no folder was named and no "
    "download worked{why}. Accuracies will differ from the paper's. To have full MNIST: "
    "`rm -r {raw}`, then the same command with a network, or with {variable} set to {wanted}."
)


def named_folder(source: str, folder: str | None, raw: Path = paths.RAW) -> Path | None:
    """Find the folder that is named, by the variable or else by the params, and check it.

    Raises SourceError where it is missing, incomplete, not MNIST, or not what lies in `raw`.
    Where `raw` holds MNIST a look is enough; else every byte is read.
    """
    lies = read_source(raw)
    name = lies.name if lies else None
    key, path = (VARIABLE, os.environ[VARIABLE]) if os.environ.get(VARIABLE) else (KEY, folder)
    if source not in OF_A_FOLDER:
        return None
    if not path:
        if source == "folder" and name != "mnist":
            raise SourceError(NO_FOLDER)
        return None
    given = f"{key}: {shortened(repr(path), 300)}"
    unset = f"unset {key}" if key == VARIABLE else f"set {key} to null"
    if name == "mnist" and seems_mnist(Path(path)):
        return Path(path)
    try:
        verify(from_folder(Path(path)), MNIST_MD5)
    except SourceError as error:
        keep = f" to keep {HELD[name]} in {raw}" if name else ""
        raise SourceError(f"{given}: {error}; name {WANTED}, or {unset}{keep}") from None
    if name == "embedded":
        raise SourceError(
            f"{given}: is full MNIST, but {raw} holds {HELD[name]}; to replace these: "
            f"`rm -r {raw}`, then the same command; to keep them: {unset}"
        )
    return Path(path)


def notice(source: str, raw: Path = paths.RAW) -> str | None:
    """Say that a run is one of the embedded digits; None where it is not, or not yet known."""
    if source == "embedded":
        return f"Digits: {HELD[source]}, not full MNIST (data.source: embedded)"
    lies = read_source(raw)
    return embedded_warning(f"{raw} holds", raw) if lies and lies.name == "embedded" else None


def embedded_warning(what: str, raw: Path, why: str = "") -> str:
    """Say which digits these are, why, and how to have full MNIST."""
    reason = f" ({why})" if why else ""
    return EMBEDDED.format(what=what, why=reason, raw=raw, variable=VARIABLE, wanted=WANTED)
