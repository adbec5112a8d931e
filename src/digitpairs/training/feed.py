"""Hands the loop the training pairs of each epoch, changed at random where a recipe says so.

What changes them is a file of training/augment, found by the name that the recipe has for it. It
has `mix`, which mixes images of a class, `pair`, which puts digits together to pairs, or `draw` and
`field`, which move the pixels of images (images.py). An epoch takes each pair once. So all pairs
are changed at its start, and what an engine takes of them is written where it lay before: fast
engines and CUDA graphs stay in use. Teachers look at the images there, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import torch
from torch import Tensor

from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.target import answers_of
from digitpairs.recipe import Augmentation
from digitpairs.spec import RunSpec
from digitpairs.training.data import on_device
from digitpairs.training.engines.choose import Engine
from digitpairs.training.streams import (
    AUGMENT_STREAM,
    NEW_PAIRS_STREAM,
    SHUFFLE_STREAM,
    generator,
)

AT_A_TIME = 100  # pairs of a run that are changed together: few enough for a CPU's cache

Change = tuple[Any, Any]  # a module of training/augment, and what the recipe says of it
Teach = Callable[[Tensor], Tensor]  # from images (R, n, 2, ...) to what teachers say of them


class Feed:
    """The training pairs of R runs that are alike but for seed, fold and weights.

    `data` are those of this epoch. Its tensors are written over, never replaced: a CUDA graph
    reads them where they are.
    """

    def __init__(
        self,
        engine: Engine,
        specs: Sequence[RunSpec],
        pairs: Sequence[PairSet],
        images: Sequence[np.ndarray],
        device: str,
        teach: Teach | None = None,
    ) -> None:
        """Take the pairs of each run and its images, (n, 2, ...), as a net is to see them."""
        self.engine, self.device = engine, device
        self.batch_size = specs[0].batch_size
        task = specs[0].model.task
        self.side, answers = task.side, answers_of(task)
        self.data = on_device(engine, pairs, images, answers, device)
        self.runs, self.count = self.data.target.shape
        self.shufflers = streams(specs, SHUFFLE_STREAM) if specs[0].shuffle else []
        changes = changes_of(specs[0].recipe.augmentation)
        self.pairings = [change for change in changes if hasattr(change[0], "pair")]
        self.moves = [change for change in changes if hasattr(change[0], "field")]
        self.mixings = [change for change in changes if hasattr(change[0], "mix")]
        self.teach = teach
        if teach:
            everything = torch.from_numpy(np.stack(images)).to(device).split(AT_A_TIME, 1)
            self.data = replace(self.data, lesson=torch.cat(list(map(teach, everything)), 1))
        if changes:
            self.pairers = streams(specs, NEW_PAIRS_STREAM)
            self.movers = streams(specs, AUGMENT_STREAM)
            self.images = torch.from_numpy(np.stack(images)).to(device).flatten(0, 2)
            self.digits = self.data.digits.flatten().clone()
            self.answer = torch.from_numpy(answers).long().to(device)

    def next_epoch(self) -> tuple[Tensor, ...]:
        """Change the pairs; return the rows (R, batch) of each step, all pairs once."""
        if self.pairings or self.moves or self.mixings:
            self.change()
        order = torch.arange(self.count).expand(self.runs, self.count)
        if self.shufflers:
            order = torch.stack([torch.randperm(self.count, generator=g) for g in self.shufflers])
        batches: tuple[Tensor, ...] = order.to(self.device).split(self.batch_size, 1)
        return batches

    def change(self) -> None:
        """Write changed pairs over those of the epoch before."""
        mixed = self.mixed()
        places = self.paired().to(self.device)
        for start in range(0, self.count, AT_A_TIME):
            rows = slice(start, start + AT_A_TIME)
            chosen = places[:, rows]
            digits = self.digits[chosen]
            images = self.moved(mixed[chosen])
            self.data.digits[:, rows] = digits
            self.data.target[:, rows] = self.answer[digits[..., 0], digits[..., 1]]
            for kept, new in zip(self.data.inputs, self.engine.inputs(images), strict=True):
                kept[:, rows] = new
            if self.teach and self.data.lesson is not None:
                self.data.lesson[:, rows] = self.teach(images)

    def mixed(self) -> Tensor:
        """Mix images of a class, those of each run among themselves; (R * n * 2, ...)."""
        images = self.images
        for module, setting in self.mixings:
            runs = zip(
                images.chunk(self.runs), self.digits.chunk(self.runs), self.movers, strict=True
            )
            images = torch.cat([module.mix(setting, *run) for run in runs])
        return images

    def paired(self) -> Tensor:
        """Pair the digits of each run: their places (R, n, 2) among those of all runs."""
        own = torch.arange(2 * self.count).view(self.count, 2)
        runs = []
        for run, pairer in enumerate(self.pairers):
            places = own
            for module, setting in self.pairings:
                places = module.pair(setting, places, pairer)
            runs.append(places + 2 * self.count * run)
        return torch.stack(runs)

    def moved(self, images: Tensor) -> Tensor:
        """Move the pixels of images (R, n, 2, ...); each run draws its own maps, on the CPU."""
        if not self.moves:
            return images
        displacements = []
        for module, setting in self.moves:
            draw = partial(module.draw, setting, images.shape[1], self.side)
            drawn = torch.stack([draw(mover) for mover in self.movers]).to(self.device)
            displacements.append(module.field(setting, drawn, self.side))
        warped: Tensor = named("images").warped(images, displacements)
        return warped


def changes_of(augmentation: Augmentation) -> list[Change]:
    """List what a recipe changes."""
    settings = {part.name: getattr(augmentation, part.name) for part in fields(augmentation)}
    return [(named(name), setting) for name, setting in settings.items() if setting]


def named(name: str) -> Any:
    """Find a file of training/augment by its name."""
    return import_module(f"digitpairs.training.augment.{name}")


def streams(specs: Sequence[RunSpec], stream: int) -> list[torch.Generator]:
    """Make each run's generator of a stream."""
    return [generator(spec, stream) for spec in specs]
