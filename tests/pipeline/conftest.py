"""What a session leaves behind in this process."""

import pytest

from digitpairs.pipeline.handover import PARAMS_VARIABLE


@pytest.fixture(autouse=True)
def params_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session names its params to all that it starts; what later tests start is not that."""
    monkeypatch.setenv(PARAMS_VARIABLE, "")  # put back after each test
