"""Random draws of a run, each from a stream of its own: no other run of a block changes them."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from digitpairs.models.build import net_of
from digitpairs.models.counts import check_count
from digitpairs.spec import RunSpec

INIT_STREAM, SHUFFLE_STREAM, LAYER_STREAM = 0, 1, 2
AUGMENT_STREAM, NEW_PAIRS_STREAM = 3, 4


def generator(spec: RunSpec, stream: int) -> torch.Generator:
    """Make the generator of one of a run's streams: seed, fold and copy decide what it draws."""
    return torch.Generator().manual_seed(state(spec, stream))


def state(spec: RunSpec, stream: int) -> int:
    """Mix seed, fold, stream and copy into a number of 63 bits."""
    fold = 0 if spec.fold is None else spec.fold + 1
    seed = spec.seed_of("weights" if stream == INIT_STREAM else "order")
    entropy = [seed, fold, stream, *([spec.copy] if spec.copy else [])]
    words = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
    return int(words[0] >> 1)


def initialised(spec: RunSpec) -> nn.Module:
    """Build a run's net with its own initial weights."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(generator(spec, INIT_STREAM).get_state())
        net = net_of(spec.model)
    check_count(spec.model, sum(part.numel() for part in net.parameters() if part.requires_grad))
    return net


@contextmanager
def seeded(spec: RunSpec, device: str) -> Iterator[None]:
    """Seed torch's own generators by the run: for layers that draw, such as dropout.

    The paper's nets have none. One that has is trained alone, by its own modules. Other GPUs
    than the one in use keep their state, and are not woken.
    """
    devices = [torch.cuda.current_device()] if device == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(state(spec, LAYER_STREAM))
        if devices:
            torch.cuda.manual_seed(state(spec, LAYER_STREAM))
        yield
