"""A directory with all that a report reads."""

from pathlib import Path

import pytest

from reported import Make, lay


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Lay results in a directory of the test's own, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return lay
