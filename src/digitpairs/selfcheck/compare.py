"""How far a training is from what is true, and how far it may be.

Of all cases here, on their first draw, float32 on a CPU is off by at most 2e-4 in weights and 1e-6
in losses (AVX512, torch 2.15). Products in TF32 are off by at least 1.6e-2 in the weights of each
case. The bounds lie between: ten times what rounding to float32 does, an eighth of what TF32 does.

A GPU adds up in another order than a CPU, which is rounding of the same size. But rounding may turn
a decision: whether a ReLU lets something through, which pixel a max-pool takes. One of these can
move weights by 2e-1. Of 12 draws of pairs and weights this many were too far off, by the noise on
all products, as a share of their size (Winograd's kernels are off by more than plain sums are):

    noise                 none  2e-7  1e-6  TF32
    siamese ConvNet          3     2     5    12
    ConvStack                1     3     5    12
    taught ConvStack         1     3     5    12
    ConvStack, gradients     0     0     2    12

So a device is at fault only where a case is too far off on each of several draws, as TF32 is. With
as many pairs as other cases have, ConvStacks were too far off on 8 of 8 draws by noise of 1e-6.
tests/selfcheck holds both sides.
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
