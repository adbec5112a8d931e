"""What the self-check trains for a few steps: nets and recipes that between them use all code.

Steps of MLPs and ConvNets are recorded as CUDA graphs. ConvStacks are trained by their own modules,
a run at a time, without graphs.

Pairs are made up, so that the check needs no digits: a smooth pattern for each class, and noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from digitpairs.models.registry import options_of
from digitpairs.pairs.pairset import PARTS, PairSet
from digitpairs.pairs.sizes import SIDE
from digitpairs.recipe import (
    SGD,
    Adam,
    Affine,
    Augmentation,
    Averaging,
    Constant,
    Distillation,
    Elastic,
    Loss,
    OneCycle,
    Recipe,
    Sharpness,
)
from digitpairs.spec import BatchNorm, ModelSpec, RunSpec
from digitpairs.training.streams import initialised

RUNS = 3  # side by side
PAIRS = {"train": 50, "test": 30}
BATCH = 20  # so that the last batch of an epoch is shorter: a recording of its own
FEW = 15, 10  # pairs and batch of deep nets, of which rounding turns more decisions (compare.py)
HIGHEST, OF_A_STEP = 60, 100  # the runs of a full stack, and the pairs of their steps
EPOCHS = 2  # in the second one BatchNorm may be frozen: another recording
CLASSES, WHITE = 10, 1020
APART = 1000  # between the seeds of a draw and those of the next one
FROZEN: BatchNorm = "frozen_after_first_epoch"

# Larger than usual. Some gradients are zero but for rounding, such as those of biases before a
# BatchNorm. Adam would make steps of these as long as of any others, and each device its own.
EPSILON = 1e-4

MLP = ModelSpec("mlp", (200, 100))
SIAMESE = ModelSpec("siamese_convnet", (50,), (128, 32))
SHARED = replace(SIAMESE, shared=True)
TEACHER = ModelSpec("siamese_mlp", (150, 100), shared=True)
LAYERS = [
    {"channels": 20},
    {"channels": 24, "padding": 1},
    {"channels": 28, "pool": "max"},
    {"channels": 34, "padding": 1},
    {"channels": 40, "padding": 1},
    {"channels": 43},
]
STACK = {"layers": LAYERS, "pooling": "mean", "head": False}

ADAM = Recipe(Adam("adam", epsilon=EPSILON))
ONE_STEP = Recipe(SGD("sgd"), Constant("constant"))  # moves weights by their gradients
MOVED = Augmentation(Affine(14, 0.14, 8.5, 1), Elastic(0.65))
CYCLE = replace(
    ADAM,
    optimizer=Adam("adamw", (0.9, 0.99), EPSILON, weight_decay=0.01),
    schedule=OneCycle("one_cycle", warmup=0.6),
    augmentation=MOVED,
    readout="posterior",
)
DIGITS = replace(CYCLE, loss=Loss(digits_only=True))
TAUGHT = replace(
    CYCLE,
    augmentation=replace(MOVED, swap=0.5, new_pairs=True),
    loss=Loss(label_smoothing=0.05),
    distillation=Distillation(label=0.3, temperature=2.0),
    sharpness=Sharpness(0.05),
)
# The last rung of our ladder in params.yaml, with what its search may add.
NEWEST = replace(
    DIGITS,
    augmentation=replace(MOVED, blend=0.2),
    distillation=Distillation(),
    averaging=Averaging(EPOCHS),
)


@dataclass(frozen=True)
class Case:
    """Runs that are trained side by side, from the same weights on each device.

    `teachers` are nets, not runs: a student looks at what they say, trained or not.
    """

    name: str
    specs: Sequence[RunSpec]
    teachers: Sequence[ModelSpec] = ()

    @property
    def sets(self) -> dict[int, dict[str, PairSet]]:
        """The pairs of each seed."""
        return {spec.seed: pairs(spec.seed, spec.train_pairs) for spec in self.specs}

    def on_draw(self, draw: int) -> "Case":
        """Make the same runs of other seeds: their pairs and weights are drawn anew."""
        specs = [replace(spec, seed=spec.seed + APART * draw) for spec in self.specs]
        return replace(self, specs=specs)

    def teaching(self) -> list[list[nn.Module]]:
        """Make the nets that teach each run: new ones each time, for training moves them."""
        return [
            [
                initialised(replace(spec, model=model, copy=copy)).eval()
                for copy, model in enumerate(self.teachers, 1)
            ]
            for spec in self.specs
        ]


def cases() -> list[Case]:
    """List what is trained."""
    stack = ModelSpec("convstack", (), options=options_of("convstack", STACK))
    of_gradients = {"MLP": MLP, "siamese ConvNet": SIAMESE, "ConvStack": stack}
    return [
        case("MLP", MLP, ADAM, 1e-3),
        case("siamese ConvNet", SIAMESE, ADAM, 1e-3, aux_weight=1.0),
        case("siamese ConvNet, frozen", SHARED, ADAM, 1e-3, 2, batchnorm=FROZEN),
        sized(case("ConvStack", stack, DIGITS, 1e-2, runs=1), *FEW),
        replace(case("student", SHARED, TAUGHT, 1e-2, 2, aux_weight=1.0), teachers=[TEACHER]),
        replace(
            sized(case("taught ConvStack", stack, NEWEST, 1e-2, runs=1), *FEW),
            teachers=[stack, stack],
        ),
        *(
            one_step(case(f"{name}, gradients", model, ONE_STEP, 1.0, runs=1 + (model != stack)))
            for name, model in of_gradients.items()
        ),
        full_stack("MLP, full stack", MLP),
    ]


def case(
    name: str,
    model: ModelSpec,
    recipe: Recipe,
    rate: float,
    runs: int = RUNS,
    aux_weight: float = 0.0,
    batchnorm: BatchNorm = "standard",
) -> Case:
    """Make runs of a net that differ in seed, learning rate and auxiliary weight."""
    first = RunSpec(
        model=model,
        learning_rate=rate,
        aux_weight=aux_weight,
        epochs=EPOCHS,
        batch_size=BATCH,
        batchnorm=batchnorm,
        shuffle=True,
        train_pairs=PAIRS["train"],
        test_pairs=PAIRS["test"],
        digits="",
        code="",
        seed=0,
        recipe=recipe,
    )
    return Case(
        name,
        [
            replace(
                first,
                seed=seed,
                learning_rate=rate / (seed + 1),
                aux_weight=aux_weight * (seed + 1),
            )
            for seed in range(runs)
        ],
    )


def sized(given: Case, pairs: int, batch: int) -> Case:
    """Make the same of so many pairs, in batches of this size."""
    specs = [replace(spec, train_pairs=pairs, batch_size=batch) for spec in given.specs]
    return replace(given, specs=specs)


def one_step(given: Case, by: int = PAIRS["train"]) -> Case:
    """Make a single step of it, by so many pairs."""
    single = replace(given, specs=[replace(spec, epochs=1) for spec in given.specs])
    return sized(single, by, by)


def full_stack(name: str, model: ModelSpec) -> Case:
    """Make a step of the shape that most steps have: cuBLAS chooses its kernels by that.

    A few runs stand there again and again, so that what is true of them is soon computed.
    """
    few = one_step(case(name, model, ONE_STEP, 1.0), OF_A_STEP)
    return replace(few, specs=[few.specs[place % RUNS] for place in range(HIGHEST)])


def pairs(seed: int, to_train: int) -> dict[str, PairSet]:
    """Make up pairs of a seed: patterns that all seeds share, and noise of its own."""
    coarse = np.random.default_rng(0).random((CLASSES, 4, 4)) < 0.5
    patterns = np.zeros((CLASSES, SIDE, SIDE))
    patterns[:, 1:-1, 1:-1] = np.kron(coarse, np.ones((3, 3)))
    own = np.random.default_rng([1, seed])
    found = {}
    for part in PARTS:
        count = to_train if part == "train" else PAIRS[part]
        digits = own.integers(0, CLASSES, (count, 2))
        ink = patterns[digits] * own.uniform(0.4, 1.0, (*digits.shape, SIDE, SIDE))
        pixels = (ink * WHITE).astype(np.uint16)[:, :, None]
        found[part] = PairSet(pixels, digits, np.arange(digits.size).reshape(digits.shape))
    return found
