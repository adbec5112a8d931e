"""A student learns what its teachers say of the images it sees (Hinton et al. 2015).

The teachers look at each epoch's changed images once, as these are made.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from digitpairs.models.nets import Output
from digitpairs.recipe import Distillation
from digitpairs.spec import RunSpec
from digitpairs.training.data import Data
from digitpairs.training.engines.choose import Engine, engine_for


def teaching(
    kind: Distillation, student: RunSpec, teachers: Sequence[Sequence[nn.Module]], device: str
) -> Callable[[Tensor], Tensor]:
    """Make what turns images (R, n, 2, ...) into probabilities of digits, (R, n, 2, classes).

    `teachers` are the trained nets of each run's teachers, in the same order. The mean of their
    probabilities is taken in that order.
    """
    engines: list[list[Engine]] = []  # of each teacher: one for all runs, or one a run
    for alike in zip(*teachers, strict=True):
        nets = [net.to(device) for net in alike]
        kind_of = engine_for(nets[0], device, student.model.task)
        stacks = [nets] if kind_of.side_by_side else [[net] for net in nets]
        engines.append([kind_of(stack) for stack in stacks])
        for engine in engines[-1]:
            engine.train(False)

    @torch.no_grad()
    def lesson(images: Tensor) -> Tensor:
        total = None
        for alike in engines:
            parts = zip(alike, images.chunk(len(alike)), strict=True)
            logits = [engine(*engine.inputs(part)).digits for engine, part in parts]
            said = (torch.cat(told(logits)) / kind.temperature).softmax(-1)
            total = said if total is None else total + said
        if total is None:
            raise ValueError("a student needs teachers")
        return total / len(engines)

    return lesson


def told(logits: Sequence[Tensor | None]) -> list[Tensor]:
    """Take logits of digits. Raises ValueError where there are none."""
    found = [one for one in logits if one is not None]
    if len(found) < len(logits):
        raise ValueError("a teacher tells no digits")
    return found


def losses(kind: Distillation, by_label: Tensor, output: Output, data: Data) -> Tensor:
    """Mix the loss by labels of each run, (R,), with that by the lesson.

    Like the loss by labels it adds up both digits of a pair. With the square of the temperature
    gradients keep their size.
    """
    if output.digits is None or data.lesson is None:
        raise ValueError("only nets that tell digits can be taught")
    said = (output.digits / kind.temperature).log_softmax(-1)
    apart = -(data.lesson * said).sum((-2, -1)).mean(1)
    return kind.label * by_label + (1 - kind.label) * kind.temperature**2 * apart
