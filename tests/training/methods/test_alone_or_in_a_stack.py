"""Each method comes to the same bits for a run alone and beside others."""

from dataclasses import replace

import pytest
from torch import nn

from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import (
    Affine,
    Augmentation,
    Averaging,
    Distillation,
    Loss,
    Recipe,
    Sharpness,
)
from digitpairs.spec import RunSpec
from digitpairs.training.loop import train
from nets import SHARED, SIAMESE_MLP, STACK, random_net

BLENDED = Augmentation(blend=0.4, affine=Affine(rotation=10), new_pairs=True)
DIGITS = Recipe(loss=Loss(digits_only=True), readout="argmax")
EACH = {
    "blend": Recipe(augmentation=BLENDED),
    "sharpness": Recipe(sharpness=Sharpness(0.1)),
    "averaging": Recipe(averaging=Averaging(2)),
    "distillation": replace(DIGITS, distillation=Distillation(0.3, 2.0)),
    "all": Recipe(
        loss=DIGITS.loss,
        readout="posterior",
        augmentation=BLENDED,
        distillation=Distillation(),
        sharpness=Sharpness(0.05),
        averaging=Averaging(2),
    ),
}


TEACHERS = {"stacked": SIAMESE_MLP, "fast_convnet": SHARED, "fused": STACK}  # by their engine


@pytest.mark.parametrize(
    ("name", "teacher"),
    [
        *((name, "stacked") for name in EACH),
        *((name, teacher) for name in ("distillation", "all") for teacher in list(TEACHERS)[1:]),
    ],
)
def test_a_run_alone_and_in_a_stack_comes_to_the_same_bits(
    name: str, teacher: str, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    run = replace(mlp_run, model=SIAMESE_MLP, recipe=EACH[name], epochs=3, learning_rate=1e-2)
    specs = [replace(run, seed=seed, copy=copy) for seed, copy in ((0, 0), (1, 0), (0, 1))]
    lessons: list[list[nn.Module]] = [
        [random_net(TEACHERS[teacher], 2 * place + at) for at in (0, 1)] for place in range(3)
    ]
    together = train(specs, dict.fromkeys((0, 1), sets), teachers=lessons)
    alone = [
        train([spec], {spec.seed: sets}, teachers=[own])
        for spec, own in zip(specs, lessons, strict=True)
    ]
    assert together.engine == "Stacked"
    assert together.histories == [result.histories[0] for result in alone]
    for place, result in enumerate(alone):
        expected = result.weights(0)
        for name_of, tensor in together.weights(place).items():
            assert tensor.equal(expected[name_of]), name_of
    assert len({str(history) for history in together.histories}) == 3
