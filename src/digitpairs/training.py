"""Trains runs and records every epoch.

On full MNIST and over 15 seeds this attains the paper's Table 3 within 0.015: the measured
means and run times stand in README.md, "Results".
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from digitpairs.adam import Adam
from digitpairs.forms import Form, Plain, form_of
from digitpairs.graphs import Replayed
from digitpairs.models import Output, build
from digitpairs.pairs import PairSet, for_run, normalised
from digitpairs.spec import RunSpec
from digitpairs.stacked import Stacked

STACK = {"cpu": 15, "cuda": 60}  # runs side by side, at most; changes no result
TEST_BATCH = {"cpu": 200, "cuda": 1000}  # the fastest; changes no result but by rounding
INIT_STREAM, SHUFFLE_STREAM = 0, 1

Sets = Mapping[int, dict[str, PairSet]]  # by seed


@dataclass(frozen=True)
class History:
    """One list per measure, one value per epoch, and whether the run `finished` or `diverged`."""

    status: Literal["finished", "diverged"]
    epochs: dict[str, list[float]]


@dataclass(frozen=True)
class Data:
    """Pairs of R runs: what their form takes of each, target (R, n), digit classes (R, n, 2)."""

    inputs: tuple[Tensor, ...]
    target: Tensor
    digits: Tensor

    def take(self, rows: Tensor) -> "Data":
        """Take the pairs at rows (R, m), of each run its own."""
        runs, count = self.target.shape
        flat = (rows + count * torch.arange(runs, device=rows.device)[:, None]).flatten()

        def taken(tensor: Tensor) -> Tensor:
            chosen = tensor.flatten(0, 1).index_select(0, flat)
            return chosen.view(*rows.shape, *tensor.shape[2:])

        return Data(tuple(map(taken, self.inputs)), taken(self.target), taken(self.digits))


def generator(spec: RunSpec, stream: int) -> torch.Generator:
    """Make a generator that depends on the run's seed and fold alone: on no other run or block."""
    fold = 0 if spec.fold is None else spec.fold + 1
    state = np.random.SeedSequence([spec.seed, fold, stream]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0] >> 1))


