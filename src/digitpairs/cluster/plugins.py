"""What jobs on clusters need of the environment: Snakemake's plugins, and the commands here."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


def put_commands_first() -> None:
    """Let what this process starts take its commands from where this Python is.

    A batch system may start a job by a login shell, with a PATH of its own.
    """
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])


def need(executor: str) -> None:
    """End with a message where a profile names an executor that is not installed.

    Snakemake itself would print its usage, and that it knows no such choice.
    """
    module = f"snakemake_executor_plugin_{executor}"
    if find_spec(module) is None:
        package = module.replace("_", "-")
        sys.exit(
            f"error: profiles/{executor} needs the package {package}, which is not installed: "
            f"`make cluster` puts it into .venv; elsewhere `pip install {package}`"
        )


def accounted() -> bool:
    """Whether this Slurm keeps accounts of its jobs, for `sacct`; so where it can not be asked."""
    try:
        done = subprocess.run(
            ["scontrol", "show", "config"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return True
    none = r"^AccountingStorageType\s*= (accounting_storage/none|\(null\))$"
    return re.search(none, done.stdout, re.MULTILINE) is None
