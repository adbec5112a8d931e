"""What a user can mend, and how messages show what was given: short, in printable characters."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A mistake in params, files or a command; the message says what is wrong and what to do."""


class ParamsError(UserError):
    """Params that cannot be used; the message names key, value, what is allowed, what to do."""


def first_line(error: BaseException) -> str:
    """Say the first line of an error; its kind where it says nothing."""
    return (str(error).strip() or repr(error)).splitlines()[0]


def shortened(text: str, most: int = 80) -> str:
    """Cut a text that would fill the screen."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def quoted(value: object) -> str:
    """Show a value: one printable line."""
    return shortened(repr(value))


def key_path(keys: Iterable[object]) -> str:
    """Name a key by its path, such as variants.mlp.hidden: one printable line."""
    parts = [str(key) for key in keys]
    printable = [part if part and part.isprintable() else repr(part) for part in parts]
    return shortened(".".join(printable), 160)


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word, and list what is known."""
    known = list(known)
    match = difflib.get_close_matches(word, known, n=1)
    hint = f"; did you mean {match[0]}?" if match else ""
    return f"{hint} (known: {shortened(', '.join(known), 400)})"


def check_name(name: str, known: Iterable[str]) -> None:
    """Raise UserError for a name that is not known."""
    if name not in (known := list(known)):
        raise UserError(f"{name!r}: unknown{nearest(name, known)}")


def disk_message(error: OSError) -> str:
    """Explain a full disk, or a place that may not be written."""
    place = f"{error.filename}: " if error.filename else ""
    return (
        f"{place}{error.strerror or error}; what was finished is kept: mend this and give the "
        "same command again"
    )
