"""The run store: one JSON record a run, whole or not there, checked when it is read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.files import set_aside, write_text
from digitpairs.identity import digest
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import RunSpec, from_json, to_json

MOST_NAMED = 5  # records that a message lists


class BadRecord(Exception):
    """A record that is damaged or not that of the run asked for."""


def write(path: Path, spec: RunSpec, record: dict[str, Any]) -> None:
    """Write what was found of a run, and its provenance, with its spec and a checksum over all."""
    content = {"spec": to_json(spec), **record}
    content["checksum"] = digest(content)
    # On one line: with an indent, the json module encodes in Python, five times as slow.
    write_text(path, json.dumps(content, allow_nan=False) + "\n")


def is_there(run: PlannedRun) -> bool:
    """Whether a run has a record and, where its weights are kept, these too."""
    return Path(run.path).exists() and (not run.kept or Path(paths.kept(run.path)).exists())


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
    if not is_of(content.get("spec"), spec):
        raise BadRecord(f"{path}: holds another run than its path says")
    return dict(content)


def is_of(content: Any, spec: RunSpec) -> bool:
    """Whether the spec of a record is this one; fields that are new since hold their default."""
    try:
        return from_json(content) == spec
    except (ValueError, TypeError):
        return False


def read_or_set_aside(path: Path, spec: RunSpec) -> tuple[dict[str, Any] | None, str | None]:
    """Read the record of `spec`; None where there is none or it was bad.

    A bad record is renamed, not deleted; the second value then says so.
    """
    try:
        return read(path, spec), None
    except FileNotFoundError:
        return None, None
    except BadRecord as error:
        return None, f"{error}; set aside as {set_aside(path).name}"


def read_all(runs: Sequence[PlannedRun]) -> list[dict[str, Any]]:
    """Read the records of runs. Raises UserError that names those missing or bad."""
    records, troubles = [], []
    for run in runs:
        record, trouble = read_or_set_aside(Path(run.path), run.spec)
        if record is None:
            troubles.append(trouble or f"{run.path}: missing ({run.name} {run.spec.member})")
        else:
            records.append(record)
    if troubles:
        lines = troubles[:MOST_NAMED]
        if len(troubles) > MOST_NAMED:
            lines.append(f"and {len(troubles) - MOST_NAMED:,} more")
        raise UserError(
            "\n  ".join(["records that cannot be collected:", *lines])
            + "\ngive the same `snakemake` command again: it trains these runs"
        )
    return records
