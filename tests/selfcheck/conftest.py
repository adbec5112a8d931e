"""What the tests of the self-check share: a stand-in for a GPU, and what is true of each case."""

from typing import Any

import pytest
from torch import Tensor

import standin_gpu
from digitpairs.selfcheck import check as checking
from digitpairs.selfcheck import trained
from digitpairs.selfcheck.cases import Case
from digitpairs.selfcheck.trained import Found

TRUTHS: dict[Any, Found] = {}


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is true of a case is computed once for all tests."""
    compute = trained.in_float64

    def known(case: Case) -> Found:
        key = case.name, tuple(case.specs)
        if key not in TRUTHS:
            TRUTHS[key] = compute(case)
        return TRUTHS[key]

    monkeypatch.setattr(checking, "in_float64", known)


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    return standin_gpu.recording(monkeypatch)
