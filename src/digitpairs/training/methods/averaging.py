"""The mean of the weights after the last epochs (SWA, Izmailov et al. 2018, Algorithm 1)."""

import torch

from digitpairs.recipe import Averaging
from digitpairs.training.engines.choose import Engine
from digitpairs.training.feed import Feed
from digitpairs.training.optimizer import Optimizer

BATCHES = 50  # that BatchNorm looks at: a momentum of .1 then has forgotten what was before


class Averages:
    """Sums of the weights of R runs, in float64."""

    def __init__(self, kind: Averaging, optimizer: Optimizer) -> None:
        """Start from nothing."""
        self.last, self.parameters = kind.epochs, optimizer.parameters
        self.sums = [torch.zeros_like(own, dtype=torch.float64) for own in self.parameters]

    def after(self, epoch: int, epochs: int, engine: Engine, feed: Feed) -> None:
        """Add the weights after one of the last epochs; put their means in place after the last.

        Epochs are counted from 0. A run that has fewer takes the mean of all.
        """
        if epoch < epochs - self.last:
            return
        for total, parameter in zip(self.sums, self.parameters, strict=True):
            total.add_(parameter)
        if epoch == epochs - 1:
            self.put_in_place(min(self.last, epochs), engine, feed)

    @torch.no_grad()
    def put_in_place(self, count: int, engine: Engine, feed: Feed) -> None:
        """Write the means over the weights, and let BatchNorm look at what they make of images."""
        for total, parameter in zip(self.sums, self.parameters, strict=True):
            parameter.copy_(total / count)
        engine.train(True)
        seen = 0
        while seen < BATCHES:
            for rows in feed.next_epoch():
                engine(*feed.data.take(rows).inputs)
                seen += 1
