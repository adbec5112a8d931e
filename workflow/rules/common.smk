"""Reads and checks the params before anything runs. What decides is `digitpairs.pipeline`.

Needs: the params. Makes: data/plan, small files for Snakemake and its jobs to read.

The params are read here: Snakemake's `configfile:` takes the last of two equal keys, follows
anchors and runs Python that stands in the file.
"""

import sys
from pathlib import Path

from snakemake.logging import logger
from snakemake.settings.enums import Quietness
from snakemake.utils import update_config

from digitpairs import memory, paths
from digitpairs.cluster import plugins
from digitpairs.digits.source import MNIST_MD5
from digitpairs.pipeline import console, report_steps, steps, targets, told, workforce
from digitpairs.pipeline.session import Session
from digitpairs.pipeline.step import by_default, stamp_path
from digitpairs.products.report import compiled
from digitpairs.runs import blockfile, plan, sets
from digitpairs.runs.cut import FIRST
from digitpairs.search.ranking import read_winners
from digitpairs.study import groups, load, overrides
from digitpairs.study.variants import known_variants

plugins.put_commands_first()
console.tidy_log(logger, Quietness.RULES in (workflow.output_settings.quiet or ()))

# Jobs here share this machine's memory. On a cluster, where Snakemake needs --jobs, a job asks for
# what the profile says: a bound of this machine would cut it.
HERE = workflow.is_main_process and workflow.nodes is None
if HERE and "mem_mb" not in workflow.global_resources:  # none by --resources
    workflow.register_resource("mem_mb", memory.for_jobs())

# Of the Snakemake that plans. A job elsewhere has none: all has been decided.
SESSION = None

if not workflow.configfiles:  # none by --configfile
    workflow.configfiles.append("params.yaml")
with console.errors_as_messages():
    content = {}
    for file in workflow.configfiles:
        update_config(content, load.read(Path(file)))
    if workflow.is_main_process:
        content = overrides.apply(content, workflow.config_settings.config_args)
    PARAMS = load.check(content)
    if workflow.is_main_process:
        SESSION = Session(
            PARAMS,
            console.note,
            lambda: workforce.workers_of(workflow, PARAMS.execution),
            told.is_reporting(sys.argv),
        )
        PARAMS = SESSION.params
        # What jobs read: params.yaml may be another when their turn comes.
        workflow.config_settings.configfiles = [SESSION.params_file]


def memory_here(threads):
    """Declare what a job takes of this machine; nothing where it runs elsewhere."""
    return {"mem_mb": memory.of_job(threads)} if HERE else {}


def say_if_memory_bounds():
    """Say that fewer jobs train at once than there are cores for."""
    if HERE and SESSION.trains and "gpu" not in workflow.global_resources:
        bound = workflow.global_resources["mem_mb"].value
        threads = PARAMS.execution.threads
        if line := memory.fewer_jobs(bound, workflow.cores, threads):
            console.note(line)


def reach(*names):
    """Wait for checkpoints that are due: what comes depends on them."""
    if SESSION and not SESSION.reporting:
        settings = workflow.dag_settings
        SESSION.targets, SESSION.forced = settings.targets, settings.forceall
        for name in filter(SESSION.must_wait_for, names):
            if name == "digits":
                checkpoints.digits.get()
            else:
                checkpoints.select.get(suffix=name.removeprefix("select"))


def step(name):
    """Inputs of a step with a fixed name: its files, and a mark where it is due.

    A step that is not due takes what is there, however old: its stamp was held against all that it
    was made from (src/digitpairs/pipeline/stamps.py).
    """

    def inputs(wildcards):
        this = name.format(**dict(wildcards.items()))
        if not SESSION:
            return steps.steps(PARAMS)[this].inputs
        with console.errors_as_messages():
            reach(*SESSION.checkpoints_before(this))
            files, mark = SESSION.inputs(this)
        return [*files, mark] if mark else [ancient(file) for file in files]

    return inputs


def teachers_before(block):
    """What the jobs leave that train the teachers of a block's runs."""
    files = SESSION.teachers_before(block) if SESSION else []
    return [file.with_suffix(blockfile.DONE) for file in files]


def runs_of(variant):
    """List the runs of a variant or winner, as far as they are known."""
    return steps.all_runs(PARAMS).evaluated.get(variant, [])


def weighed(variant):
    """What the jobs leave that train runs of a variant whose weights are missing, if need be."""
    if not SESSION:
        return []
    with console.errors_as_messages():
        blocks = SESSION.weighed(variant, runs_of(variant))
    return [block.with_suffix(blockfile.DONE) for block in blocks]


def trained(runs):
    """What the jobs leave that train those of the runs that have no record."""
    if not SESSION:
        return []
    with console.errors_as_messages():
        return [block.with_suffix(blockfile.DONE) for block in SESSION.blocks(runs)]
