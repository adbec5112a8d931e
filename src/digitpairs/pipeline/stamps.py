"""What products were made from: a stamp a step, beside its products and tracked as they are.

A stamp holds the digest of the step's params and code and the checksums of what it read and
wrote. A step is due where any of that no longer fits. Times of files say nothing: a clone, a
checkout or a copied folder changes them all.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from digitpairs.errors import UserError
from digitpairs.files import write_text
from digitpairs.identity import check_unchanged
from digitpairs.pipeline.step import Step, Steps, maker, stamp_path


@contextmanager
def stamped(steps: Steps, name: str) -> Iterator[Step]:
    """Do a step, then stamp what it made; yields the step.

    Raises UserError before anything is done where an input is not what was written.
    """
    begun = begin(steps, name)
    yield steps[name]
    finish(steps, name, begun)


def begin(steps: Steps, name: str) -> dict[str, Any]:
    """Check what a step reads, and return what its stamp will say of that.

    Delete the old stamp first: it no longer describes the files. Raises UserError where an input
    is not what was written.
    """
    step = steps[name]
    for path in step.inputs:
        check(path, maker(steps, path))
    stamp_path(name).unlink(missing_ok=True)
    return {"digest": step.digest, "inputs": checksums(step.inputs)}


def finish(steps: Steps, name: str, begun: dict[str, Any]) -> None:
    """Stamp what a step made. Raises UserError where its code was edited meanwhile."""
    step = steps[name]
    check_unchanged(begun["digest"], lambda: step.digest)
    content = {**begun, "outputs": checksums(step.outputs)}
    write_text(stamp_path(name), json.dumps(content, indent=1) + "\n")


def check(path: str, name: str) -> None:
    """Raise UserError for a product of step `name` that is not what it wrote."""
    if Path(path).exists() and checksum(path) != read(name).get("outputs", {}).get(path):
        raise UserError(f"{path}: not what the step that makes it wrote; `snakemake` mends that")


def due(steps: Steps, name: str) -> str | None:
    """Say why a step has to be done; None where its products are what it would make now."""
    if reason := outdated(steps, name):
        return reason
    written = read(name).get("outputs", {})  # a job that outlives its Snakemake may delete it now
    wrong = [path for path in steps[name].outputs if checksum(path) != written.get(path)]
    return f"{wrong[0]} is not what was written" if wrong else None


def outdated(steps: Steps, name: str) -> str | None:
    """Say why what a step would make now may differ from what it made; None where it can not.

    A product that is merely missing or altered will come back as its stamp says, so the
    steps that read it need not be done again.
    """
    step, stamp = steps[name], read(name)
    if not stamp:
        return "not made yet"
    if stamp["digest"] != step.digest:
        return "other params or code"
    if stamp["inputs"].keys() != set(step.inputs):
        return "made from other files"
    for path in step.inputs:
        before = maker(steps, path)
        if outdated(steps, before):
            return f"{path} is made again"
        if read(before).get("outputs", {}).get(path) != stamp["inputs"].get(path):
            return f"{path} has changed"
    return None


def altered(name: str) -> list[str]:
    """List products of a step that someone or something changed since they were written."""
    written = read(name).get("outputs", {})
    return [path for path in written if Path(path).exists() and checksum(path) != written[path]]


def read(name: str) -> dict[str, Any]:
    """Read a stamp; empty where there is none that can be read."""
    try:
        return parsed(stamp_path(name).read_bytes())
    except OSError:
        return {}


@lru_cache(maxsize=1_000)
def parsed(content: bytes) -> dict[str, Any]:
    """Read the content of a stamp: it is all, so that it can be remembered."""
    try:
        stamp = json.loads(content)
        sound = "digest" in stamp and all(isinstance(stamp[k], dict) for k in ("inputs", "outputs"))
        return stamp if sound else {}
    except (ValueError, KeyError, TypeError):
        return {}


def delete_products(steps: Steps, names: Iterable[str]) -> list[str]:
    """Delete the products and stamps of steps that are no longer planned; list the products.

    What was altered since stays: it is no longer the pipeline's own.
    """
    gone = []
    wanted = {path for step in steps.values() for path in step.outputs}
    for name in names:
        kept = {*altered(name), *wanted}
        old = [path for path in read(name).get("outputs", {}) if path not in kept]
        for path in old:
            Path(path).unlink(missing_ok=True)
        stamp_path(name).unlink()  # last: a kill before this leaves the step known
        gone += old
    return gone


def checksums(paths: Iterable[str]) -> dict[str, str | None]:
    """Map each path to its checksum."""
    return {path: checksum(path) for path in paths}


def checksum(path: str) -> str | None:
    """SHA-256 of a file's content; None where there is no file that can be read."""
    try:
        found = os.stat(path)
        return hashed(path, found.st_mtime_ns, found.st_size, found.st_ino)
    except OSError:
        return None


@cache
def hashed(path: str, mtime_ns: int, size: int, inode: int) -> str:
    """Hash a file once as long as it stays as it is."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def mark(folder: Path, steps: Steps, name: str, reason: str) -> Path:
    """Leave a file that says why a step is due, newer than its products, for Snakemake to see.

    No two have the same content: Snakemake takes an input whose content it knows for old.
    """
    path = folder / name
    made = [stamp_path(name), *map(Path, steps[name].outputs)]
    newer = max((file.stat().st_mtime for file in made if file.exists()), default=0.0) + 0.01
    write_text(path, f"{reason}\n{uuid.uuid4()}\n")
    os.utime(path, (newer, newer))
    return path
