"""Stands in for the training of a block: takes as long as its runs took, and brings their records.

To see real Snakemake at work on more cores than there are. `benchmarks.cores` puts it in the place
of digitpairs/runs/block.py, in a scratch clone.
"""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from digitpairs import paths
from digitpairs.files import write_text
from digitpairs.runs.blockfile import Block
from digitpairs.runs.workers import START

TRAINED = "DIGITPAIRS_TRAINED"  # names the folder with the records


def train_block(block: Block, threads: int, say: Callable[[str], None]) -> None:
    """Sleep for a job's start and for each run's seconds, then write its record."""
    trained = Path(os.environ[TRAINED])
    time.sleep(max(0.0, START - (time.time() - psutil.Process().create_time())))
    for run in block.runs:
        text = (trained / Path(run.path).relative_to(paths.RUNS)).read_text(encoding="utf-8")
        time.sleep(json.loads(text)["provenance"]["seconds"])
        write_text(Path(run.path), text)
        say(f"{run.name} {run.spec.member}: as recorded")
