"""One Slurm for all tests of the session, and for all workers of pytest-xdist."""

from pathlib import Path

import pytest
import slurm

from project import once


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Eight nodes, in the partition `main` and in smaller ones."""
    if not slurm.available():
        pytest.fail(f"needs root and {slurm.PACKAGES}")

    def make(root: Path) -> None:
        root.mkdir()
        slurm.start(nodes=8)

    once(tmp_path_factory, "slurm", make)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop it where the session ends that started it, not where one of its workers does."""
    factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
    started = (factory.getbasetemp() / "slurm.made").exists()
    if started and not hasattr(session.config, "workerinput"):
        slurm.stop()
