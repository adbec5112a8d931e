"""What is measured of runs: losses, accuracies, read-outs."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from digitpairs.models.nets import Output
from digitpairs.pairs.target import Answers
from digitpairs.recipe import Loss, Readout, Recipe
from digitpairs.training.data import Data
from digitpairs.training.engines.choose import Engine

# Pairs of a run that are tested together; changes no result but by rounding. On a CPU the fastest;
# on a GPU fewer the more runs are side by side, so that they fit its memory.
TEST_BATCH = {"cpu": 200, "cuda": 1000}
MOST_ON_GPU = 20_000  # pairs of all runs together


def tested_together(device: str, runs: int) -> int:
    """Say how many pairs of each of so many runs are tested together."""
    most = TEST_BATCH[device]
    return min(most, max(1, MOST_ON_GPU // runs)) if device == "cuda" else most


def losses(output: Output, data: Data, aux_weights: Tensor | None, kind: Loss) -> Tensor:
    """Cross-entropy of the answer plus aux_weight * (digit 1 + digit 2) of each run: (R,).

    Source: the paper, auxiliary loss. With `digits_only` it is that of digit 1 + digit 2.
    """
    runs = len(data.target)

    def mean(logits: Tensor, classes: Tensor) -> Tensor:
        each = cross_entropy(
            logits.flatten(0, -2),
            classes.flatten(),
            reduction="none",
            label_smoothing=kind.label_smoothing,
        )
        return each.view(runs, -1).mean(1)

    if kind.digits_only and output.digits is not None:
        return 2 * mean(output.digits, data.digits)
    total = mean(output.answer, data.target)
    if output.digits is None or aux_weights is None:
        return total
    return total + aux_weights * (2 * mean(output.digits, data.digits))


def says_yes(output: Output, readout: Readout, answers: Answers) -> Tensor:
    """Whether a net says yes, in the paper that the first digit is at most the second: (...,) bool.

    Without the head, siamese nets answer by their two most probable digits (`argmax`), or by the
    probability of the digits whose answer is yes (`posterior`).
    """
    if output.digits is None or readout == "head":
        return output.answer.argmax(-1) == 1
    if readout == "posterior":
        return posterior_yes(output.digits, answers) > 0.5
    first, second = output.digits.argmax(-1).unbind(-1)
    return torch.from_numpy(answers).to(first.device)[first, second]


def posterior_yes(digits: Tensor, answers: Answers) -> Tensor:
    """P(yes) from digit logits (..., 2, classes), the two digits taken as independent."""
    first, _, yes = posteriors(digits, answers)
    return (first * yes).sum(-1)


def posteriors(digits: Tensor, answers: Answers) -> tuple[Tensor, Tensor, Tensor]:
    """From digit logits (..., 2, classes) to probabilities (..., classes).

    Of the first digit's classes, of the second's, and that the second is one to which the answer is
    yes where the first is of this class.
    """
    first, second = digits.softmax(-1).unbind(-2)
    if np.array_equal(answers, np.triu(np.ones_like(answers))):  # it is at least the first
        return first, second, second.flip(-1).cumsum(-1).flip(-1)
    chosen = torch.from_numpy(answers).to(second)
    return first, second, (second[..., None, :] * chosen).sum(-1)


@torch.no_grad()
def evaluate(
    engine: Engine, data: Data, aux_weights: Tensor | None, recipe: Recipe, answers: Answers
) -> dict[str, list[float]]:
    """Measure loss, accuracy and, for siamese nets, the digits and two read-outs without the head.

    `test_accuracy` is that of the recipe's read-out. A value a run. Leaves the engine in eval mode.
    """
    engine.train(False)
    size = tested_together(data.target.device.type, len(data.target))
    batches = zip(*(t.split(size, 1) for t in data.inputs), strict=True)
    given, digits = zip(*(engine(*batch) for batch in batches), strict=True)
    output = Output(torch.cat(given, 1), None if digits[0] is None else torch.cat(digits, 1))
    truth = data.target == 1
    right = {"test_accuracy": says_yes(output, recipe.readout, answers) == truth}
    if output.digits is not None:
        right["digit_accuracy"] = (output.digits.argmax(-1) == data.digits).flatten(1)
        right["argmax_accuracy"] = says_yes(output, "argmax", answers) == truth
        right["posterior_accuracy"] = says_yes(output, "posterior", answers) == truth
    # Counted in float64, so that 857 right of 1,000 is 0.857 and not its float32 neighbour.
    shares = {name: correct.double().mean(1).tolist() for name, correct in right.items()}
    return {"test_loss": losses(output, data, aux_weights, recipe.loss).tolist(), **shares}
