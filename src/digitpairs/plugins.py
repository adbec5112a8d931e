"""Snakemake's plugins for clusters: installed only where they are used."""

import sys
from importlib.util import find_spec


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
