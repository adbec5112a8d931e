"""Trains runs and records every epoch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from digitpairs.pairs.draw import for_run
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.pool import Pool
from digitpairs.pairs.target import answers_of
from digitpairs.spec import RunSpec
from digitpairs.training.cuda.graphs import Replayed
from digitpairs.training.data import on_device
from digitpairs.training.engines.choose import Engine, engine_for
from digitpairs.training.feed import Feed
from digitpairs.training.final import final_measures, fold_measures
from digitpairs.training.measures import evaluate
from digitpairs.training.optimizer import optimizer_for
from digitpairs.training.preprocess import fitted
from digitpairs.training.schedule import factors
from digitpairs.training.step import method, stepping
from digitpairs.training.streams import initialised, seeded

Sets = Mapping[int, dict[str, PairSet]]  # by seed
Epoch = Mapping[str, Sequence[float]]  # by measure, a value a run
Teachers = Sequence[Sequence[nn.Module]]  # of each run, in one order


@dataclass(frozen=True)
class History:
    """One list per measure, one value per epoch, and whether the run `finished` or `diverged`.

    `measures` are those of the final epoch alone (final.py), of runs that finished.
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
    specs: Sequence[RunSpec],
    sets: Sets,
    device: str = "cpu",
    digits: Pool | None = None,
    teachers: Teachers = (),
) -> Result:
    """Train runs that are alike side by side; measure them after every epoch.

    With all test digits the final epoch of runs that are no folds is measured on these, too.
    Students need the trained nets of their teachers.

    Uses one CPU thread whatever the machine offers: the order of additions, and with it the last
    bits, would depend on it. Products are in full float32, on a GPU too. A run whose loss is no
    longer finite has diverged, and ends there.
    """
    torch.set_num_threads(1)
    full_precision()
    with seeded(specs[0], device):
        return train_seeded(specs, sets, device, digits, teachers)


def full_precision() -> None:
    """Turn TF32 and bfloat16 off in products of float32, whatever was set before.

    torch keeps its older settings beside the newer ones, and raises where the two disagree.
    """
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.fp32_precision = "ieee"  # type: ignore[attr-defined]


def train_seeded(
    specs: Sequence[RunSpec], sets: Sets, device: str, digits: Pool | None, teachers: Teachers
) -> Result:
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
    teach = None
    if recipe.distillation:
        teach = method("distillation").teaching(recipe.distillation, first, teachers, device)
    feed = Feed(engine, specs, trained_on, images, device, teach)
    answers = answers_of(first.model.task)
    held_out = on_device(engine, tested_on, test_images, answers, device)
    aux_weights = None
    if first.aux_weight:
        aux_weights = torch.tensor([spec.aux_weight for spec in specs], device=device)
    epochs = []
    sound = list(range(len(specs)))  # the runs whose losses are finite so far
    for losses_of_epoch in trained(
        first, [s.learning_rate for s in specs], engine, feed, aux_weights
    ):
        epochs.append({"train_loss": losses_of_epoch})
        epochs[-1] |= evaluate(engine, held_out, aux_weights, recipe, answers)
        sound = [run for run in sound if is_sound(epochs[-1], run)]
        if not sound:
            break
    measures: dict[int, dict[str, float]] = {}
    if sound and first.fold is not None:  # a fold never sees a test digit
        measures = fold_measures(engine, specs, tested_on, prepare, sound)
    elif sound and digits is not None:
        measures = final_measures(engine, models[0], specs, digits, prepare, sound)
    histories = [history(epochs, run, measures.get(run)) for run in range(len(specs))]
    return Result(histories, type(engine).__name__, engine.weights)


def trained(
    first: RunSpec,
    rates: Sequence[float],
    engine: Engine,
    feed: Feed,
    aux_weights: Tensor | None,
) -> Iterator[list[float]]:
    """Train epoch by epoch; yield each run's mean training loss. `first` is one of the runs."""
    recipe = first.recipe
    optimizer = optimizer_for(recipe.optimizer, engine.parameters, rates)
    steps_per_epoch = -(-feed.count // first.batch_size)  # an epoch's last batch may be shorter
    factor = iter(factors(recipe.schedule, steps_per_epoch, first.epochs))
    averages = (
        method("averaging").Averages(recipe.averaging, optimizer) if recipe.averaging else None
    )
    training = True
    take_step = stepping(recipe, engine, optimizer, feed, aux_weights)
    if feed.device == "cuda" and engine.side_by_side:  # what layers do by themselves is unknown
        take_step = Replayed(take_step, [*optimizer.state, *engine.buffers], lambda: training)

    def scheduled(rows: Tensor) -> Tensor:
        optimizer.set_factor(next(factor))
        return take_step(rows)

    for epoch in range(first.epochs):
        training = epoch == 0 or first.batchnorm == "standard"
        engine.train(training)
        total = torch.stack([scheduled(rows) for rows in feed.next_epoch()]).sum(0)
        if averages:
            averages.after(epoch, first.epochs, engine, feed)
        yield (total / feed.count).tolist()


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
