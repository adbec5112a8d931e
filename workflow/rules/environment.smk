"""Stops where the code of another clone would run, or none, before anything of it is imported.

Needs: a package digitpairs beside the Snakefile. The environment of another clone brings its own.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path


def check_package(project):
    """End with a message where Python does not find the package of this project's src."""
    spec = find_spec("digitpairs")
    found = Path(spec.origin).resolve().parent if spec and spec.origin else None
    own = project / "src/digitpairs"
    # DVC makes its copies for experiments inside of the project whose code they are.
    outer = [
        folder.parent / "src/digitpairs"
        for folder in project.parents
        if folder.name == ".dvc"
    ]
    if found in (own, *outer):
        return
    if found is None:
        what = f"the environment {sys.prefix} has no package digitpairs"
    else:
        what = (
            f"the environment {sys.prefix} would run the code in {found}, not in {own}"
        )
    path = ", with PYTHONPATH unset" if os.environ.get("PYTHONPATH") else ""
    start = project / ".venv/bin/snakemake"
    make = "" if start.exists() else f"`make -C {project} environment`, then "
    sys.exit(f"error: {what}; give {make}the same command by `{start}`{path}")


if workflow.is_main_process:
    check_package(Path(workflow.basedir).resolve())
