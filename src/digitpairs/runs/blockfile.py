"""A block: runs that one job trains, in a file that holds all that the job needs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from digitpairs import paths
from digitpairs.errors import UserError
from digitpairs.files import write_text
from digitpairs.identity import digest
from digitpairs.runs.plan import PlannedRun, cut
from digitpairs.spec import from_json, to_json
from digitpairs.study.schema import Execution

DONE = ".done"  # the ending of what a job leaves beside its block's file


@dataclass(frozen=True)
class Block:
    """Runs, and how they are computed."""

    runs: Sequence[PlannedRun]
    device: str
    jobs_per_gpu: int


def write(
    runs: Iterable[PlannedRun], execution: Execution
) -> list[tuple[Path, Sequence[PlannedRun]]]:
    """Cut the runs that have no record into blocks; write each to a file, and list both.

    A block is named by its content, so that each start finds the same one, or what is left.
    """
    missing = {run.path: run for run in runs if not Path(run.path).exists()}
    blocks = []
    for runs_of_block in cut(list(missing.values()), execution.runs_per_job):
        content = {
            "device": execution.device,
            "jobs_per_gpu": execution.jobs_per_gpu,
            "runs": [
                {"name": run.name, "pairs": run.pairs, "spec": to_json(run.spec)}
                for run in runs_of_block
            ],
        }
        file = paths.BLOCKS / f"{runs_of_block[0].name}-{digest(content)}.json"
        file.with_suffix(DONE).unlink(missing_ok=True)  # of records that were lost since
        if not file.exists():
            write_text(file, json.dumps(content, indent=1) + "\n")
        blocks.append((file, runs_of_block))
    return blocks


def read(file: Path) -> Block:
    """Read a block. Raises UserError for a file that is none."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        runs = [
            PlannedRun(run["name"], from_json(run["spec"]), run["pairs"]) for run in content["runs"]
        ]
        return Block(runs, content["device"], content["jobs_per_gpu"])
    except (ValueError, LookupError, TypeError) as error:
        raise UserError(f"{file}: not a block of runs: {error!r}; `snakemake` writes it") from error


def pair_sets(file: Path) -> list[str]:
    """List the pair sets that a block's runs need."""
    return sorted({run["pairs"] for run in json.loads(file.read_text(encoding="utf-8"))["runs"]})
