"""A block: runs that one job trains, in a file that holds all that the job needs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from digitpairs import paths
from digitpairs.errors import UserError, key_path
from digitpairs.files import write_text
from digitpairs.identity import digest
from digitpairs.runs import sets
from digitpairs.runs.plan import PlannedRun
from digitpairs.study.schema import Execution

DONE = ".done"  # the ending of what a job leaves beside its block's file


@dataclass(frozen=True)
class Block:
    """Runs, and where they are computed, as `execution` in the params says."""

    runs: Sequence[PlannedRun]
    device: Literal["auto", "cpu", "cuda"]
    jobs_per_gpu: Annotated[int, Field(ge=1)]


@cache
def validator() -> TypeAdapter[Block]:
    """What writes blocks, and checks their types when they are read."""
    return TypeAdapter(Block)


def write(runs: Sequence[PlannedRun], execution: Execution) -> Path:
    """Write a block's file. It is named by its content, so that each start finds the same one."""
    block = Block(runs, execution.device, execution.jobs_per_gpu)
    text = validator().dump_json(block, indent=1).decode()
    file = paths.BLOCKS / f"{runs[0].name}-{digest(text)}.json"
    file.with_suffix(DONE).unlink(missing_ok=True)  # of records that were lost since
    if not file.exists():
        write_text(file, text + "\n")
    return file


def read(file: Path) -> Block:
    """Read a block. Raises UserError for a file that is none: each type is checked."""
    try:
        return validator().validate_json(file.read_bytes(), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        what = ": ".join(filter(None, (key_path(first["loc"]), first["msg"])))
        raise UserError(f"{file}: not a block of runs: {what}; `snakemake` writes it") from error


def files_read(file: Path) -> list[str]:
    """List the pair sets that a block's runs need, and the test digits where they do."""
    runs = json.loads(file.read_text(encoding="utf-8"))["runs"]
    needed = (sets.files_read(run["pairs"], run["spec"]["fold"]) for run in runs)
    return sorted(set().union(*needed))
