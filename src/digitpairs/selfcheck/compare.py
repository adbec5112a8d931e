"""How far a training is from what is true, and how far it may be.

Of all cases here, on their first draw, float32 on a CPU is off by at most 2e-4 in weights and 1e-6
in losses (AVX512, torch 2.15). Products in TF32 are off by at least 1.6e-2 in the weights of each
case. The bounds lie between: ten times what rounding to float32 does, an eighth of what TF32 does.

A GPU adds up in another order than a CPU, which is rounding of the same size. But rounding may turn
a decision: whether a ReLU lets something through, which pixel a max-pool takes. One of these can
move weights by 5e-2. With noise of 2e-7 on all products ConvStacks were too far off on 14 of 60
draws of pairs and weights, siamese ConvNets on 5 of 24, students on 4 of 24. So a device is at
fault only where a case is too far off on each of several draws, as TF32 is. tests/selfcheck holds
both sides.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch

from digitpairs.selfcheck.trained import Found, Weights

OF_LOSSES = 1e-5  # of the largest true loss
OF_WEIGHTS = 2e-3  # of the way that a tensor truly went
LEAST = 1e-3  # of the whole net's way: a tensor that goes less far is measured against this


def loss_error(found: Found, truth: Found) -> float:
    """The largest error of a loss, as a share of the largest true one."""
    return float(np.abs(found.losses - truth.losses).max() / np.abs(truth.losses).max())


def weight_error(found: Found, truth: Found, start: Sequence[Weights]) -> float:
    """The largest error of a tensor of a run, as a share of the way that it truly went.

    BatchNorm's statistics count, too. NaN where something is not finite.
    """
    runs = zip(found.weights, truth.weights, start, strict=True)
    return max((of_run(*run) for run in runs), key=nan_is_most)


def of_run(found: Weights, truth: Weights, start: Weights) -> float:
    """The largest error of a run's tensors. Batches that BatchNorm saw are counted exactly."""
    floats = [name for name, tensor in truth.items() if tensor.is_floating_point()]
    if any(not torch.equal(found[name], truth[name]) for name in truth.keys() - set(floats)):
        return math.inf
    ways = {name: float((truth[name].double() - start[name].double()).norm()) for name in floats}
    least = LEAST * math.hypot(*ways.values())
    errors = (
        float((found[name].double() - truth[name].double()).norm()) / max(ways[name], least)
        for name in floats
    )
    return max(errors, key=nan_is_most)


def nan_is_most(value: float) -> float:
    """Order numbers so that NaN is not lost."""
    return math.inf if math.isnan(value) else value


def same_bits(found: Found, other: Found) -> bool:
    """Whether two trainings came to the same losses and weights, to the bit."""
    return np.array_equal(found.losses, other.losses) and all(
        torch.equal(one[name], two[name])
        for one, two in zip(found.weights, other.weights, strict=True)
        for name in one
    )
