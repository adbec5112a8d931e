"""Checks the params before anything runs, and says what has to be done.

Needs: the params. Makes: data/plan, small files for Snakemake and its jobs to read.

The params are read here: Snakemake's `configfile:` takes the last of two equal keys, follows
anchors and runs Python that stands in the file.
"""

import logging
import re
import sys
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from snakemake.logging import logger
from snakemake.settings.enums import Quietness
from snakemake.utils import update_config
from snakemake_interface_logger_plugins.common import LogEvent

from digitpairs import (
    lock,
    mnist,
    orphans,
    overrides,
    params,
    plan,
    plugins,
    restore,
    stamps,
    steps,
    yamlfile,
)
from digitpairs.errors import UserError, told
from digitpairs.files import check_room, set_aside

# A full disk is told of once, not at each line of the log.
logging.raiseExceptions = False

plugins.put_commands_first()


def tell(line):
    """Print beside what Snakemake prints: its stdout may be a graph."""
    print(line, file=sys.stderr)


def aloud(record):
    """Let the error of a job through `quiet: [rules]`, which is meant for what goes well."""
    if getattr(record, "event", None) is LogEvent.JOB_ERROR:
        record.event = None
        lines = (record.rule_msg or "It failed.").splitlines()
        # What is indented is the command that submits the job.
        reason = takewhile(lambda line: not line.startswith(" "), lines)
        record.msg = f"Error in rule {record.rule_name}, jobid {record.jobid}. {' '.join(reason)}"
        if logs := [path for path in record.log if Path(path).exists()]:
            record.msg += f" Logs: {', '.join(logs)}"
    return True


if Quietness.RULES in (workflow.output_settings.quiet or ()):  # none in a job
    logger.addFilter(aloud)


@contextmanager
def in_words():
    """Stop with a message where the user can mend it: wrong params, a full disk."""
    try:
        yield
    except UserError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {told(error)}")


PLAN = Path("data/plan")
BLOCKS = PLAN / "blocks"
PLANNED = set()  # lists of runs to train
DUE = set()  # the steps that this invocation does
KEPT = set()  # and those that still held
LOCK = None  # held from the first job until this process ends

if not workflow.configfiles:  # none by --configfile
    workflow.configfiles.append("params.yaml")
with in_words():
    content = {}
    for file in workflow.configfiles:
        update_config(content, yamlfile.read(Path(file)))
    if workflow.is_main_process:
        content = overrides.apply(content, workflow.config_settings.config_args)
    PARAMS = params.check(content)
    if workflow.is_main_process:
        check_room(PLAN)
        check_room(Path(".snakemake"))  # else Snakemake fails there, with a traceback
    PARAMS_FILE = steps.write_params(PARAMS, PLAN)
    if workflow.is_main_process:
        # What jobs elsewhere read: params.yaml may be another when their turn comes.
        workflow.config_settings.configfiles = [PARAMS_FILE.absolute()]
        restore.restore(tell)


def step(name, *files):
    """Inputs of a step with a fixed name: `files`, and a mark that is news where it is due.

    `files` are paths or input functions. A step that is not due takes what is there, however
    old: its stamp was held against all that it was made from (src/digitpairs/stamps.py).
    """

    def inputs(wildcards):
        this, graph = name.format(**dict(wildcards.items())), steps.steps(PARAMS)
        if not workflow.is_main_process:  # a job elsewhere: it has been decided on
            return listed(files, wildcards)
        for checkpoint in sorted(steps.upstream(graph, this) & {"digits", "select"}):
            settle(checkpoint)
        if reason := stamps.due(graph, this):
            DUE.add(this)
            KEPT.discard(this)
            with in_words():
                if LOCK:  # a checkpoint has shown that it is due
                    set_altered_aside(this)
                mark = stamps.mark(PLAN, graph, this, reason)
            return [*listed(files, wildcards), mark]
        KEPT.add(this)
        # Of what is due nothing may be ancient: Snakemake 9.27 passes over all that hangs on it.
        return [
            ancient(path)
            for path in graph[this].inputs
            if not stamps.due(graph, steps.maker(graph, path))
        ]

    return inputs


def listed(files, wildcards):
    """Paths and what input functions return, as one list."""
    called = [file(wildcards) if callable(file) else [file] for file in files]
    return sum(called, [])


def settle(checkpoint):
    """Wait for the digits, or the search's winners, where these are due: much hangs on them."""
    if workflow.is_main_process and stamps.due(steps.steps(PARAMS), checkpoint):
        getattr(checkpoints, checkpoint).get()


def source():
    """The digits, once the step that fetches them has settled which."""
    settle("digits")
    return mnist.read_source(steps.RAW)


def one_of(names):
    """A wildcard constraint: one of these names, or nothing at all."""
    return "|".join(map(re.escape, names)) or "(?!)"


def pairs_of(seeds):
    """An input function for the pair sets of these seeds."""
    return lambda wildcards: [plan.pairs_path(PARAMS, source(), seed) for seed in seeds]


def search_blocks(wildcards):
    """Blocks of the search's runs that have no record: every fold of every configuration."""
    return blocks_of(plan.search_runs(PARAMS, source()))


def evaluation_blocks(wildcards):
    """Blocks of the evaluation's: every seed of every variant, published and selected."""
    return blocks_of(plan.evaluation_runs(PARAMS, source(), steps.read_winners() or {}))


def blocks_of(runs):
    """What the jobs leave that train those of the runs that have no record."""
    if not workflow.is_main_process:  # a job elsewhere: its runs are there
        return []
    with in_words():
        lists = steps.write_blocks(runs, PARAMS.execution.runs_per_job, BLOCKS)
    PLANNED.update(lists)
    return [path.with_suffix(steps.DONE) for path in lists]


def pairs_of_block(wildcards):
    """The pair sets of a block's own seeds."""
    runs = (BLOCKS / f"{wildcards.block}.txt").read_text()
    seeds = sorted({int(seed) for seed in re.findall(r"seed-(\d+)", runs)})
    return pairs_of(seeds)(wildcards)


def study_data(wildcards):
    """What a study's figure is drawn from: an architecture needs no results."""
    if PARAMS.studies[wildcards.study].kind == "architecture":
        return []
    return [
        "data/raw/source.json",
        "reports/metrics/evaluation.csv",
        "reports/metrics/curves.csv",
    ]


def begin():
    """Take the directory, and set aside what was altered since it was written."""
    global LOCK
    with in_words():
        LOCK = lock.hold(PLAN)
        if workflow.executor_plugin.name == "slurm":
            orphans.await_orphans(Path.cwd(), tell)
        for old in BLOCKS.glob("*"):
            if old.with_suffix(".txt") not in PLANNED:
                old.unlink()
        for name in sorted(DUE):
            set_altered_aside(name)


def set_altered_aside(name):
    """Keep what of a step's products is not as it was written: it will be made again."""
    for path in sorted(stamps.altered(name)):
        aside = set_aside(Path(path))
        tell(f"WARNING: {path} was altered since it was made; now {aside}")


def remind():
    """Say where the products are and, again, that they are not of full MNIST.

    A lost file can come back other than it was: from records of another machine, say. What still
    held is due then.
    """
    graph = steps.steps(PARAMS)
    if late := sorted(name for name in KEPT - DUE if stamps.due(graph, name)):
        sys.exit(
            f"error: {late} hang on what came back other than it was; "
            "give the same command again"
        )
    print(f"Products: {Path('reports').absolute()}")
    if PARAMS.data.source == "auto" and (digits := steps.read_source()):
        if digits.note:
            print(f"WARNING: these results are {digits.note}; logs/digits.log says why")
