"""Checks the params before anything runs, and plans.

Needs: the params. Makes: data/plan, small files that the steps with fixed names take as input.
"""

import json
from pathlib import Path

from digitpairs import mnist, params, plan, steps

try:
    PARAMS = params.check(config)
except params.ParamsError as error:
    raise WorkflowError(str(error))

steps.write_plan(PARAMS, Path("data/plan"))

PER_JOB = PARAMS.execution.runs_per_job


def source():
    """The digits, once the step that fetches them has settled which."""
    return mnist.read_source(Path(checkpoints.digits.get().output.source).parent)


def winners():
    """Each family's winner, once the search is over."""
    return json.loads(Path(checkpoints.select.get().output[0]).read_text())


def pair_sets(seeds):
    """The pair sets of these seeds: a run's path names its pairs, so their time says nothing."""
    return ancient([plan.pairs_path(PARAMS, source(), seed) for seed in seeds])
