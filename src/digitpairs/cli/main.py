"""The command line: every command, and how mistakes are told."""

import sys

from digitpairs.cli import people, results, steps
from digitpairs.cli.app import app
from digitpairs.errors import UserError, disk_message

__all__ = [
    "app",
    "main",
    "people",
    "results",
    "steps",
]  # importing the last three adds their commands


def main() -> None:
    """Run the command line; a mistake of the user gets a message, not a traceback."""
    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except FileNotFoundError as error:
        missing = error.filename or error  # pyarrow's has the path as its text
        print(f"error: {missing} is not there; an earlier step makes it", file=sys.stderr)
        sys.exit(1)
    except OSError as error:  # a full disk, a directory that may not be written
        print(f"error: {disk_message(error)}", file=sys.stderr)
        sys.exit(1)
