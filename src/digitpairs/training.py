"""Trains one run and records every epoch.

On full MNIST and over 15 seeds this attains the paper's Table 3 within 0.015: the measured
means and run times stand in README.md, "Results".
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from digitpairs.models import Output, build
from digitpairs.pairs import PairSet, normalised
from digitpairs.spec import RunSpec

TEST_BATCH = 200  # the fastest on a CPU; changes no result but by rounding
INIT_STREAM, SHUFFLE_STREAM = 0, 1


@dataclass(frozen=True)
class History:
    """One list per measure, one value per epoch, and whether the run `finished` or `diverged`."""

    status: Literal["finished", "diverged"]
    epochs: dict[str, list[float]]


@dataclass(frozen=True)
class Tensors:
    """Pairs (n, 2, 14, 14), normalised; target (n,); digit classes (n, 2)."""

    pairs: Tensor
    target: Tensor
    digits: Tensor


def generator(spec: RunSpec, stream: int) -> torch.Generator:
    """Make a generator that depends on the run's seed and fold alone: on no other run or block."""
    fold = 0 if spec.fold is None else spec.fold + 1
    state = np.random.SeedSequence([spec.seed, fold, stream]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0] >> 1))


def loss(output: Output, target: Tensor, digits: Tensor, aux_weight: float) -> Tensor:
    """Cross-entropy of the answer plus aux_weight * (digit 1 + digit 2) (paper, auxiliary loss)."""
    total = cross_entropy(output.answer, target)
    if output.digits is not None and aux_weight:
        first, second = output.digits.unbind(1)
        auxiliary = cross_entropy(first, digits[:, 0]) + cross_entropy(second, digits[:, 1])
        total = total + aux_weight * auxiliary
    return total


def posterior_lesser_or_equal(digits: Tensor) -> Tensor:
    """P(first <= second) from digit logits (n, 2, 10), the two digits taken as independent."""
    first, second = digits.softmax(-1).unbind(1)
    at_least = second.flip(-1).cumsum(-1).flip(-1)
    return (first * at_least).sum(-1)


@torch.no_grad()
def evaluate(model: nn.Module, data: Tensors, aux_weight: float) -> dict[str, float]:
    """Measure loss, accuracy and, for siamese nets, the digits and two read-outs without the head.

    `argmax_accuracy` compares the two most probable digits, `posterior_accuracy` sums the digit
    posteriors P(first <= second). Leaves the model in eval mode.
    """
    model.eval()
    outputs = [model(batch) for batch in data.pairs.split(TEST_BATCH)]
    output = Output(
        torch.cat([part.answer for part in outputs]),
        None if outputs[0].digits is None else torch.cat([part.digits for part in outputs]),
    )
    answers = {"test_accuracy": output.answer.argmax(-1) == data.target}
    if output.digits is not None:
        guess = output.digits.argmax(-1)
        answers["digit_accuracy"] = guess == data.digits
        answers["argmax_accuracy"] = (guess[:, 0] <= guess[:, 1]) == data.target
        answers["posterior_accuracy"] = (
            posterior_lesser_or_equal(output.digits) > 0.5
        ) == data.target
    measured = {"test_loss": float(loss(output, data.target, data.digits, aux_weight))}
    # Counted in float64, so that 857 right of 1,000 is 0.857 and not its float32 neighbour.
    return measured | {name: float(right.double().mean()) for name, right in answers.items()}


def tensors(pairs: PairSet, images: np.ndarray, device: str, channels_last: bool) -> Tensors:
    """Move a pair set to the device once; oneDNN's convolutions are faster channels last."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return Tensors(
        torch.from_numpy(images).to(device, memory_format=layout),
        torch.from_numpy(pairs.target).to(device),
        torch.from_numpy(pairs.digits).to(device),
    )


def train(spec: RunSpec, train_set: PairSet, test_set: PairSet, device: str = "cpu") -> History:
    """Train one run with Adam and measure it after every epoch.

    Uses one CPU thread whatever the machine offers: the order of additions, and with it the last
    bits, would depend on it. Ends early, and says so, when a loss is no longer finite.
    """
    torch.set_num_threads(1)
    train_images, test_images = normalised(train_set, test_set)
    data = tensors(train_set, train_images, device, spec.model.convolutional)
    held_out = tensors(test_set, test_images, device, spec.model.convolutional)

    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(generator(spec, INIT_STREAM).get_state())
        model = build(spec.model)
    if spec.model.convolutional:
        model = model.to(memory_format=torch.channels_last)
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=spec.learning_rate, fused=True)
    shuffler = generator(spec, SHUFFLE_STREAM)

    epochs: list[dict[str, float]] = []
    for epoch in range(spec.epochs):
        if epoch == 0 or spec.batchnorm == "standard":
            model.train()
        order = torch.arange(len(train_set))
        if spec.shuffle:
            order = torch.randperm(len(train_set), generator=shuffler)
        total = torch.zeros((), dtype=torch.float64, device=device)
        for batch in order.to(device).split(spec.batch_size):
            objective = loss(
                model(data.pairs[batch]), data.target[batch], data.digits[batch], spec.aux_weight
            )
            optimizer.zero_grad()
            objective.backward()
            optimizer.step()
            total += objective.detach() * len(batch)
        measured = {"train_loss": float(total) / len(train_set)}
        measured |= evaluate(model, held_out, spec.aux_weight)
        epochs.append(measured)
        if not np.isfinite([measured["train_loss"], measured["test_loss"]]).all():
            return History("diverged", columns(epochs))
    return History("finished", columns(epochs))


def columns(epochs: list[dict[str, float]]) -> dict[str, list[float]]:
    """Turn one dict an epoch into one list a measure."""
    return {name: [epoch[name] for epoch in epochs] for name in epochs[0]}
