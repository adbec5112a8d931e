"""What is measured once, after a run's last epoch: over far more pairs than a seed's test set.

A seed's 1,000 test pairs leave a standard error of about .01. All test digits leave a far smaller
one, and the pairs are the same for all runs. Each measure is a count of pairs, divided in float64:

- `all_pairs_argmax_accuracy`, `all_pairs_posterior_accuracy`: the two read-outs without the head
  (measures.py) of a siamese net, over all ordered pairs of distinct test digits;
- `many_pairs_head_accuracy`: the head of a siamese net, each digit with the next 20 of the ring;
- `many_pairs_accuracy`: the answer that counts. Of a naive net, each digit with the next one of
  the ring; of a siamese net, whichever of the three above its recipe names.

The ring holds all test digits in an order drawn once for all runs. So n digits are n pairs for a
naive net and 20 n for a head, and each digit stands as often first as second.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from digitpairs.models.nets import Output
from digitpairs.models.registry import family_of
from digitpairs.pairs.pool import Pool
from digitpairs.pairs.sizes import CLASSES
from digitpairs.spec import RunSpec
from digitpairs.training.engines import counts
from digitpairs.training.engines.choose import Engine
from digitpairs.training.measures import TEST_BATCH, posteriors
from digitpairs.training.preprocess import Fitted

HEAD_STEPS = 20  # a head sees each digit with so many others
RING_SEED = 14  # of the order of the ring: no run's

Labels = npt.NDArray[np.int64]  # of digits, in the ring's order
Probabilities = npt.NDArray[np.float32]  # (n, 10)
Pairing = Callable[[Tensor], Tensor]  # from digits (R, m, 14, 14) to pairs (R, n, 2, 14, 14)


@torch.no_grad()
def final_measures(
    engine: Engine,
    specs: Sequence[RunSpec],
    digits: Pool,
    prepare: Sequence[Fitted],
    runs: Sequence[int],
) -> dict[int, dict[str, float]]:
    """Measure those of an engine's runs that `runs` names by their places: measures by place.

    `prepare` turns pixels (..., 14, 14) into what each run's net sees. Leaves the engine in eval
    mode.
    """
    engine.train(False)
    in_ring = digits.take(ring(len(digits)))
    if not family_of(specs[0].model).siamese:
        answers = naive_answers(engine, in_ring, prepare)
        return {run: naive(answers[run], in_ring.labels) for run in runs}
    logits = digit_logits(engine, in_ring, prepare, specs[0].model.shared)
    return {
        run: siamese(logits[run], in_ring.labels, engine.trained(run), specs[run].recipe.readout)
        for run in runs
    }


def ring(count: int) -> npt.NDArray[np.int64]:
    """Draw the order of so many digits: the same for all runs."""
    return np.random.default_rng(RING_SEED).permutation(count)


def naive_answers(engine: Engine, digits: Pool, prepare: Sequence[Fitted]) -> Tensor:
    """What naive nets say of each digit and the next one, 1 for "lesser or equal": (R, n)."""
    around = digits.take(np.arange(len(digits) + 1) % len(digits))
    outputs = passed(engine, around, prepare, lambda x: x.unfold(1, 2, 1).movedim(-1, 2), 1, 1)
    return torch.cat([output.answer.argmax(-1) for output in outputs], 1).cpu()


def naive(answers: Tensor, labels: Labels) -> dict[str, float]:
    """Measure a naive net by its answers (n,)."""
    target = labels <= np.roll(labels, -1)
    return {"many_pairs_accuracy": int(np.sum(answers.numpy() == target)) / len(labels)}


def digit_logits(
    engine: Engine, digits: Pool, prepare: Sequence[Fitted], shared: bool
) -> list[Tensor]:
    """What the branches make of each digit on either side: of each run, (n, 2, 10) on the CPU.

    With weight sharing a digit goes through on one side: the other side would be the same.
    """
    count = len(digits)
    if shared:
        even = digits.take(np.arange(count + count % 2) % count)
        outputs = passed(engine, even, prepare, lambda x: x.unflatten(1, (-1, 2)), 2, 0)
        sides = [output.digits.flatten(1, 2) for output in outputs if output.digits is not None]
        one = torch.cat(sides, 1)[:, :count].cpu()
        return list(torch.stack([one, one], 2))
    outputs = passed(engine, digits, prepare, lambda x: torch.stack([x, x], 2), 1, 0)
    both = [output.digits for output in outputs if output.digits is not None]
    return list(torch.cat(both, 1).cpu())


def passed(
    engine: Engine,
    digits: Pool,
    prepare: Sequence[Fitted],
    pairing: Pairing,
    step: int,
    overlap: int,
) -> list[Output]:
    """Pass digits forward in batches; each pair takes `step` digits more, the last one overlaps."""
    like = engine.parameters[0]
    size = step * TEST_BATCH[like.device.type]
    outputs = []
    for start in range(0, len(digits) - overlap, size):
        pixels = digits.pixels[start : start + size + overlap]
        images = torch.from_numpy(np.stack([own(pixels) for own in prepare])).to(like)
        outputs.append(engine(*engine.inputs(pairing(images).contiguous())))
    return outputs


def siamese(logits: Tensor, labels: Labels, net: Any, readout: str) -> dict[str, float]:
    """Measure a siamese net from its logits (n, 2, 10) of digits in the ring's order."""
    pairs = len(labels) * (len(labels) - 1)
    measures = {
        "all_pairs_argmax_accuracy": right_by_argmax(logits, labels) / pairs,
        "all_pairs_posterior_accuracy": right_by_posterior(logits, labels) / pairs,
    }
    head = getattr(net, "head", None)
    if head:
        steps = min(HEAD_STEPS, len(labels) - 1)
        right = right_by_head(logits, labels, head, steps)
        measures["many_pairs_head_accuracy"] = right / (steps * len(labels))
    counting = "many_pairs_head" if readout == "head" else f"all_pairs_{readout}"
    return {"many_pairs_accuracy": measures[f"{counting}_accuracy"], **measures}


