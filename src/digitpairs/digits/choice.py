"""Which digits a run takes: what is named for it, what lies in `data/raw`, what the user is told.

A folder that is named is what the user wants. So where it cannot be had, nothing else serves.
"""

import difflib
import os
import shlex
from pathlib import Path

from digitpairs import paths
from digitpairs.digits.folder import from_folder, seems_mnist
from digitpairs.digits.source import MNIST_MD5, OWN, SourceError, read_source, verify
from digitpairs.errors import shortened

KEY, VARIABLE = "data.folder", "DIGITPAIRS_MNIST"
WITH_FOLDER = ("auto", "folder")  # the sources that a folder can be named for
WANTED = "the folder of MNIST's four files, gzipped or not"
NO_FOLDER = f"data.source: 'folder': no folder is named; set {KEY} or {VARIABLE} to {WANTED}"
HELD = {"mnist": "full MNIST", "embedded": "the 5,000 embedded digits"}


def named_folder(source: str, folder: str | None, raw: Path = paths.RAW) -> Path | None:
    """Find the folder that is named, by the variable or else by the params, and check it.

    Raises SourceError where it is missing, incomplete, not MNIST, or not what lies in `raw`. So
    it does where the embedded digits would replace MNIST in `raw`. Where `raw` holds MNIST a look
    at a folder is enough; else every byte is read.
    """
    held = lies_in(raw)
    check_held(source, held, raw)
    if source not in WITH_FOLDER:
        return None
    key, named = (VARIABLE, os.environ[VARIABLE]) if os.environ.get(VARIABLE) else (KEY, folder)
    if not named:
        if held != "mnist":
            check_nothing_is_meant(source)
        return None
    path, given = Path(named), f"{key}: {shortened(repr(named), 300)}"
    unset = f"unset {key}" if key == VARIABLE else f"set {key} to null"
    if held == "mnist" and seems_mnist(path):
        return path
    try:
        verify(from_folder(path), MNIST_MD5)
    except SourceError as error:
        keep = f" to keep {held_as(held)} in {raw}" if held else ""
        raise SourceError(f"{given}: {error}; name {WANTED}, or {unset}{keep}") from None
    if held == "embedded":
        raise SourceError(
            f"{given}: is full MNIST, but {raw} holds {HELD[held]}; to replace these: "
            f"`{removal(raw)}`, then the same command; to keep them: {unset}"
        )
    return path


def check_held(source: str, held: str | None, raw: Path) -> None:
    """Raise SourceError where other images lie in `raw` than `source` names.

    Embedded digits give way to MNIST, which `auto` would rather have.
    """
    kind = held if held in HELD else OWN
    fits = {"embedded": ("embedded",), OWN: (OWN,)}.get(source, ("mnist", "embedded"))
    if held and kind not in fits:
        keep = "auto" if kind == "mnist" else kind
        raise SourceError(
            f"data.source: {source!r}: {raw} holds {held_as(held)}; to replace it: "
            f"`{removal(raw)}`, then the same command; to keep it: set data.source to {keep}"
        )


def check_nothing_is_meant(source: str) -> None:
    """Raise SourceError where no folder is named but one is wanted, or was meant to be named."""
    meant = {name.upper(): name for name in os.environ if name != VARIABLE}
    if near := difflib.get_close_matches(VARIABLE, meant, n=1, cutoff=0.85):
        raise SourceError(f"{meant[near[0]]}: unknown variable; did you mean {VARIABLE}?")
    if source == "folder":
        raise SourceError(NO_FOLDER)


def notice(source: str, folder: str | None, raw: Path = paths.RAW) -> str | None:
    """Say in a line where a run is one of the embedded digits, or may become one."""
    held = lies_in(raw)
    if source == "embedded":
        return f"Digits: {HELD[source]}, not full MNIST (data.source: embedded)"
    if source != "auto" or folder or os.environ.get(VARIABLE):
        return None
    if held == "embedded":
        return embedded_warning(f"{raw} holds", raw)
    if not held:
        return (
            f"Digits: none in {raw} yet and no folder named ({KEY}, {VARIABLE}): full MNIST is "
            f"downloaded first; should that fail, {HELD['embedded']} serve"
        )
    return None


def embedded_warning(what: str, raw: Path, why: str = "") -> str:
    """Say which digits these are, why if that is known, and how to have full MNIST."""
    reason = f": {why}" if why else ""
    return (
        f"WARNING: {what} the 5,000 EMBEDDED digits, not full MNIST{reason}. Accuracies will "
        f"differ from the paper's. To have full MNIST: `{removal(raw)}`, then the same command "
        f"with a network, or with {VARIABLE} set to {WANTED}."
    )


def held_as(name: str) -> str:
    """Say in words which digits these are."""
    return HELD.get(name, f"the images {name}")


def lies_in(raw: Path) -> str | None:
    """Name the digits that lie in `raw`: mnist, embedded, the user's; None before they come."""
    source = read_source(raw)
    return source.name if source else None


def removal(raw: Path) -> str:
    """Give the command that removes `raw`, from wherever it is given."""
    return f"rm -r {shlex.quote(str(raw.absolute()))}"
