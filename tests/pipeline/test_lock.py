"""One at a time: the lock of a directory."""

import subprocess
import sys
from pathlib import Path

import pytest

from digitpairs.errors import UserError
from digitpairs.pipeline import lock

HOLD = """
import pathlib, sys
from digitpairs.pipeline import lock
held = lock.hold(pathlib.Path(sys.argv[1]))
print("held", flush=True)
input()
"""


def test_one_process_holds_the_lock_until_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(UserError, match=f"process {other.pid} on .* is at work"):
            lock.hold(tmp_path)
        (tmp_path / "lock-holder").unlink()  # as between taking the lock and saying so
        with pytest.raises(UserError, match="another process is at work"):
            lock.hold(tmp_path)
        other.kill()
        other.wait()
    lock.hold(tmp_path).release()
