"""A bound of the bytes that runs take of a GPU's memory, from the sizes of layers: in no time.

To count them (footprint.py) takes a tenth of a second for each kind of runs, and a second more for
the first. Where the bound fits, that need not be done. It is well above the count.
"""

import math

from digitpairs.models.layers import Layer
from digitpairs.models.registry import architecture_of, family_of
from digitpairs.recipe import BY_THE_PAPER
from digitpairs.runs.footprint import GPU, recordings
from digitpairs.spec import RunSpec
from digitpairs.training.measures import tested_together

NUMBER = 4  # bytes
# Numbers that are there at a time, at most: of a weight (its gradient, Adam's state and update), of
# a pixel of all pairs, of what a layer multiplies for a pair, and of what comes out of it.
OF_WEIGHT, OF_PIXEL, OF_INPUT, OF_OUTPUT = 12, 4, 2, 6


def bound(spec: RunSpec, runs: int) -> float:
    """Bound the bytes of so many runs by the paper's recipe; of others nothing is known."""
    if spec.recipe != BY_THE_PAPER or spec.teachers or not family_of(spec.model).sizes:
        return math.inf
    net, task = architecture_of(spec.model), spec.model.task
    sides = [net.branches[0], net.branches[-1], net.head] if net.head else net.branches
    of_pair = sum(numbers(layer) for side in sides for layer in side if layer.multiply_adds)
    tested = spec.test_pairs or spec.used_pairs // (spec.folds or 1)
    trained = spec.used_pairs - (0 if spec.fold is None else tested)
    seen = recordings(spec, trained) * min(spec.batch_size, trained) + tested_together(GPU, runs)
    pixels = 2 * task.channels * task.side**2 * (trained + tested)
    return NUMBER * runs * (OF_WEIGHT * net.parameters + OF_PIXEL * pixels + seen * of_pair)


def numbers(layer: Layer) -> int:
    """Count what a layer multiplies for a pair, of images their 3x3 patches, and what comes out."""
    inputs, outputs = (int(count) for count in layer.arguments[:2])
    kernel = int(layer.arguments[2]) if layer.name == "Conv2d" else 1
    multiplied = layer.multiply_adds // outputs
    return OF_INPUT * multiplied + OF_OUTPUT * layer.multiply_adds // (kernel**2 * inputs)
