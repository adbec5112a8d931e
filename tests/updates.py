"""Steps of an optimizer for runs side by side, and of one for each run as a textbook has it."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import torch
from torch import Tensor

from digitpairs import recipe
from digitpairs.training.optimizer import optimizer_for

RATES = [1e-4, 1e-2, 0.5]
SHAPES = [(3, 5), (7,), ()]  # of a run's parameters
CONSTANT = [1.0] * 20
SCHEDULED = [*(step / 5 for step in range(1, 6)), *(1.0 - step / 30 for step in range(15))]


class OneRun(Protocol):
    """An optimizer of torch, or what looks like one."""

    param_groups: list[dict]

    def step(self) -> object: ...


def runs_of(seed: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """A tensor of all runs for each shape."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(len(RATES), *shape, generator=generator, dtype=dtype) for shape in SHAPES]


def gradients_of(step: int) -> list[Tensor]:
    """Gradients of many sizes: the smallest are lost beside Adam's epsilon."""
    return [tensor * 10.0 ** (step % 5 - 4) for tensor in runs_of(step)]


def check_against(
    textbook: Callable[[list[Tensor], float], OneRun],
    kind: recipe.Optimizer,
    factors: Sequence[float],
    absent: Collection[tuple[int, int]] = (),
) -> None:
    """Take a step a factor; without a gradient where a step and a parameter are `absent`."""
    own = runs_of(0)
    theirs = [tensor.clone() for tensor in own]
    ours = optimizer_for(kind, own, RATES)
    alone = [textbook([t[run] for t in theirs], rate) for run, rate in enumerate(RATES)]
    for step, factor in enumerate(factors, 1):
        gradients = [
            None if (step, at) in absent else gradient
            for at, gradient in enumerate(gradients_of(step))
        ]
        ours.set_factor(factor)
        ours.step([None if g is None else g.clone() for g in gradients])
        for run, optimizer in enumerate(alone):
            (group,) = optimizer.param_groups
            group["lr"] = RATES[run] * factor
            for parameter, gradient in zip(group["params"], gradients, strict=True):
                parameter.grad = None if gradient is None else gradient[run]
            optimizer.step()
    for found, expected, start in zip(own, theirs, runs_of(0), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
        assert not torch.equal(found, start)
