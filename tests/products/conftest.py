"""Collected results of two variants, two seeds each."""

import pandas as pd
import pytest

from collected import ACCURACIES, run, runs


@pytest.fixture
def results() -> pd.DataFrame:
    return runs(ACCURACIES)


@pytest.fixture
def diverged(results: pd.DataFrame) -> pd.DataFrame:
    """The same, and an MLP that diverged."""
    return pd.concat([results, run("mlp", 2, [0.4], "diverged")], ignore_index=True)
