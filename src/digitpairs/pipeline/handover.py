"""What the Snakemake that plans hands to its jobs: the params in full, blocks of runs."""

from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from digitpairs import paths
from digitpairs.files import write_text
from digitpairs.identity import digest
from digitpairs.runs import blockfile
from digitpairs.runs.plan import PlannedRun
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

    def __init__(self, execution: Execution) -> None:
        """Start with no blocks."""
        self.execution = execution
        self.block_of: dict[str, Path] = {}  # by the run's record

    def training(self, runs: Iterable[PlannedRun], also_needed: AlsoNeeded) -> list[Path]:
        """List the files of the blocks that train those of `runs` that have no record.

        Blocks are cut from these and from `also_needed`, so that runs of many
        variants fill a block.
        """
        missing = [run for run in runs if not Path(run.path).exists()]
        if any(run.path not in self.block_of for run in missing):
            undecided = (run for run in [*also_needed(), *missing] if run.path not in self.block_of)
            for file, block in blockfile.write(undecided, self.execution):
                self.block_of |= {run.path: file for run in block}
        # One that got its record meanwhile has no block.
        blocks = (self.block_of.get(run.path) for run in missing)
        return [file for file in dict.fromkeys(blocks) if file]

    def delete_others(self) -> None:
        """Delete blocks of earlier starts."""
        files = set(self.block_of.values())
        for old in paths.BLOCKS.glob("*"):
            if old.with_suffix(".json") not in files:
                old.unlink()