def initialised(spec: RunSpec) -> nn.Module:
    """Build a run's net with its own initial weights."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(generator(spec, INIT_STREAM).get_state())
        return build(spec.model)


def losses(output: Output, data: Data, aux_weights: Tensor | None) -> Tensor:
    """Cross-entropy of the answer plus aux_weight * (digit 1 + digit 2) of each run: (R,).

    Source: the paper, auxiliary loss.
    """
    runs = len(data.target)

    def mean(logits: Tensor, classes: Tensor) -> Tensor:
        each = cross_entropy(logits.flatten(0, -2), classes.flatten(), reduction="none")
        return each.view(runs, -1).mean(1)

    total = mean(output.answer, data.target)
    if output.digits is None or aux_weights is None:
        return total
    return total + aux_weights * (2 * mean(output.digits, data.digits))


def posterior_lesser_or_equal(digits: Tensor) -> Tensor:
    """P(first <= second) from digit logits (..., 2, 10), the two digits taken as independent."""
    first, second = digits.softmax(-1).unbind(-2)
    at_least = second.flip(-1).cumsum(-1).flip(-1)
    return (first * at_least).sum(-1)


@torch.no_grad()
def evaluate(form: Form, data: Data, aux_weights: Tensor | None) -> dict[str, list[float]]:
    """Measure loss, accuracy and, for siamese nets, the digits and two read-outs without the head.

    `argmax_accuracy` compares the two most probable digits, `posterior_accuracy` sums the digit
    posteriors P(first <= second). A value a run. Leaves the form in eval mode.
    """
    form.train(False)
    batches = zip(*(t.split(TEST_BATCH[t.device.type], 1) for t in data.inputs), strict=True)
    answers, digits = zip(*(form(*batch) for batch in batches), strict=True)
    output = Output(torch.cat(answers, 1), None if digits[0] is None else torch.cat(digits, 1))
    right = {"test_accuracy": output.answer.argmax(-1) == data.target}
    if output.digits is not None:
        guess = output.digits.argmax(-1)
        right["digit_accuracy"] = (guess == data.digits).flatten(1)
        right["argmax_accuracy"] = (guess[..., 0] <= guess[..., 1]) == data.target
        at_most = posterior_lesser_or_equal(output.digits) > 0.5
        right["posterior_accuracy"] = at_most == data.target
    # Counted in float64, so that 857 right of 1,000 is 0.857 and not its float32 neighbour.
    shares = {name: of_run.double().mean(1).tolist() for name, of_run in right.items()}
    return {"test_loss": losses(output, data, aux_weights).tolist(), **shares}


def data_of(
    form: Form, pairs: Sequence[PairSet], images: Sequence[np.ndarray], device: str
) -> Data:
    """Move the pairs of all runs to the device, once."""

    def moved(arrays: Sequence[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays)).to(device)

    return Data(
        form.inputs(moved(images)),
        moved([of_run.target for of_run in pairs]),
        moved([of_run.digits for of_run in pairs]),
    )


def likeness(spec: RunSpec) -> Hashable:
    """What runs have to share to be trained side by side: all but seed, fold and weights."""
    # Of folds of unequal size, the first ones are one pair longer.
    longer = spec.fold is not None and spec.fold < spec.train_pairs % (spec.folds or 1)
    alike = replace(
        spec, seed=0, fold=None, learning_rate=0.0, aux_weight=float(spec.aux_weight > 0)
    )
    return alike, longer


def most_together(spec: RunSpec, device: str) -> int:
    """How many runs like this one are trained side by side, at most."""
    return STACK[device] if form_of(build(spec.model), device) is Stacked else 1


@dataclass(frozen=True)
class Result:
    """Histories of runs trained side by side, and the name of the form that trained them."""

    histories: list[History]
    form: str

    @property
    def note(self) -> str:
        """What a user should know of the form."""
        return " (by its own modules: no faster form knows all its layers)" * (
            self.form == Plain.name
        )


def train(specs: Sequence[RunSpec], sets: Sets, device: str = "cpu") -> Result:
    """Train runs that are alike side by side with Adam; measure them after every epoch.

    Uses one CPU thread whatever the machine offers: the order of additions, and with it the last
    bits, would depend on it. A run whose loss is no longer finite has diverged, and ends there.
    """
    torch.set_num_threads(1)
    first = specs[0]
    models = [initialised(spec).to(device) for spec in specs]
    form: Form = form_of(models[0], device)(models)
    pairs = [for_run(sets[spec.seed], spec.seed, spec.folds, spec.fold) for spec in specs]
    images = [normalised(*of_run) for of_run in pairs]
    data, held_out = (
        data_of(form, [p[part] for p in pairs], [i[part] for i in images], device)
        for part in (0, 1)
    )
    count = data.target.shape[1]
    shufflers = [generator(spec, SHUFFLE_STREAM) for spec in specs]
    aux_weights = None
    if first.aux_weight:
        aux_weights = torch.tensor([spec.aux_weight for spec in specs], device=device)
    adam = Adam(form.parameters, [spec.learning_rate for spec in specs])

    def step(rows: Tensor) -> Tensor:
        batch = data.take(rows)
        of_run = losses(form(*batch.inputs), batch, aux_weights)
        adam.step(torch.autograd.grad(of_run.sum(), form.parameters, allow_unused=True))
        return of_run.detach().double() * rows.shape[1]

    take_step: Callable[[Tensor], Tensor] = step
    if device == "cuda" and isinstance(form, Stacked):  # of other layers, who knows
        take_step = Replayed(step, [*adam.state, *form.buffers], lambda: training)

    epochs: list[dict[str, list[float]]] = []
    for epoch in range(first.epochs):
        training = epoch == 0 or first.batchnorm == "standard"
        form.train(training)
        order = torch.arange(count).expand(len(specs), count)
        if first.shuffle:
            order = torch.stack([torch.randperm(count, generator=own) for own in shufflers])
        batches = order.to(device).split(first.batch_size, 1)
        total = torch.stack([take_step(rows) for rows in batches]).sum(0)
        epochs.append({"train_loss": (total / count).tolist()})
        epochs[-1] |= evaluate(form, held_out, aux_weights)
        if not any(is_sound(epochs, run) for run in range(len(specs))):
            break
    return Result([history(epochs, run) for run in range(len(specs))], form.name)


def is_sound(epochs: Sequence[Mapping[str, Sequence[float]]], run: int) -> bool:
    """Whether all losses of a run are finite."""
    names = ("train_loss", "test_loss")
    return bool(np.isfinite([epoch[name][run] for epoch in epochs for name in names]).all())


def history(epochs: Sequence[Mapping[str, Sequence[float]]], run: int) -> History:
    """Pick out a run, up to the epoch in which it diverged if it did."""
    sound = [is_sound(epochs[: epoch + 1], run) for epoch in range(len(epochs))]
    kept = epochs[: sum(sound) + 1]
    columns = {name: [epoch[name][run] for epoch in kept] for name in epochs[0]}
    return History("finished" if all(sound) else "diverged", columns)
