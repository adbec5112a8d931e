"""What is measured once, after a run's last epoch: over far more pairs than a seed's test set.

A seed's 1,000 test pairs leave a standard error of about .01. All test digits leave a far smaller
one, and the pairs are the same for all runs. Each measure is a count of pairs, divided in float64:

- `all_pairs_argmax_accuracy`, `all_pairs_posterior_accuracy`: the two read-outs without the head
  (measures.py) of a siamese net, over all ordered pairs of distinct test digits;
- `many_pairs_head_accuracy`: the head of a siamese net, each digit with the next 20 of the ring,
  or with the next one alone where the head is not as the paper's;
- `many_pairs_accuracy`: the answer that counts. Of a naive net, each digit with the next one of
  the ring; of a siamese net, whichever of the three above its recipe names.

Of a fold whose net answers by its digits, the two read-outs are measured over all ordered pairs of
the digits that it held out: far more than the fold has.

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
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.pool import Pool
from digitpairs.pairs.target import Answers, answers_of
from digitpairs.spec import RunSpec
from digitpairs.training.engines.choose import Engine
from digitpairs.training.measures import tested_together
from digitpairs.training.preprocess import Fitted
from digitpairs.training.tally import Labels, right_by_argmax, right_by_head, right_by_posterior

HEAD_STEPS = 20  # a head sees each digit with so many others
RING_SEED = 14  # of the order of the ring: no run's

Pixels = npt.NDArray[np.uint16]  # of digits, (n, channels, side, side)
Pairing = Callable[[Tensor], Tensor]  # from digits (R, m, ...) to pairs (R, n, 2, ...)


@torch.no_grad()
def final_measures(
    engine: Engine,
    net: nn.Module,
    specs: Sequence[RunSpec],
    digits: Pool,
    prepare: Sequence[Fitted],
    runs: Sequence[int],
) -> dict[int, dict[str, float]]:
    """Measure those of an engine's runs that `runs` names by their places: measures by place.

    `net` is one of the nets. `prepare` turns pixels into what each run's net sees.
    Leaves the engine in eval mode.
    """
    engine.train(False)
    in_ring = digits.take(ring(len(digits)))
    model = specs[0].model
    siamese, names, answers = family_of(model).siamese, usual_head(net), answers_of(model.task)
    by_next = {} if names else right_answers(engine, in_ring, prepare, answers, runs)
    if not siamese:
        return {run: {"many_pairs_accuracy": by_next[run]} for run in runs}
    logits = digit_logits(engine, [in_ring.pixels] * len(specs), prepare, model.shared)
    measures = {}
    for run in runs:
        found = by_digits(logits[run], in_ring.labels, answers)
        found["many_pairs_head_accuracy"] = (
            by_next[run]
            if not names
            else by_head(logits[run], in_ring.labels, answers, of_head(engine, run, names))
        )
        readout = specs[run].recipe.readout
        counting = "many_pairs_head" if readout == "head" else f"all_pairs_{readout}"
        measures[run] = {"many_pairs_accuracy": found[f"{counting}_accuracy"], **found}
    return measures


@torch.no_grad()
def fold_measures(
    engine: Engine,
    specs: Sequence[RunSpec],
    held_out: Sequence[PairSet],
    prepare: Sequence[Fitted],
    runs: Sequence[int],
) -> dict[int, dict[str, float]]:
    """Measure those of an engine's folds that `runs` names by their places: measures by place.

    A net that answers by a head has none. Leaves the engine in eval mode.
    """
    model, readout = specs[0].model, specs[0].recipe.readout
    if readout == "head":
        return {}
    engine.train(False)
    pixels = [pairs.pixels.reshape(-1, *pairs.pixels.shape[2:]) for pairs in held_out]
    logits = digit_logits(engine, pixels, prepare, model.shared)
    measures = {}
    for run in runs:
        found = by_digits(logits[run], held_out[run].digits.ravel(), answers_of(model.task))
        measures[run] = {"many_pairs_accuracy": found[f"all_pairs_{readout}_accuracy"], **found}
    return measures


def of_head(engine: Engine, run: int, names: Sequence[str]) -> list[Tensor]:
    """Copy the weights of a run that bear these names."""
    weights = engine.weights(run)
    return [weights[name] for name in names]


def usual_head(net: nn.Module) -> list[str]:
    """Name the four tensors of a net's head where it is as the paper's; nothing where it is not."""
    head: Any = getattr(net, "head", None)
    layers = list(head) if isinstance(head, nn.Sequential) else []
    kinds = [type(layer) for layer in layers if not isinstance(layer, nn.Flatten)]
    names = [f"head.{name}" for name, _ in head.named_parameters()] if layers else []
    return names if kinds == [nn.Linear, nn.ReLU, nn.Linear] and len(names) == 4 else []


def ring(count: int) -> npt.NDArray[np.int64]:
    """Draw the order of so many digits: the same for all runs."""
    return np.random.default_rng(RING_SEED).permutation(count)


def right_answers(
    engine: Engine,
    digits: Pool,
    prepare: Sequence[Fitted],
    answers: Answers,
    runs: Sequence[int],
) -> dict[int, float]:
    """Share of the pairs of each digit and the next one that nets answer right, by run."""
    around = digits.pixels[np.arange(len(digits) + 1) % len(digits)]
    outputs = passed(
        engine, [around] * len(prepare), prepare, lambda x: x.unfold(1, 2, 1).movedim(-1, 2), 1, 1
    )
    given = torch.cat([output.answer.argmax(-1) for output in outputs], 1).cpu().numpy()
    target = answers[digits.labels, np.roll(digits.labels, -1)]
    return {run: int(np.sum(given[run] == target)) / len(target) for run in runs}


def digit_logits(
    engine: Engine, digits: Sequence[Pixels], prepare: Sequence[Fitted], shared: bool
) -> list[Tensor]:
    """What the branches make of each run's digits on either side: (n, 2, classes) on the CPU.

    With weight sharing a digit goes through on one side: the other side would be the same.
    """
    count = len(digits[0])
    if shared:
        places = np.arange(count + count % 2) % count
        even = [own[places] for own in digits]
        outputs = passed(engine, even, prepare, lambda x: x.unflatten(1, (-1, 2)), 2, 0)
        sides = [output.digits.flatten(1, 2) for output in outputs if output.digits is not None]
        one = torch.cat(sides, 1)[:, :count].cpu()
        return list(torch.stack([one, one], 2))
    outputs = passed(engine, digits, prepare, lambda x: torch.stack([x, x], 2), 1, 0)
    both = [output.digits for output in outputs if output.digits is not None]
    return list(torch.cat(both, 1).cpu())


def passed(
    engine: Engine,
    digits: Sequence[Pixels],
    prepare: Sequence[Fitted],
    pairing: Pairing,
    step: int,
    overlap: int,
) -> list[Output]:
    """Pass each run's digits forward in batches.

    Each pair takes `step` digits more; the last one overlaps.
    """
    like = engine.parameters[0]
    size = step * tested_together(like.device.type, len(prepare))
    outputs = []
    for start in range(0, len(digits[0]) - overlap, size):
        rows = slice(start, start + size + overlap)
        seen = [of_run(own[rows]) for of_run, own in zip(prepare, digits, strict=True)]
        images = torch.from_numpy(np.stack(seen)).to(like)
        outputs.append(engine(*engine.inputs(pairing(images).contiguous())))
    return outputs


def by_digits(logits: Tensor, labels: Labels, answers: Answers) -> dict[str, float]:
    """Measure the read-outs without a head, from logits (n, 2, classes) of digits."""
    pairs = len(labels) * (len(labels) - 1)
    return {
        "all_pairs_argmax_accuracy": right_by_argmax(logits, labels, answers) / pairs,
        "all_pairs_posterior_accuracy": right_by_posterior(logits, labels, answers) / pairs,
    }


def by_head(logits: Tensor, labels: Labels, answers: Answers, head: Sequence[Tensor]) -> float:
    """Measure a head as the paper's, from logits (n, 2, classes) of digits in the ring's order."""
    steps = min(HEAD_STEPS, len(labels) - 1)
    return right_by_head(logits, labels, answers, head, steps) / (steps * len(labels))
