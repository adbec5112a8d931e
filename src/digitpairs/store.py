"""The run store: one JSON record a run, whole or not there, checked when it is read."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from digitpairs.files import set_aside, write_text
from digitpairs.spec import RunSpec, digest


class BadRecord(Exception):
    """A record that is damaged or not that of the run asked for."""


def write(path: Path, spec: RunSpec, record: dict[str, Any]) -> None:
    """Write a run's status, epochs and provenance with its spec and a checksum over all."""
    content = {"spec": asdict(spec), **record}
    content["checksum"] = digest(content)
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def read(path: Path, spec: RunSpec) -> dict[str, Any]:
    """Read the record of `spec`. Raises BadRecord (FileNotFoundError where there is none)."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        checksum = content.pop("checksum")
        genuine = digest(content) == checksum
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BadRecord(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise BadRecord(f"{path}: not a run record: {error!r}") from error
    if not genuine:
        raise BadRecord(f"{path}: its checksum does not fit its content")
    if digest(content.get("spec")) != digest(asdict(spec)):
        raise BadRecord(f"{path}: holds another run than its path says")
    return dict(content)


def read_or_set_aside(path: Path, spec: RunSpec) -> tuple[dict[str, Any] | None, str | None]:
    """Read the record of `spec`; None where there is none or it was bad.

    A bad record is renamed, not deleted; the second value then says so.
    """
    try:
        return read(path, spec), None
    except FileNotFoundError:
        return None, None
    except BadRecord as error:
        aside = set_aside(path)
        return None, f"{error}; set aside as {aside.name}, computing the run again"
