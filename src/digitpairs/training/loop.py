"""Trains runs and records every epoch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from digitpairs.pairs.draw import for_run
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.pool import Pool
from digitpairs.pairs.target import answers_of
from digitpairs.spec import RunSpec
from digitpairs.training.cuda.graphs import Replayed
from digitpairs.training.data import on_device
from digitpairs.training.engines.choose import Engine, engine_for
from digitpairs.training.feed import Feed
from digitpairs.training.final import final_measures
from digitpairs.training.measures import evaluate, losses
from digitpairs.training.optimizer import optimizer_for
from digitpairs.training.preprocess import fitted
from digitpairs.training.schedule import factors
from digitpairs.training.streams import initialised, seeded

Sets = Mapping[int, dict[str, PairSet]]  # by seed
Epoch = Mapping[str, Sequence[float]]  # by measure, a value a run


@dataclass(frozen=True)
class History:
    """One list per measure, one value per epoch, and whether the run `finished` or `diverged`.

    `measures` are those of the final epoch alone (final.py): of runs that finished and are no
    folds.
    """

    status: Literal["finished", "diverged"]
    epochs: dict[str, list[float]]
    measures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """Histories of runs trained side by side, and the name of the engine that trained them.

    `weights` copies those of a run, by its place, as its net's state_dict names them.
    """

    histories: list[History]
    engine: str
    weights: Callable[[int], dict[str, Tensor]]


def train(
    specs: Sequence[RunSpec], sets: Sets, device: str = "cpu", digits: Pool | None = None
) -> Result:
    """Train runs that are alike side by side; measure them after every epoch.

    With all test digits the final epoch of runs that are no folds is measured on these, too.

    Uses one CPU thread whatever the machine offers: the order of additions, and with it the last
    bits, would depend on it. Products are in full float32, on a GPU too. A run whose loss is no
    longer finite has diverged, and ends there.
    """
    torch.set_num_threads(1)
    full_precision()
    with seeded(specs[0], device):
        return train_seeded(specs, sets, device, digits)


def full_precision() -> None:
    """Turn TF32 and bfloat16 off in products of float32, whatever was set before.

    torch keeps its older settings beside the newer ones, and raises where the two disagree.
    """
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.fp32_precision = "ieee"  # type: ignore[attr-defined]


def train_seeded(specs: Sequence[RunSpec], sets: Sets, device: str, digits: Pool | None) -> Result:
    """Train with torch's own generators as they are."""
    first, recipe = specs[0], specs[0].recipe
    models = [initialised(spec).to(device) for spec in specs]
    engine: Engine = engine_for(models[0], device, first.model.task)(models)
    pairs = [for_run(sets[spec.seed], spec) for spec in specs]
    trained_on, tested_on = ([both[part] for both in pairs] for part in (0, 1))
    prepare = [fitted(recipe.preprocessing, own.pixels) for own in trained_on]
    images, test_images = (
        [of_run(own.pixels) for of_run, own in zip(prepare, part, strict=True)]
        for part in (trained_on, tested_on)
    )
    feed = Feed(engine, specs, trained_on, images, device)
    answers = answers_of(first.model.task)
    held_out = on_device(engine, tested_on, test_images, answers, device)
    aux_weights = None
    if first.aux_weight:
        aux_weights = torch.tensor([spec.aux_weight for spec in specs], device=device)
    rates = [spec.learning_rate for spec in specs]
    optimizer = optimizer_for(recipe.optimizer, engine.parameters, rates)
    count = len(trained_on[0])
    steps_per_epoch = -(-count // first.batch_size)  # the last batch of an epoch may be shorter
    factor = iter(factors(recipe.schedule, steps_per_epoch, first.epochs))

    def step(rows: Tensor) -> Tensor:
        batch = feed.data.take(rows)
        loss = losses(engine(*batch.inputs), batch, aux_weights, recipe.loss)
        optimizer.step(torch.autograd.grad(loss.sum(), engine.parameters, allow_unused=True))
        return loss.detach().double() * rows.shape[1]

    take_step: Callable[[Tensor], Tensor] = step
    if device == "cuda" and engine.side_by_side:  # what layers do by themselves is unknown
        take_step = Replayed(step, [*optimizer.state, *engine.buffers], lambda: training)

    def scheduled(rows: Tensor) -> Tensor:
        optimizer.set_factor(next(factor))
        return take_step(rows)

    epochs: list[dict[str, list[float]]] = []
    sound = list(range(len(specs)))  # the runs whose losses are finite so far
    for epoch in range(first.epochs):
        training = epoch == 0 or first.batchnorm == "standard"
        engine.train(training)
        total = torch.stack([scheduled(rows) for rows in feed.next_epoch()]).sum(0)
        epochs.append({"train_loss": (total / count).tolist()})
        epochs[-1] |= evaluate(engine, held_out, aux_weights, recipe, answers)
        sound = [run for run in sound if is_sound(epochs[-1], run)]
        if not sound:
            break
    measures: dict[int, dict[str, float]] = {}
    if digits is not None and sound and first.fold is None:  # a fold never sees a test digit
        measures = final_measures(engine, models[0], specs, digits, prepare, sound)
    histories = [history(epochs, run, measures.get(run)) for run in range(len(specs))]
    return Result(histories, type(engine).__name__, engine.weights)


def is_sound(epoch: Epoch, run: int) -> bool:
    """Whether both losses of a run are finite in an epoch."""
    return bool(np.isfinite([epoch["train_loss"][run], epoch["test_loss"][run]]).all())


def history(epochs: Sequence[Epoch], run: int, measures: dict[str, float] | None = None) -> History:
    """Pick out a run, up to the epoch in which it diverged if it did."""
    sound = sum(1 for _ in takewhile(lambda epoch: is_sound(epoch, run), epochs))
    kept = epochs[: sound + 1]
    columns = {name: [epoch[name][run] for epoch in kept] for name in epochs[0]}
    status: Literal["finished", "diverged"] = "finished" if sound == len(epochs) else "diverged"
    return History(status, columns, measures or {})
