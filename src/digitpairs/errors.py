"""What a user can mend, and how messages show what was given: short, in printable characters."""

from collections.abc import Iterable


class UserError(Exception):
    """A mistake in params, files or a command; the message says what is wrong and what to do."""


class ParamsError(UserError):
    """Params that cannot be used; the message names key, value, what is allowed, what to do."""


def shortened(text: str, most: int = 80) -> str:
    """Cut a text that would fill the screen."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def quoted(value: object) -> str:
    """Show a value: one printable line."""
    return shortened(repr(value))


def key_path(keys: Iterable[object]) -> str:
    """Name a key by its path, such as variants.mlp.hidden: one printable line."""
    parts = [str(key) for key in keys]
    shown = [part if part and part.isprintable() else repr(part) for part in parts]
    return shortened(".".join(shown), 160)


def told(error: OSError) -> str:
    """Tell of a full disk, or of a place that may not be written."""
    place = f"{error.filename}: " if error.filename else ""
    return (
        f"{place}{error.strerror or error}; what was finished is kept: mend this and give the "
        "same command again"
    )
