"""Checks the params before anything runs, and plans.

Needs: the params. Makes: data/plan, small files that say what each step depends on.
"""

import json
import re
from pathlib import Path

from digitpairs import mnist, params, plan, steps

try:
    PARAMS = params.check(config)
except params.ParamsError as error:
    raise WorkflowError(str(error))

PLAN = Path("data/plan")
PARAMS_FILE = steps.write_params(PARAMS, PLAN)


def plan_of(step):
    """What a step with a fixed name depends on: news only where its product is of something else."""
    path, made = steps.plan_step(PARAMS, step, PLAN)
    if made:
        return ancient(path)
    path.touch()
    return path


def made(step):
    """Where the step leaves a copy of its plan, once its product is there."""
    return steps.made_from(step, PLAN)


def one_of(names):
    """A wildcard constraint: one of these names, or nothing at all."""
    return "|".join(map(re.escape, names)) or "(?!)"


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
    return [
        "data/raw/source.json",
        "reports/metrics/evaluation.csv",
        "reports/metrics/curves.csv",
    ]


def remind():
    """Say where the products are and, again, that they are not of full MNIST."""
    print(f"Products: {Path('reports').absolute()}")
    source = Path("data/raw/source.json")
    if PARAMS.data.source == "auto" and source.exists():
        if note := mnist.read_source(source.parent).note:
            print(f"WARNING: these results are {note}; logs/digits.log says why")
