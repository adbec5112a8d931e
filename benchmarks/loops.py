"""The two training loops that `digitpairs.training` is compared with, one run at a time.

Both train the same net from the same initial weights on the same pairs, and measure the same
after each epoch. They differ as their docstrings say.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from digitpairs.models.nets import Output
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.target import answers_of
from digitpairs.spec import PAPERS_TASK, RunSpec
from digitpairs.training.measures import posterior_yes
from digitpairs.training.preprocess import fitted
from digitpairs.training.streams import SHUFFLE_STREAM, generator, initialised

Measures = list[dict[str, float]]  # one dict an epoch


@dataclass(frozen=True)
class Data:
    """Pairs (n, 2, 14, 14), target (n,) and digit classes (n, 2)."""

    pairs: Tensor
    target: Tensor
    digits: Tensor


def reference(spec: RunSpec, sets: dict[str, PairSet]) -> Measures:
    """Train as the paper's authors did.

    Modules and images in torch's default layout, slices of a batch in fixed order, torch's Adam a
    parameter at a time, and the test in slices of a batch.
    """
    model = initialised(spec)
    data, held_out = tensors(sets, torch.contiguous_format)
    adam = torch.optim.Adam(model.parameters(), spec.learning_rate, foreach=False, fused=False)
    measures = []
    for _ in range(spec.epochs):
        model.train()
        total = 0.0
        for start in range(0, spec.train_pairs, spec.batch_size):
            rows = slice(start, start + spec.batch_size)
            loss = step(model, adam, data, rows, spec.aux_weight)
            total += loss.item() * spec.batch_size
        measured = evaluate(model, held_out, spec.aux_weight, spec.batch_size)
        measures.append({"train_loss": total / spec.train_pairs, **measured})
    return measures


def plain_fast(spec: RunSpec, sets: dict[str, PairSet]) -> Measures:
    """Train as fast as plain modules can.

    ConvNets in channels_last, fused Adam, a new order of the pairs each epoch, and the test in
    batches of 200.
    """
    layout = torch.channels_last if spec.model.channels else torch.contiguous_format
    model = initialised(spec).to(memory_format=layout)
    data, held_out = tensors(sets, layout)
    adam = torch.optim.Adam(model.parameters(), spec.learning_rate, fused=True)
    shuffler = generator(spec, SHUFFLE_STREAM)
    measures = []
    for _ in range(spec.epochs):
        model.train()
        total = torch.zeros((), dtype=torch.float64)
        for rows in torch.randperm(spec.train_pairs, generator=shuffler).split(spec.batch_size):
            total += step(model, adam, data, rows, spec.aux_weight) * len(rows)
        measured = evaluate(model, held_out, spec.aux_weight, 200)
        measures.append({"train_loss": total.item() / spec.train_pairs, **measured})
    return measures


def tensors(sets: dict[str, PairSet], layout: torch.memory_format) -> tuple[Data, Data]:
    """Normalise train and test pairs, once a run, and make tensors of them."""
    prepare, answers = fitted("none", sets["train"].pixels), answers_of(PAPERS_TASK)
    train, test = (
        Data(
            torch.from_numpy(prepare(pairs.pixels)).flatten(1, 2).contiguous(memory_format=layout),
            torch.from_numpy(pairs.target(answers)),
            torch.from_numpy(pairs.digits),
        )
        for pairs in (sets["train"], sets["test"])
    )
    return train, test


def step(
    model: nn.Module,
    adam: torch.optim.Adam,
    data: Data,
    rows: Tensor | slice,
    aux_weight: float,
) -> Tensor:
    """Take one step on some pairs; return their loss."""
    output = model(data.pairs[rows])
    loss = objective(output, data.target[rows], data.digits[rows], aux_weight)
    adam.zero_grad()
    loss.backward()
    adam.step()
    return loss.detach()


def objective(output: Output, target: Tensor, digits: Tensor, aux_weight: float) -> Tensor:
    """Cross-entropy of the answer plus aux_weight * (digit 1 + digit 2)."""
    total = cross_entropy(output.answer, target)
    if output.digits is None or not aux_weight:
        return total
    sides = (cross_entropy(output.digits[:, side], digits[:, side]) for side in (0, 1))
    return total + aux_weight * sum(sides)


@torch.no_grad()
def evaluate(model: nn.Module, data: Data, aux_weight: float, batch: int) -> dict[str, float]:
    """Measure what `digitpairs.training.measures.evaluate` measures."""
    model.eval()
    answers, digits = zip(*map(model, data.pairs.split(batch)), strict=True)
    output = Output(torch.cat(answers), None if digits[0] is None else torch.cat(digits))
    right = {"test_accuracy": output.answer.argmax(1) == data.target}
    if output.digits is not None:
        guess = output.digits.argmax(2)
        right["digit_accuracy"] = guess == data.digits
        right["argmax_accuracy"] = (guess[:, 0] <= guess[:, 1]) == data.target
        at_most = posterior_yes(output.digits, answers_of(PAPERS_TASK)) > 0.5
        right["posterior_accuracy"] = at_most == data.target
    loss = objective(output, data.target, data.digits, aux_weight).item()
    return {"test_loss": loss, **{name: of.double().mean().item() for name, of in right.items()}}
