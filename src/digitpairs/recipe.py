"""How a run is trained beside its net, learning rate and sizes: typed data. No torch here.

Each part that a recipe names is a file: an optimizer in training/optimizers, and so on. A part is
described here, so that params, specs and forecasts can speak of it without torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, with_config

from digitpairs.values import Count, Epochs, Number, PartShare, Rate, Share, Weight

closed = with_config(ConfigDict(extra="forbid"))


@closed
@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba 2015); adamw decays weights apart from the gradient (Loshchilov 2019)."""

    name: Annotated[Literal["adam", "adamw"], Field(description="which one")]
    betas: Annotated[
        tuple[PartShare, PartShare],
        Field(description="decay of the means of gradients and of their squares"),
    ] = (0.9, 0.999)
    epsilon: Annotated[Rate, Field(description="added to the root of the mean square")] = 1e-8
    weight_decay: Annotated[Weight, Field(description="decay of all weights and biases")] = 0.0


@closed
@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, with momentum or Nesterov's."""

    name: Annotated[Literal["sgd"], Field(description="which one")]
    momentum: Annotated[PartShare, Field(description="share of the last step that is kept")] = 0.0
    nesterov: Annotated[StrictBool, Field(description="look ahead by the momentum")] = False
    weight_decay: Annotated[Weight, Field(description="decay of all weights and biases")] = 0.0


@closed
@dataclass(frozen=True)
class Lion:
    """Steps by the sign of a mean gradient (Chen et al. 2023, Algorithm 2)."""

    name: Annotated[Literal["lion"], Field(description="which one")]
    betas: Annotated[
        tuple[PartShare, PartShare],
        Field(description="decay of the mean for the step, and of the mean that is kept"),
    ] = (0.9, 0.99)
    weight_decay: Annotated[Weight, Field(description="decay of all weights and biases")] = 0.0


@closed
@dataclass(frozen=True)
class Constant:
    """The learning rate as it is, after a linear warm-up of so many epochs."""

    name: Annotated[Literal["constant"], Field(description="which one")]
    warmup: Annotated[Epochs, Field(description="epochs of a linear rise at the start")] = 0.0


@closed
@dataclass(frozen=True)
class Step:
    """The learning rate times `factor` after each `every` epochs."""

    name: Annotated[Literal["step"], Field(description="which one")]
    every: Annotated[Count, Field(description="epochs between two steps down")]
    factor: Annotated[Share, Field(description="what a step down multiplies by")] = 0.1
    warmup: Annotated[Epochs, Field(description="epochs of a linear rise at the start")] = 0.0


@closed
@dataclass(frozen=True)
class Cosine:
    """Half a cosine, from the learning rate to `final` times it (Loshchilov and Hutter 2017)."""

    name: Annotated[Literal["cosine"], Field(description="which one")]
    final: Annotated[Share, Field(description="share of the rate at the end")] = 0.0
    warmup: Annotated[Epochs, Field(description="epochs of a linear rise at the start")] = 0.0


@closed
@dataclass(frozen=True)
class OneCycle:
    """Up from `start` times the learning rate, then down to `final` times it (Smith 2018).

    `warmup` is the epochs of the way up.
    """

    name: Annotated[Literal["one_cycle"], Field(description="which one")]
    warmup: Annotated[Epochs, Field(description="epochs of the way up")]
    start: Annotated[Share, Field(description="share of the rate at the start")] = 0.04
    final: Annotated[Share, Field(description="share of the rate at the end")] = 0.0


@closed
@dataclass(frozen=True)
class Loss:
    """What is made small, beside aux_weight.

    `label_smoothing` holds for all cross-entropies. With `digits_only` the loss is that of the
    two digits alone, so that the head learns nothing.
    """

    label_smoothing: Annotated[
        PartShare, Field(description="share of a target that is spread over all classes")
    ] = 0.0
    digits_only: Annotated[
        StrictBool, Field(description="learn the digits alone, not the answer (siamese nets)")
    ] = False


@closed
@dataclass(frozen=True)
class Affine:
    """Random maps of each image, drawn evenly from minus to plus these bounds."""

    rotation: Annotated[Number, Field(ge=0, le=180, description="at most so many degrees")] = 0.0
    scale: Annotated[
        PartShare, Field(description="at most such a part of the size, each direction by itself")
    ] = 0.0
    shear: Annotated[Number, Field(ge=0, le=80, description="at most so many degrees")] = 0.0
    shift: Annotated[Number, Field(ge=0, le=14, description="at most so many pixels")] = 0.0


