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


def source():
    """The digits, once the step that fetches them has settled which."""
    return mnist.read_source(Path(checkpoints.digits.get().output.source).parent)


def pairs_of(seeds):
    """An input function for the pair sets of these seeds.

    Ancient: a run's path names its pairs, so their time says nothing.
    """
    return lambda wildcards: ancient(
        [plan.pairs_path(PARAMS, source(), seed) for seed in seeds]
    )


def search_records(wildcards):
    """The record of every fold of every configuration."""
    return [run.path for run in plan.search_runs(PARAMS, source())]


def published_records(wildcards):
    """The record of every seed of every variant in the params: these need no search."""
    return [run.path for run in plan.evaluation_runs(PARAMS, source(), {})]


def evaluation_records(wildcards):
    """The same and the search's winners, once it has them."""
    winners = json.loads(Path(checkpoints.select.get().output[0]).read_text())
    return [run.path for run in plan.evaluation_runs(PARAMS, source(), winners)]


def study_data(wildcards):
    """What a study's figure is drawn from: an architecture needs no results."""
    if PARAMS.studies[wildcards.study].kind == "architecture":
        return []
    return ["reports/metrics/evaluation.csv", "reports/metrics/curves.csv"]
