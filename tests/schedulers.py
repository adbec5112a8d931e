"""What torch's schedulers make of a learning rate of 1."""

import warnings
from collections.abc import Callable

import torch
from torch.optim.lr_scheduler import LRScheduler


def factors_of_torch(
    scheduler_of: Callable[[torch.optim.Optimizer], LRScheduler], steps: int
) -> list[float]:
    """The learning rate of each step."""
    optimizer = torch.optim.SGD([torch.zeros(())], lr=1.0)
    with warnings.catch_warnings():
        # SequentialLR calls its parts in a way that torch itself warns of.
        warnings.filterwarnings("ignore", message="The epoch parameter")
        scheduler, found = scheduler_of(optimizer), []
        for _ in range(steps):
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            if len(found) < steps:
                scheduler.step()
    return found
