"""What a job imports before it trains: no more than it needs, because each job does it again."""

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from digitpairs.runs import block
from digitpairs.runs.blockfile import Block, validator
from digitpairs.runs.plan import PlannedRun

Train = Callable[..., list[dict[str, Any]]]
JOB = """
import sys
from pathlib import Path
from digitpairs import cli
from digitpairs.runs import blockfile
from digitpairs.runs.block import train_block

train_block(blockfile.read(Path("block.json")), 1, print)
print(*(name for name in ("torch", "numba", "pyarrow", "pandas") if name in sys.modules))
"""

COLLECTED = """
import gc, sys
from pathlib import Path
from digitpairs.runs import block, blockfile

freezes, freeze = [], gc.freeze
def look():
    freezes.append((gc.isenabled(), "torch" in sys.modules))
    freeze()
gc.freeze = look
work = blockfile.read(Path("block.json"))
for run in work.runs:
    block.train_block(blockfile.Block([run], "cpu", 1), 1, print)
print(freezes, gc.isenabled())
"""


def imported_by_a_job(runs: list[PlannedRun]) -> str:
    """Which heavy modules a job has imported when it ends."""
    Path("block.json").write_bytes(validator().dump_json(Block(runs, "cpu", 1)))
    done = subprocess.run([sys.executable, "-c", JOB], check=True, stdout=-1, text=True)
    return done.stdout.splitlines()[-1]


def test_where_all_is_recorded_nothing_heavy_is_imported(
    train: Train, runs: list[PlannedRun]
) -> None:
    train(runs)
    assert imported_by_a_job(runs) == ""


def test_a_job_that_trains_imports_no_pandas(train: Train, runs: list[PlannedRun]) -> None:
    train([])  # writes the pairs
    assert imported_by_a_job(runs) == "torch numba pyarrow"


def test_what_a_job_imports_is_kept_from_the_search_for_garbage_once(
    train: Train, runs: list[PlannedRun]
) -> None:
    """Again would keep the garbage of the runs before for good."""
    train([])
    Path("block.json").write_bytes(validator().dump_json(Block(runs, "cpu", 1)))
    done = subprocess.run([sys.executable, "-c", COLLECTED], check=True, stdout=-1, text=True)
    assert done.stdout.splitlines()[-1] == "[(False, True)] True"


def test_a_process_that_has_torch_collects_as_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: pytest.fail("what others imported was frozen"))
    assert torch.__name__ in sys.modules
    block.import_training()
    assert gc.isenabled()


@pytest.mark.parametrize("command", [["--help"], ["block", "--help"]])
def test_the_commands_are_shown_without_what_is_heavy(command: list[str]) -> None:
    code = (
        "import sys\nfrom digitpairs.cli.main import app\n"
        f"app({command!r}, standalone_mode=False)\n"
        "assert sys.modules.keys().isdisjoint({'torch', 'numba', 'pyarrow', 'pandas', 'scipy'})"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