@closed
@dataclass(frozen=True)
class Elastic:
    """Smooth random displacements of each image's pixels (Simard et al. 2003)."""

    strength: Annotated[
        Number, Field(gt=0, le=14, description="standard deviation of a displacement, in pixels")
    ]
    smoothness: Annotated[
        Number, Field(gt=0, le=14, description="standard deviation of the Gaussian, in pixels")
    ] = 2.0


@closed
@dataclass(frozen=True)
class Augmentation:
    """What is changed at random about the training pairs of each step.

    `swap` is the probability that a pair's images change sides: target and digits follow. With
    `new_pairs` the digits of the training pairs are paired anew each epoch. `blend` mixes into each
    image, before all else, an even share up to this of another training image of its class.
    """

    affine: Annotated[
        Affine | None, Field(description="rotation, scale, shear and shift of each image")
    ] = None
    elastic: Annotated[
        Elastic | None, Field(description="smooth displacements of pixels of each image")
    ] = None
    swap: Annotated[
        Share, Field(description="probability that the two images of a pair change sides")
    ] = 0.0
    new_pairs: Annotated[
        StrictBool, Field(description="pair the training digits anew each epoch")
    ] = False
    blend: Annotated[
        PartShare, Field(description="mix in at most so much of another image of the same class")
    ] = 0.0


@closed
@dataclass(frozen=True)
class Distillation:
    """Learn what teachers say of the same changed images (Hinton et al. 2015).

    The loss of a digit is `label` times that of its class, and for the rest the cross-entropy with
    the mean of the teachers' probabilities, both at this temperature, times its square.
    """

    label: Annotated[Share, Field(description="share of the loss that the true class has")] = 0.0
    temperature: Annotated[
        Number, Field(ge=0.1, le=100, description="what logits are divided by, of both")
    ] = 1.0


@closed
@dataclass(frozen=True)
class Sharpness:
    """Step by the gradient at the worst place nearby (SAM, Foret et al. 2021, Algorithm 1)."""

    radius: Annotated[Number, Field(gt=0, le=10, description="how far away, over all weights")]


@closed
@dataclass(frozen=True)
class Averaging:
    """End with the mean of the weights after the last epochs (SWA, Izmailov et al. 2018).

    BatchNorm's running statistics are taken again, with these weights.
    """

    epochs: Annotated[Count, Field(description="of so many epochs, the last ones")]


Optimizer = Annotated[Adam | SGD | Lion, Field(discriminator="name")]
Schedule = Annotated[Constant | Step | Cosine | OneCycle, Field(discriminator="name")]
Preprocessing = Literal["none", "per_image", "per_pixel", "deskewed"]
Readout = Literal["head", "argmax", "posterior"]


@closed
@dataclass(frozen=True)
class Recipe:
    """How a run is trained and read out; the defaults are the paper's."""

    optimizer: Optimizer = Adam("adam")
    schedule: Schedule = Constant("constant")
    loss: Loss = field(default=Loss())
    preprocessing: Preprocessing = "none"
    augmentation: Augmentation = field(default=Augmentation())
    readout: Readout = "head"
    distillation: Distillation | None = None
    sharpness: Sharpness | None = None
    averaging: Averaging | None = None


BY_THE_PAPER = Recipe()
METHODS = ("distillation", "sharpness", "averaging")  # parts that a recipe may have, or not


def parts(recipe: Recipe) -> Iterator[str]:
    """List the code that a recipe names beyond the core: places in this package."""
    yield f"training/optimizers/{type(recipe.optimizer).__name__.lower()}.py"
    yield f"training/schedules/{recipe.schedule.name}.py"
    yield f"training/preprocessing/{recipe.preprocessing}.py"
    changes = recipe.augmentation
    if changes.affine or changes.elastic:
        yield "training/augment/images.py"
    for name in ("blend", "affine", "elastic", "swap", "new_pairs"):
        if getattr(changes, name):
            yield f"training/augment/{name}.py"
    for name in METHODS:
        if getattr(recipe, name):
            yield f"training/methods/{name}.py"
