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

    name: Literal["adam", "adamw"]
    betas: tuple[PartShare, PartShare] = (0.9, 0.999)
    epsilon: Rate = 1e-8
    weight_decay: Weight = 0.0


@closed
@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, with momentum or Nesterov's."""

    name: Literal["sgd"]
    momentum: PartShare = 0.0
    nesterov: StrictBool = False
    weight_decay: Weight = 0.0


@closed
@dataclass(frozen=True)
class Lion:
    """Steps by the sign of a mean gradient (Chen et al. 2023, Algorithm 2)."""

    name: Literal["lion"]
    betas: tuple[PartShare, PartShare] = (0.9, 0.99)
    weight_decay: Weight = 0.0


@closed
@dataclass(frozen=True)
class Constant:
    """The learning rate as it is, after a linear warm-up of so many epochs."""

    name: Literal["constant"]
    warmup: Epochs = 0.0


@closed
@dataclass(frozen=True)
class Step:
    """The learning rate times `factor` after each `every` epochs."""

    name: Literal["step"]
    every: Count
    factor: Share = 0.1
    warmup: Epochs = 0.0


@closed
@dataclass(frozen=True)
class Cosine:
    """Half a cosine, from the learning rate to `final` times it (Loshchilov and Hutter 2017)."""

    name: Literal["cosine"]
    final: Share = 0.0
    warmup: Epochs = 0.0


@closed
@dataclass(frozen=True)
class OneCycle:
    """Up from `start` times the learning rate, then down to `final` times it (Smith 2018).

    `warmup` is the epochs of the way up.
    """

    name: Literal["one_cycle"]
    warmup: Epochs
    start: Share = 0.04
    final: Share = 0.0


@closed
@dataclass(frozen=True)
class Loss:
    """What is made small, beside aux_weight.

    `label_smoothing` holds for all cross-entropies. With `digits_only` the loss is that of the
    two digits alone, so that the head learns nothing.
    """

    label_smoothing: PartShare = 0.0
    digits_only: StrictBool = False


@closed
@dataclass(frozen=True)
class Affine:
    """Random maps of each image, drawn evenly from minus to plus these bounds."""

    rotation: Annotated[Number, Field(ge=0, le=180)] = 0.0  # degrees
    scale: PartShare = 0.0  # part of the size, each direction by itself
    shear: Annotated[Number, Field(ge=0, le=80)] = 0.0  # degrees
    shift: Annotated[Number, Field(ge=0, le=14)] = 0.0  # pixels


@closed
@dataclass(frozen=True)
class Elastic:
    """Smooth random displacements of each image's pixels (Simard et al. 2003)."""

    strength: Annotated[Number, Field(gt=0, le=14)]  # standard deviation, pixels
    smoothness: Annotated[Number, Field(gt=0, le=14)] = 2.0  # of the Gaussian, pixels


@closed
@dataclass(frozen=True)
class Augmentation:
    """What is changed at random about the training pairs of each step.

    `swap` is the probability that a pair's images change sides: target and digits follow. With
    `new_pairs` the digits of the training pairs are paired anew each epoch.
    """

    affine: Affine | None = None
    elastic: Elastic | None = None
    swap: Share = 0.0
    new_pairs: StrictBool = False


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


BY_THE_PAPER = Recipe()


def parts(recipe: Recipe) -> Iterator[str]:
    """List the code that a recipe names beyond the core: places in this package."""
    optimizer = "adam" if recipe.optimizer.name == "adamw" else recipe.optimizer.name
    yield f"training/optimizers/{optimizer}.py"
    yield f"training/schedules/{recipe.schedule.name}.py"
    yield f"training/preprocessing/{recipe.preprocessing}.py"
    changes = recipe.augmentation
    if changes.affine or changes.elastic:
        yield "training/augment/images.py"
    for name in ("affine", "elastic", "swap", "new_pairs"):
        if getattr(changes, name):
            yield f"training/augment/{name}.py"
