"""What the tests of training share."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from digitpairs.spec import ModelSpec, RunSpec


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Leave torch's number of threads as it was: training sets it to one."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def shared_run(mlp_run: RunSpec) -> RunSpec:
    """A siamese ConvNet with weight sharing and auxiliary loss."""
    model = ModelSpec("siamese_convnet", (10,), (8, 4), shared=True)
    return replace(mlp_run, model=model, aux_weight=1.0, learning_rate=1e-2)
