"""What the Snakemake that plans hands to its jobs: the params in full, blocks of runs."""

from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from digitpairs import paths
from digitpairs.files import write_text
from digitpairs.identity import digest
from digitpairs.runs import blockfile, store
from digitpairs.runs.cut import parts, urgency
from digitpairs.runs.pace import estimate, paces, recorded
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.teachers import teachers_of, with_teachers
from digitpairs.runs.workers import Workers
from digitpairs.study.schema import Execution, Params


def write_params(params: Params) -> Path:
    """Write the params in full, for jobs to read: later edits do not reach a job under way."""
    text = yaml.safe_dump(params.model_dump(), sort_keys=False)
    path = paths.PLAN / f"params-{digest(text)}"
    if not path.exists():
        write_text(path, text)
    return path


PARAMS_VARIABLE = "DIGITPAIRS_PARAMS"  # names the params file to commands

AlsoNeeded = Callable[[], Iterable[PlannedRun]]


class Blocks:
    """Which block trains which run, decided once a process: a graph built again finds the same."""

    def __init__(self, execution: Execution, workers: Callable[[], Workers]) -> None:
        """Start with no blocks."""
        self.execution, self.workers = execution, workers
        self.block_of: dict[str, Path] = {}  # by the run's record
        self.kept: set[str] = set()  # records beside which a block leaves weights
        self.taught: dict[str, list[PlannedRun]] = {}  # teachers of a block's runs, by its name
        self.urgency: dict[str, float] = {}  # by the block's name

    def training(self, runs: Iterable[PlannedRun], also_needed: AlsoNeeded) -> list[Path]:
        """List the files of the blocks that train those of `runs` that have no record.

        Blocks are cut from these and from `also_needed`, so that runs of many
        variants fill a block.
        """
        missing = [run for run in runs if not store.is_there(run)]
        if not all(map(self.has_block, missing)):
            self.decide([*also_needed(), *missing])
        # One that got its record meanwhile has no block.
        blocks = (self.block_of.get(run.path) for run in missing)
        return [file for file in dict.fromkeys(blocks) if file]

    def has_block(self, run: PlannedRun) -> bool:
        """Whether a block trains a run and, where its weights are kept, leaves these too."""
        return run.path in self.block_of and (not run.kept or run.path in self.kept)

    def before(self, block: str) -> list[Path]:
        """List the files of the blocks that train the teachers of a block's runs."""
        return self.training(self.taught.get(block, []), lambda: ())

    def decide(self, runs: Iterable[PlannedRun]) -> None:
        """Cut those of the runs, and their teachers, into blocks that have no block or record."""
        missing = [
            run
            for run in with_teachers(run for run in runs if not store.is_there(run))
            if not store.is_there(run) and not self.has_block(run)
        ]
        # Read again for the runs of winners: by then the search has told the pace.
        known = paces(recorded(paths.RUNS)) if missing else {}
        seconds = {run.path: estimate(run.spec, known) for run in missing}
        for part in parts(missing, self.execution.runs_per_job, seconds, self.workers()):
            file = blockfile.write(part.runs, self.execution)
            self.block_of |= {run.path: file for run in part.runs}
            self.kept |= {run.path for run in part.runs if run.kept}
            self.taught[file.stem] = teachers_of(part.runs)
            self.urgency[file.stem] = urgency(part)

    def delete_others(self) -> None:
        """Delete blocks of earlier starts."""
        for old in paths.BLOCKS.glob("*"):
            if old.stem not in self.urgency:
                old.unlink()
