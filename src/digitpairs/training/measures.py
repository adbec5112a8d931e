"""What is measured of runs: losses, accuracies, read-outs."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from digitpairs.models.nets import Output
from digitpairs.recipe import Loss, Readout, Recipe
from digitpairs.training.data import Data
from digitpairs.training.engines.choose import Engine

TEST_BATCH = {"cpu": 200, "cuda": 1000}  # the fastest; changes no result but by rounding


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


def lesser_or_equal(output: Output, readout: Readout) -> Tensor:
    """Whether a net says that the first digit is lesser than or equal to the second: (...,) bool.

    Without the head, siamese nets answer by their two most probable digits (`argmax`), or by the
    probability of the digits that answer so (`posterior`).
    """
    if output.digits is None or readout == "head":
        return output.answer.argmax(-1) == 1
    if readout == "posterior":
        return posterior_lesser_or_equal(output.digits) > 0.5
    first, second = output.digits.argmax(-1).unbind(-1)
    return first <= second


def posterior_lesser_or_equal(digits: Tensor) -> Tensor:
    """P(first <= second) from digit logits (..., 2, 10), the two digits taken as independent."""
    first, _, at_least = posteriors(digits)
    return (first * at_least).sum(-1)


def posteriors(digits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """From digit logits (..., 2, 10) to probabilities (..., 10).

    Of the first digit's classes, of the second's, and that the second is at least so much.
    """
    first, second = digits.softmax(-1).unbind(-2)
    return first, second, second.flip(-1).cumsum(-1).flip(-1)


@torch.no_grad()
def evaluate(
    engine: Engine, data: Data, aux_weights: Tensor | None, recipe: Recipe
) -> dict[str, list[float]]:
    """Measure loss, accuracy and, for siamese nets, the digits and two read-outs without the head.

    `test_accuracy` is that of the recipe's read-out. A value a run. Leaves the engine in eval mode.
    """
    engine.train(False)
    batches = zip(*(t.split(TEST_BATCH[t.device.type], 1) for t in data.inputs), strict=True)
    answers, digits = zip(*(engine(*batch) for batch in batches), strict=True)
    output = Output(torch.cat(answers, 1), None if digits[0] is None else torch.cat(digits, 1))
    truth = data.target == 1
    right = {"test_accuracy": lesser_or_equal(output, recipe.readout) == truth}
    if output.digits is not None:
        right["digit_accuracy"] = (output.digits.argmax(-1) == data.digits).flatten(1)
        right["argmax_accuracy"] = lesser_or_equal(output, "argmax") == truth
        right["posterior_accuracy"] = lesser_or_equal(output, "posterior") == truth
    # Counted in float64, so that 857 right of 1,000 is 0.857 and not its float32 neighbour.
    shares = {name: correct.double().mean(1).tolist() for name, correct in right.items()}
    return {"test_loss": losses(output, data, aux_weights, recipe.loss).tolist(), **shares}
