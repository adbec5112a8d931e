"""A few steps of a case: as all runs are trained, and in float64 by plain modules on the CPU."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from digitpairs.pairs.draw import for_run
from digitpairs.pairs.target import answers_of
from digitpairs.selfcheck.cases import Case
from digitpairs.spec import RunSpec
from digitpairs.training import loop
from digitpairs.training.data import on_device
from digitpairs.training.engines.plain import Plain
from digitpairs.training.feed import Feed
from digitpairs.training.measures import evaluate
from digitpairs.training.preprocess import fitted
from digitpairs.training.step import method
from digitpairs.training.streams import initialised

Weights = dict[str, Tensor]  # of a run, as its net names them


@dataclass(frozen=True)
class Found:
    """What training came to: losses (runs, 2 an epoch) on training and test pairs, and weights."""

    losses: npt.NDArray[np.float64]
    weights: Sequence[Weights]


def by_training(case: Case, device: str) -> Found:
    """Train a case as all runs are trained."""
    specs = list(case.specs)
    result = loop.train(specs, case.sets, device, None, case.teaching())
    losses = [
        [value for name in ("train_loss", "test_loss") for value in history.epochs[name]]
        for history in result.histories
    ]
    return Found(np.array(losses), [result.weights(run) for run in range(len(specs))])


def in_float64(case: Case) -> Found:
    """Train each run of a case by itself, once: what is true but for rounding.

    By the net's own modules. No engine, no stack, no graph and no kernel of a GPU takes part.
    """
    torch.set_num_threads(1)
    places = {spec: place for place, spec in enumerate(case.specs)}
    known = {spec: one_in_float64(case, spec, place) for spec, place in places.items()}
    found = [known[spec] for spec in case.specs]
    return Found(np.array([losses for losses, _ in found]), [weights for _, weights in found])


def one_in_float64(case: Case, spec: RunSpec, place: int) -> tuple[list[float], Weights]:
    """Train a run as `loop.train` does; return its losses and weights."""
    recipe, answers = spec.recipe, answers_of(spec.model.task)
    engine: Any = Plain([initialised(spec).double()])
    both = for_run(case.sets[spec.seed], spec)
    prepare = fitted(recipe.preprocessing, both[0].pixels)
    images, test_images = (prepare(part.pixels).astype(np.float64) for part in both)
    teach = None
    if recipe.distillation:
        nets = [net.double() for net in case.teaching()[place]]
        teach = method("distillation").teaching(recipe.distillation, spec, [nets], "cpu")
    feed = Feed(engine, [spec], both[:1], [images], "cpu", teach)
    held_out = on_device(engine, both[1:], [test_images], answers, "cpu")
    weight = torch.tensor([spec.aux_weight]).double() if spec.aux_weight else None
    train, test = [], []
    for losses in loop.trained(spec, [spec.learning_rate], engine, feed, weight):
        train += losses
        test += evaluate(engine, held_out, weight, recipe, answers)["test_loss"]
    return train + test, engine.weights(0)


def at_start(case: Case) -> list[Weights]:
    """The weights that each run begins with."""
    return [initialised(spec).state_dict() for spec in case.specs]
