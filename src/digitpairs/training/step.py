"""Takes a training step of runs side by side."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from digitpairs.recipe import Recipe
from digitpairs.training.data import Data
from digitpairs.training.engines.choose import Engine
from digitpairs.training.feed import Feed
from digitpairs.training.measures import losses
from digitpairs.training.optimizer import Optimizer


def stepping(
    recipe: Recipe, engine: Engine, optimizer: Optimizer, feed: Feed, aux_weights: Tensor | None
) -> Callable[[Tensor], Tensor]:
    """Make what steps by the pairs at rows (R, batch), and returns each run's sum of their loss."""

    def gradients(batch: Data) -> tuple[Tensor, Sequence[Tensor | None]]:
        output = engine(*batch.inputs)
        loss = losses(output, batch, aux_weights, recipe.loss)
        if recipe.distillation:
            loss = method("distillation").losses(recipe.distillation, loss, output, batch)
        return loss, torch.autograd.grad(loss.sum(), engine.parameters, allow_unused=True)

    def step(rows: Tensor) -> Tensor:
        batch = feed.data.take(rows)
        loss, found = gradients(batch)
        if recipe.sharpness:
            with method("sharpness").worst_nearby(recipe.sharpness, optimizer, engine, found):
                _, found = gradients(batch)
        optimizer.step(found)
        return loss.detach().double() * rows.shape[1]

    return step


def method(name: str) -> Any:
    """Find a file of training/methods by the name that a recipe has for it."""
    return import_module(f"digitpairs.training.methods.{name}")
