"""The measured tables: tidy CSV files in reports/benchmarks, each row with machine and commit."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd

from digitpairs.runs.provenance import processor

FOLDER = Path("reports/benchmarks")


def write(name: str, rows: list[dict[str, Any]], machine: str, folder: Path = FOLDER) -> Path:
    """Write rows, each marked with the machine and the commit that they were measured on."""
    path = folder / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(rows).assign(machine=machine, commit=commit())
    frame.to_csv(path, index=False, float_format="%.6g")
    return path


def replace(name: str, part: str, rows: list[dict[str, Any]], machine: str) -> Path:
    """Write rows of one part of a table, beside what was measured last of the others."""
    before, path = read(name), write(name, rows, machine)
    if before is not None:
        others = before[before["part"] != part]
        pd.concat([others, pd.read_csv(path)]).to_csv(path, index=False, float_format="%.6g")
    return path


def read(name: str) -> pd.DataFrame | None:
    """Read what was measured last; None where nothing was."""
    path = FOLDER / f"{name}.csv"
    return pd.read_csv(path) if path.exists() else None


def commit() -> str:
    """Name the commit that is checked out, with a + where the code differs from it."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def machine() -> str:
    """Describe the processor, its cores, and torch."""
    from torch import __version__

    return f"{processor()}, {len(os.sched_getaffinity(0))} cores, torch {__version__}"
