"""One Snakemake at a time in a directory.

Snakemake's own lock outlives a `kill -9` and then wants `--unlock`; the kernel lets go of this
one when the process that holds it ends, however it ends.
"""

import os
import platform
from pathlib import Path

from filelock import FileLock, Timeout

from digitpairs.errors import UserError
from digitpairs.files import write_text


def hold(folder: Path) -> FileLock:
    """Take the lock of `folder` until this process ends. Raises UserError where it is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    lock, holder = FileLock(folder / "lock"), folder / "lock-holder"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        # It may have got no further than taking the lock.
        who = holder.read_text(encoding="utf-8") if holder.exists() else "another process"
        raise UserError(
            f"{who} is at work in {Path.cwd()}: wait for it or stop it, then give "
            "the same command again (nothing was started)"
        ) from None
    write_text(holder, f"process {os.getpid()} on {platform.node()}")
    return lock
