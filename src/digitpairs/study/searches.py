"""What the params say of the search: choices of grids, or trials of a space under a strategy."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StrictBool, StrictInt

from digitpairs.recipe import Augmentation, Loss, Optimizer, Preprocessing, Readout, Schedule
from digitpairs.values import (
    Budget,
    Count,
    Few,
    Label,
    Name,
    Number,
    Rate,
    Section,
    Seed,
    Size,
    Weight,
)

# Each conv layer with its max-pool takes a side of 14 pixels to 6, then 2: there is no third. How
# many larger images bear is checked with their side.
MOST_CONV_LAYERS = 6
Choices = Annotated[list[Size], Field(min_length=1, max_length=1_000)]
T = TypeVar("T")
Alternatives = Annotated[list[T], Field(max_length=1_000)]
Key = Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z0-9_.-]+)?$", max_length=200)]


class Range(Section):
    """Numbers from `low` to `high`: evenly, or evenly in their logarithms."""

    low: Number = Field(description="the least")
    high: Number = Field(description="the greatest")
    log: StrictBool = Field(default=False, description="evenly in the logarithm")
    whole: StrictBool = Field(default=False, description="whole numbers")


class Rung(Section):
    """On what the trials of a rung are judged: folds of the search's own pair sets."""

    epochs: Count | None = Field(
        default=None, description="epochs a fold; without a number, those of the base"
    )
    folds: Annotated[StrictInt, Field(ge=1, le=1_000)] | None = Field(
        default=None, description="the first so many of search.folds; without a number, all"
    )
    sets: Few = Field(default=1, description="pair sets: search.seed and the next ones")
    keep: Few | None = Field(
        default=None, description="how many of the rung before go on; the first takes all trials"
    )


class Strategy(Section):
    """Trials are points of a space: the base itself, then points of a Sobol sequence.

    With `halving` the best of a rung go on to the next, where they are judged on more (Jamieson and
    Talwalkar 2016); `random` has one rung.
    """

    name: Literal["random", "halving"] = Field(description="one rung, or several")
    trials: Few = Field(description="points of the space")
    seed: Seed = Field(default=0, description="of the sequence")
    max_parameters: Budget | None = Field(default=None, description="larger nets are not tried")
    rungs: Annotated[list[Rung], Field(min_length=1, max_length=10)] = Field(
        default=[Rung()], description="on what trials are judged, one rung after another"
    )


Space = Annotated[
    dict[Key, Range | Annotated[list[Any], Field(min_length=1, max_length=1_000)]],
    Field(max_length=30),
]


class Grid(Section):
    """Choices of a search: every one of each key with every one of the others.

    With a `strategy` it is points of a space that are tried. A grid that is named after a family
    tries nets of that family. One with a base starts from that variant, and what it does not name
    is the base's.
    """

    base: Name | None = Field(default=None, description="variant to start from")
    hidden: Annotated[list[Choices], Field(max_length=20)] = Field(
        default=[], description="a list of sizes for each hidden layer"
    )
    channels: Annotated[list[Choices], Field(max_length=MOST_CONV_LAYERS)] = Field(
        default=[], description="a list of channel counts for each conv layer"
    )
    learning_rate: Alternatives[Rate] = Field(default=[], description="learning rates")
    aux_weight: Alternatives[Weight] = Field(
        default=[], description="weights of the auxiliary loss"
    )
    optimizer: Alternatives[Optimizer] = Field(default=[], description="optimizers")
    schedule: Alternatives[Schedule] = Field(default=[], description="schedules")
    loss: Alternatives[Loss] = Field(default=[], description="losses")
    preprocessing: Alternatives[Preprocessing] = Field(default=[], description="preprocessings")
    augmentation: Alternatives[Augmentation] = Field(default=[], description="augmentations")
    readout: Alternatives[Readout] = Field(default=[], description="read-outs")
    label: Label | None = Field(
        default=None,
        description="name of its winner in figures and tables; without one, what it is",
    )
    strategy: Strategy | None = Field(
        default=None, description="how its space is searched; without one, each choice with each"
    )
    space: Space = Field(
        default={}, description="for a strategy: keys of the base, with dots, and what to try"
    )


class Search(Section):
    """The cross-validated search under a parameter budget (paper, Training)."""

    seed: Seed = Field(description="seed of the search's own pair set")
    folds: Annotated[StrictInt, Field(ge=2, le=1_000)] = Field(
        description="folds of the cross-validation"
    )
    epochs: Count = Field(description="epochs a fold")
    repeats: Annotated[StrictInt, Field(ge=0, le=1_000)] = Field(
        default=0,
        description="further searches, by the next seeds, that studies of ranks and winners show",
    )
    min_parameters: Budget = Field(description="smaller nets are not tried")
    max_parameters: Budget = Field(description="larger nets are not tried")
    grids: Annotated[dict[Name, Grid], Field(min_length=1, max_length=200)] = Field(
        description="family, or any name of a grid with a base: its choices"
    )


def rungs_of(grid: Grid) -> list[Rung]:
    """List the rungs of a grid; without a strategy it has none."""
    return grid.strategy.rungs if grid.strategy else []
