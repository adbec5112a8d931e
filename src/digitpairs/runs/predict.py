"""What a trained net says of pairs of digits that it has never seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from digitpairs.errors import UserError, quoted
from digitpairs.models.nets import Output
from digitpairs.pairs.target import answers_of
from digitpairs.recipe import Readout
from digitpairs.runs.weights import Weights
from digitpairs.spec import PAPERS_TASK, Task
from digitpairs.training.measures import posterior_yes, says_yes
from digitpairs.training.preprocess import Fitted


@dataclass(frozen=True)
class SeenDigit:
    """The digit that a siamese net takes an image for, and the probability that it gives it."""

    digit: int
    probability: float


@dataclass(frozen=True)
class Prediction:
    """What a net says of a pair: P(first <= second), and of a siamese net the two digits.

    `lesser_or_equal` is by the run's read-out; that of `argmax` is 0 or 1.
    """

    lesser_or_equal: float
    digits: tuple[SeenDigit, SeenDigit] | None

    @property
    def answer(self) -> bool:
        """Whether the first digit is taken to be lesser than or equal to the second."""
        return self.lesser_or_equal >= 0.5


@torch.inference_mode()
def predict(weights: Weights, images: Sequence[npt.NDArray[np.uint16]]) -> list[Prediction]:
    """Compare the first image with the second, the third with the fourth, and so on.

    `images` are pixels (14, 14), 0 to 1,020, an even number of them. Raises UserError for another
    number, and for weights that give no numbers.
    """
    check_even(len(images))
    check_task(weights.spec.model.task)
    output: Output = weights.net()(prepared(images, weights).unflatten(0, (-1, 2)))
    chances = lesser_or_equal(output, weights.spec.recipe.readout)
    if not all(part.isfinite().all() for part in output if part is not None):
        raise UserError("the weights give no finite numbers: their run diverged; take another")
    seen = [None] * len(chances) if output.digits is None else map(pair_of, output.digits)
    return [Prediction(float(chance), digits) for chance, digits in zip(chances, seen, strict=True)]


def prepared(images: Sequence[npt.NDArray[np.uint16]], weights: Weights) -> Tensor:
    """Prepare images: (n, 14, 14). Raises UserError where the constants are of no use."""
    prepare = Fitted(weights.spec.recipe.preprocessing, weights.constants)
    try:
        return torch.from_numpy(prepare(np.stack(images)[:, None])).squeeze(1)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise UserError(f"the weights' preprocessing cannot be used: {quoted(error)}") from None


def check_even(count: int) -> None:
    """Raise UserError where images do not make pairs."""
    if count < 2 or count % 2:
        given = "1 image" if count == 1 else f"{count} images"
        raise UserError(f"{given}: give two, or two for each further pair")


def check_task(task: Task) -> None:
    """Raise UserError for a net that learned from other images, or to answer something else."""
    if task != PAPERS_TASK:
        raise UserError(
            f"the net was trained for {quoted(task)}: photos are read as MNIST's digits are, and "
            "compared; take a net of the paper's task"
        )


def lesser_or_equal(output: Output, readout: Readout) -> Tensor:
    """P(first <= second) of each pair, as the run reads it out: (n,)."""
    if readout == "head":
        return output.answer.softmax(-1)[:, 1]
    if output.digits is None:
        raise UserError(f"read-out {readout!r}: needs a net that names digits, a siamese one")
    if readout == "posterior":
        return posterior_yes(output.digits, answers_of(PAPERS_TASK))
    return says_yes(output, readout, answers_of(PAPERS_TASK)).float()


def pair_of(logits: Tensor) -> tuple[SeenDigit, SeenDigit]:
    """Name the most probable digits of a pair, from logits (2, 10)."""
    first, second = (
        SeenDigit(int(side.argmax()), float(side.softmax(-1).max())) for side in logits
    )
    return first, second
