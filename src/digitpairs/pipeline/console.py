"""What a user of Snakemake sees: messages in place of tracebacks, and none that say nothing."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from snakemake_interface_logger_plugins.common import LogEvent

from digitpairs.errors import UserError, disk_message


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
    if quiet_rules:
        logger.addFilter(show_failed_job)


def is_worth_saying(record: logging.LogRecord) -> bool:
    """Leave out what says nothing to a user.

    That Snakemake has no metadata: a clone never has, and nothing depends on it. That it touches
    the file which says that a block is done.
    """
    message = record.getMessage()
    return "provenance/metadata so that it in part" not in message and not message.startswith(
        "Touching output file"
    )


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
    if logs := [path for path in content["log"] if Path(path).exists()]:
        message += f" Logs: {', '.join(logs)}"
    return message
