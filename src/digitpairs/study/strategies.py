"""What the params say of a search by points of a space: its trials, and on what they are judged."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt

from digitpairs.values import Budget, Count, Few, Number, Section, Seed

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


Choices = Annotated[list[Any], Field(min_length=1, max_length=1_000)]
Space = Annotated[dict[Key, Range | Choices], Field(max_length=30)]
