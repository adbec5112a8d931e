"""All that only a GPU can tell, by one command that needs this repository alone.

Each part writes its rows into reports/benchmarks/gpu.csv, in place of those that it wrote before. A
part that fails says so in a row, and the others go on. At the end stands a table to paste.
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from benchmarks import gpu_checks, gpu_limit, gpu_means, gpu_memory, gpu_runs, tables
from benchmarks.gpu_row import Row, cell, row
from digitpairs.errors import first_line
from digitpairs.runs.device import gpu_trouble
from digitpairs.training.cuda.repeatable import choose_repeatable

NONE = "bench-gpu needs an NVIDIA GPU; docs/performance.md lists what is owed to one"
FAILED = "failed"

# In this order: what is trained is used by the parts after it. Each is given a scratch folder.
PARTS: Mapping[str, Callable[[Path], Iterable[Row]]] = {
    "self-check": gpu_checks.self_check,
    "lock": gpu_checks.lock,
    "company": gpu_checks.company,
    "memory": gpu_memory.memory,
    "training": gpu_runs.training,
    "command line": gpu_runs.command_line,
    "two jobs on a GPU": gpu_runs.two_jobs,
    "means": gpu_means.means,
    "new clone": gpu_runs.new_clone,
    "beyond": gpu_runs.beyond,
    "kernels": gpu_limit.kernels,
    "limit": gpu_limit.limit,
}


def main(only: str | None = None) -> None:
    """Measure all parts or those named, comma between. Ends with status 1 where one failed."""
    if trouble := gpu_trouble():
        sys.exit(f"error: {NONE}; {trouble}")
    choose_repeatable()
    names = [name.strip() for name in only.split(",")] if only else list(PARTS)
    if unknown := set(names) - set(PARTS):
        sys.exit(f"error: --only {', '.join(sorted(unknown))}: choose of {', '.join(PARTS)}")
    machine = f"{torch.cuda.get_device_name()}, {cores()} cores, torch {torch.__version__}"
    found: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="digitpairs-") as folder:
        for name in names:
            print(f"{name}:", flush=True)
            rows = measured(name, Path(folder))
            for one in rows:
                print(f"  {one['what']}: {cell(one)}", flush=True)
            tables.replace("gpu", name, rows, machine)
            found += rows
    print(f"\n{machine}, commit {tables.commit()}\n\n{pasted(found)}\n")
    if wrong := [one for one in found if one["unit"] == FAILED or is_no(one)]:
        parts = ", ".join(dict.fromkeys(one["part"] for one in wrong))
        sys.exit(f"error: not as it should be: {parts}")


def measured(name: str, folder: Path) -> list[Row]:
    """Measure a part; where it breaks off, the last row says why."""
    rows: list[Row] = []
    try:
        for one in PARTS[name](folder):
            rows.append({"part": name, **one})
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        rows.append({"part": name, **row(first_line(error)[:150], 0, FAILED)})
    return rows


def is_no(one: Row) -> bool:
    """Whether a row is a check that did not come out."""
    return one["unit"] == "holds" and not one["value"]


def pasted(rows: Iterable[Row]) -> str:
    """Write rows as a table of Markdown."""
    lines = ["| Part | What | Runs | |", "| --- | --- | --- | --- |"]
    for one in rows:
        runs = str(one["runs"]) if one["runs"] else ""
        lines.append(f"| {one['part']} | {one['what']} | {runs} | {cell(one)} |")
    return "\n".join(lines)


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0))


def shown(table: Any) -> str:
    """Write the table of the page from what was measured last."""
    return pasted(table.to_dict("records"))
