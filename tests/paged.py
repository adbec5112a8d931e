"""What tests of the page share: nets with random weights."""

import torch

from collected import PAPER
from digitpairs.models.build import net_of
from digitpairs.runs.weights import Weights
from digitpairs.spec import ModelSpec, RunSpec

SCALE = {"mean": 0.13, "std": 0.29}


def weights_of(spec: ModelSpec) -> Weights:
    """A net of which no two numbers are alike, those of BatchNorm neither."""
    import numpy as np

    with torch.random.fork_rng():
        torch.manual_seed(0)
        state = net_of(spec).state_dict()
        for name, tensor in state.items():
            if tensor.ndim == 1 and tensor.is_floating_point():  # biases, and all of BatchNorm
                state[name] = tensor + 0.5 * torch.rand(tensor.shape) + 0.01
    run = RunSpec(model=spec, learning_rate=1e-4, aux_weight=0.0, seed=0, **PAPER)
    return Weights(run, state, {name: np.asarray(value) for name, value in SCALE.items()}, {})
