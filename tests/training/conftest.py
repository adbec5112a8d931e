"""What the tests of training share."""

from dataclasses import replace

import pytest

from digitpairs.spec import ModelSpec, RunSpec


@pytest.fixture
def shared_run(mlp_run: RunSpec) -> RunSpec:
    """A siamese ConvNet with weight sharing and auxiliary loss."""
    model = ModelSpec("siamese_convnet", (10,), (8, 4), shared=True)
    return replace(mlp_run, model=model, aux_weight=1.0, learning_rate=1e-2)
