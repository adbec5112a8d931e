"""How the whole paper scales: when it would end on so many cores, by its own blocks and priorities.

`record` keeps what each run and step took in a run of the whole paper. `simulate` cuts the runs
into blocks as the workflow does and gives each job to the first core that is free.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import tables
from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.pipeline import steps
from digitpairs.runs import cut, pace
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.schedule import Job, ends
from digitpairs.runs.workers import on_cores
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.study.load import load
from digitpairs.study.schema import Params

CORES = (1, 2, 4, 8, 16, 32, 64)
FIRST = 1e9  # as workflow/rules/common.smk has it
COLUMNS = ("family", "channels", "hidden", "shared", "aux_weight", "learning_rate", "seed", "fold")