def right_by_argmax(logits: Tensor, labels: Labels) -> int:
    """Count ordered pairs of distinct digits that the most probable classes put right."""
    classes = np.arange(CLASSES)
    at_most = classes[:, None] <= classes
    guesses = logits.argmax(-1).numpy()
    tables = []  # digits by guess and label, of each side
    for side in (0, 1):
        table = np.zeros((CLASSES, CLASSES), np.int64)
        np.add.at(table, (guesses[:, side], labels), 1)
        tables.append(table)
    first, second = tables
    right = 0
    for same in (at_most, ~at_most):  # of the guesses, and of the labels
        right += int(np.sum((first.T @ same @ second) * same))
    return right - int(np.sum(guesses[:, 0] <= guesses[:, 1]))  # without a digit and itself


def right_by_posterior(logits: Tensor, labels: Labels) -> int:
    """Count ordered pairs of distinct digits that P(first <= second) > 1/2 puts right.

    Probabilities are in float32, their sum of products is exact but for float64's rounding.
    """
    first, second, at_least = (part.numpy() for part in posteriors(logits.float()))
    # Digits that are alike lie together, so that the bounds of a block are tight.
    order = np.lexsort((second @ np.arange(CLASSES, dtype=second.dtype), second.argmax(1)))
    at_least, others = at_least[order], labels[order]
    starts = np.arange(0, len(labels), counts.BLOCK)
    bounds = (np.minimum.reduceat(at_least, starts), np.maximum.reduceat(at_least, starts))
    above = np.add.reduceat((others[:, None] >= np.arange(CLASSES)).astype(np.int64), starts)
    columns, least, most, above = (
        np.ascontiguousarray(rows.T) for rows in (at_least, *bounds, above)
    )
    first = np.ascontiguousarray(first)
    right: int = counts.right_by_posterior(first, labels, columns, others, least, most, above)
    return right - int(np.sum(with_itself(first, at_least[np.argsort(order)]) > 0.5))


def with_itself(first: Probabilities, at_least: Probabilities) -> npt.NDArray[np.float64]:
    """P(first <= second) of each digit beside itself, as the kernel sums it."""
    total = np.zeros(len(first))
    for k in range(CLASSES):
        total += first[:, k].astype(np.float64) * at_least[:, k]
    return total


def right_by_head(logits: Tensor, labels: Labels, head: Any, steps: int) -> int:
    """Count the pairs of each digit and its next `steps` in the ring that a head puts right.

    The first layer of the usual head takes either digit by itself, and adds.
    """
    first, second = logits.unbind(1)
    if not is_usual(head):
        answers = [
            head(torch.cat([first, second.roll(-step, 0)], 1)) for step in range(1, steps + 1)
        ]
        targets = [labels <= np.roll(labels, -step) for step in range(1, steps + 1)]
        said = [answer.argmax(-1).numpy() for answer in answers]
        return int(np.sum(np.stack(said) == np.stack(targets)))
    hidden, last = head[0], head[2]
    around = np.arange(len(labels) + steps) % len(labels)
    of_first, of_second = hidden.weight.split(CLASSES, 1)
    u = of_first @ first.T + hidden.bias[:, None]
    v = of_second @ second[around].T
    weight, bias = (part[1] - part[0] for part in (last.weight, last.bias))
    of_first, of_second, weights, level = (part.numpy() for part in (u, v, weight, bias))
    right: int = counts.right_by_head(
        of_first, of_second, weights, level[()], labels[around], steps
    )
    return right


def is_usual(head: Any) -> bool:
    """Whether a head is that of the paper: one hidden layer."""
    return (
        [type(layer) for layer in head] == [nn.Linear, nn.ReLU, nn.Linear]
        and head[0].bias is not None
        and head[2].bias is not None
    )
