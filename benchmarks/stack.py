"""CPU seconds of a ConvStack whose pairs are changed at random: ours beside what one would write.

The plain loop trains the net by its own modules: both digits in one batch, channels_last, fused
AdamW, and torchvision's affine maps. These take a draw an image, as a transform of a data set does,
or one draw for a whole batch, which is the cheapest that can be written, and changes all images of
a batch alike. In turns, on one thread each; each loop in a process of its own, since ours sets how
its process keeps memory.
"""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.transforms import InterpolationMode, v2

from benchmarks import tables
from benchmarks.cases import case, drawn
from benchmarks.loops import Measures, evaluate, step, tensors
from benchmarks.training import OURS, cpu_seconds
from digitpairs.models.nets import Output
from digitpairs.models.registry import options_of
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import Adam, Affine, Augmentation, Recipe
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import loop
from digitpairs.training.streams import initialised

REPETITIONS, EPOCHS = 7, 4
AN_IMAGE, A_BATCH = "a draw an image", "a draw a batch"
TEST_BATCH = 50  # pairs; of the plain loop: the fastest
DECAY = 0.05
AFFINE = Affine(rotation=10, scale=0.1, shift=1)
LAYERS = [
    {"channels": 32, "padding": "same"},
    {"channels": 32, "padding": "same", "pool": "max"},
    {"channels": 48, "padding": "same"},
    {"channels": 48, "padding": "same"},
]

Change = Callable[[Tensor], Tensor]


def spec() -> RunSpec:
    """A run of four conv layers and global pooling: as many parameters as the paper's best net."""
    model = ModelSpec(
        "convstack", (), options=options_of("convstack", {"layers": LAYERS, "pooling": "mean"})
    )
    recipe = Recipe(Adam("adamw", weight_decay=DECAY), augmentation=Augmentation(affine=AFFINE))
    return replace(case("ConvStack", model, 1.0, EPOCHS, 1).spec, recipe=recipe)


def main() -> None:
    """Measure the loops and write reports/benchmarks/stack.csv."""
    rows = []
    with ExitStack() as stack:
        spawn = get_context("spawn")
        apart = {name: stack.enter_context(ProcessPoolExecutor(1, spawn)) for name in LOOPS}
        for name, process in apart.items():
            process.submit(seconds, name, 1).result()
        for repetition in range(REPETITIONS):
            for name, process in apart.items():
                row = {"repetition": repetition, "load": os.getloadavg()[0], "loop": name}
                used = process.submit(seconds, name, EPOCHS).result()
                rows.append({**row, "epochs": EPOCHS, "cpu_seconds": used})
    print(tables.write("stack", rows, tables.machine()))


def seconds(name: str, epochs: int) -> float:
    """CPU seconds of a run by a loop."""
    torch.set_num_threads(1)
    run = replace(spec(), epochs=epochs)
    return cpu_seconds(lambda: LOOPS[name](run, drawn(0)))


def ours(spec: RunSpec, sets: dict[str, PairSet]) -> Measures:
    """Train as `digitpairs` does."""
    (history,) = loop.train([spec], {spec.seed: sets}).histories
    return [
        dict(zip(history.epochs, row, strict=True))
        for row in zip(*history.epochs.values(), strict=True)
    ]


def affine(background: float) -> Change:
    """Torchvision's maps, of bilinear pixels where ours are bicubic; a call draws one."""
    to = AFFINE.shift / 14
    return v2.RandomAffine(
        AFFINE.rotation,
        translate=(to, to),
        scale=(1 - AFFINE.scale, 1 + AFFINE.scale),
        interpolation=InterpolationMode.BILINEAR,
        fill=background,
    )


def each_image(background: float) -> Change:
    """Draw a map for each image."""
    one = affine(background)
    return lambda images: torch.stack([one(image) for image in images])


class Net(nn.Module):
    """A ConvStack in channels_last that changes the images it is trained on."""

    def __init__(self, net: nn.Module, change: Change) -> None:
        """Take a net with one branch for both digits."""
        super().__init__()
        self.net: Any = net.to(memory_format=torch.channels_last)
        self.change = change

    def forward(self, pairs: Tensor) -> Output:
        """Compare pairs (n, 2, 14, 14): both digits in one batch."""
        images = pairs.reshape(-1, 1, *pairs.shape[2:])
        if self.training:
            images = self.change(images)
        digits = self.net.branch(images.to(memory_format=torch.channels_last))
        digits = digits.unflatten(0, (-1, 2))
        return Output(self.net.head(digits), digits)


def plain(spec: RunSpec, sets: dict[str, PairSet], changing: Callable[[float], Change]) -> Measures:
    """Train as one would write it; measure what ours measures after each epoch."""
    data, held_out = tensors(sets, torch.contiguous_format)
    net = Net(initialised(spec), changing(float(data.pairs.min())))
    adam = torch.optim.AdamW(net.parameters(), spec.learning_rate, weight_decay=DECAY, fused=True)
    measures = []
    for _ in range(spec.epochs):
        net.train()
        total = torch.zeros((), dtype=torch.float64)
        for rows in torch.randperm(spec.train_pairs).split(spec.batch_size):
            total += step(net, adam, data, rows, spec.aux_weight) * len(rows)
        measured = evaluate(net, held_out, spec.aux_weight, TEST_BATCH)
        measures.append({"train_loss": total.item() / spec.train_pairs, **measured})
    return measures


LOOPS: dict[str, Callable[[RunSpec, dict[str, PairSet]], Measures]] = {
    AN_IMAGE: lambda spec, sets: plain(spec, sets, each_image),
    A_BATCH: lambda spec, sets: plain(spec, sets, affine),
    OURS: ours,
}
