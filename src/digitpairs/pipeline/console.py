"""What a user of Snakemake sees: messages in place of tracebacks, and none that say nothing."""

import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from snakemake_interface_logger_plugins.common import LogEvent

from digitpairs import memory
from digitpairs.errors import UserError, disk_message

# Rules whose jobs are shown though rules are quiet: one makes what its wildcard names. Training has
# a line for each run.
NAMED = ("variant", "metric", "figure", "table", "pdf")
# How Python says that a shell, or what a shell waited for, was killed.
KILLED = re.compile(r"returned non-zero exit status 137\.|died with <Signals\.SIGKILL")
# What Slurm says of a job over its memory: its state, or in its log.
OVER_MEMORY = re.compile(r"OUT_OF_MEMORY|oom.kill|exceeded .*memory limit", re.IGNORECASE)
WITHOUT_TIMES = (
    "The report's statistics have the run times of what Snakemake made in this directory. What "
    "came by git or DVC has none."
)
ON_A_CLUSTER = (
    " It took more memory than it asked for. Each further attempt asks for more; after the last, "
    "raise mem_mb in the profile."
)


def note(line: str) -> None:
    """Print beside what Snakemake prints: its stdout may be a graph."""
    print(line, file=sys.stderr)


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """Stop with a message where the user can mend it: wrong params, a full disk."""
    try:
        yield
    except UserError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {disk_message(error)}")


def tidy_log(logger: logging.Logger, quiet_rules: bool) -> None:
    """Let Snakemake's log say what a user can use.

    `quiet_rules`: whether `quiet: [rules]` holds, which would hide failed jobs too.
    """
    logging.raiseExceptions = False  # a full disk is reported once, not at each line of the log
    logger.addFilter(is_worth_saying)
    logger.addFilter(show_plain_resources)
    logger.addFilter(explain_kill(memory.kills()))
    logger.addFilter(say_once_without_times())
    if quiet_rules:
        logger.addFilter(show_named_job)
        logger.addFilter(show_failed_job)


def is_worth_saying(record: logging.LogRecord) -> bool:
    """Leave out what says nothing to a user.

    A clone never has Snakemake's metadata, and nothing depends on it. The file that Snakemake
    touches says that a block is done, which its own line says too.
    """
    message = record.getMessage()
    return "provenance/metadata so that it in part" not in message and not message.startswith(
        "Touching output file"
    )


def say_once_without_times() -> Callable[[logging.LogRecord], bool]:
    """Say once, not for each file, that the report has no run times of what was made elsewhere."""
    said = False

    def say(record: logging.LogRecord) -> bool:
        nonlocal said
        if not record.getMessage().startswith("Missing metadata for file"):
            return True
        first, said = not said, True
        record.msg, record.args = WITHOUT_TIMES, ()
        return first

    return say


def show_plain_resources(record: logging.LogRecord) -> bool:
    """Say `mem_mb=8000` for `mem_mb=Resource("mem_mb", 8000)`, which Snakemake 9.27 says."""
    if getattr(record, "event", None) is LogEvent.RESOURCES_INFO:
        record.msg = re.sub(r'Resource\("\w+", (\w+)\)', r"\1", record.getMessage())
        record.args = ()
    return True


def explain_kill(kills: int) -> Callable[[logging.LogRecord], bool]:
    """Say why a job here was killed. `kills`: what the system counted before."""

    def explain(record: logging.LogRecord) -> bool:
        if KILLED.search(message := record.getMessage()):
            why = memory.why_killed(kills)
            record.msg = f"{message}\nThe job was killed: {why}. {memory.ADVICE}."
            record.args = ()
        return True

    return explain


def show_named_job(record: logging.LogRecord) -> bool:
    """Say in a line which figure, table, metrics or results a job makes, or would make."""
    content = vars(record)
    if content.get("event") is LogEvent.JOB_INFO and content["rule_name"] in NAMED:
        record.event = None
        record.msg = " ".join([content["rule_name"], *content["wildcards"].values()])
    return True


def show_failed_job(record: logging.LogRecord) -> bool:
    """Turn the event of a failed job into a plain message, which `quiet: [rules]` lets through."""
    if getattr(record, "event", None) is LogEvent.JOB_ERROR:
        record.event = None
        record.msg = failed_job(record)
    return True


def failed_job(record: logging.LogRecord) -> str:
    """Say which job failed, why, and where its log lies."""
    content = vars(record)
    lines = (content["rule_msg"] or "It failed.").splitlines()
    # What is indented is the command that submits the job.
    reason = " ".join(takewhile(lambda line: not line.startswith(" "), lines))
    message = f"Error in rule {content['rule_name']}, jobid {content['jobid']}. {reason}"
    logs = [path for path in content["log"] if Path(path).exists()]
    if content["rule_msg"] and any(map(OVER_MEMORY.search, [reason, *map(end_of, logs)])):
        message += ON_A_CLUSTER
    if logs:
        message += f" Logs: {', '.join(logs)}"
    return message


def end_of(log: str) -> str:
    """Read the last lines of a log."""
    return Path(log).read_bytes()[-10_000:].decode(errors="replace")
