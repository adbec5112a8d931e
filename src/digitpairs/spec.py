"""A run is its spec: what determines its numbers, its digest, and so its place in the store.

No torch here: the workflow plans thousands of runs at each start.
"""

import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, FiniteFloat, StrictBool, TypeAdapter, with_config

from digitpairs import paths
from digitpairs.identity import digest, essentials
from digitpairs.recipe import BY_THE_PAPER, Recipe
from digitpairs.values import Count, Few

NAMED_TARGETS = ("lesser_or_equal", "same_class")
TARGET = rf"^({'|'.join(NAMED_TARGETS)}|[01]+(/[01]+)+)$"  # a name, or a table of 0 and 1


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Task:
    """What a net is to answer, of what: the paper's by default.

    A pair is two images, (channels, side, side) after pooling, each of one of the classes. What is
    asked of them is `target` (pairs/target.py).
    """

    side: Annotated[int, Field(ge=1, le=256)] = 14
    channels: Annotated[int, Field(ge=1, le=3)] = 1
    classes: Annotated[int, Field(ge=2, le=100)] = 10
    target: Annotated[str, Field(pattern=TARGET)] = "lesser_or_equal"


PAPERS_TASK = Task()


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class ModelSpec:
    """A model and its sizes: hidden layers, conv channels (ConvNets), weight sharing (siamese).

    `family` is a name of the registry (models/registry.py). `options` is the JSON text of what a
    family needs that has options of its own.
    """

    family: str
    hidden: tuple[int, ...]
    channels: tuple[int, ...] = ()
    shared: bool = False
    options: str = ""
    task: Task = PAPERS_TASK


BatchNorm = Literal["standard", "frozen_after_first_epoch"]

# What a seed draws: initial weights; the order of the pairs in each epoch and all that is drawn
# with it (augmentation, dropout); the pairs to train on and to test on.
Drawn = Literal["weights", "order", "pairs"]


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class TrainingChanges:
    """What a variant changes of the protocol in `training`; None leaves it as it is."""

    seeds: Annotated[Few | None, Field(description="runs: seeds 0 to seeds - 1")] = None
    epochs: Annotated[Count | None, Field(description="epochs a run")] = None
    batch_size: Annotated[Count | None, Field(description="pairs a step")] = None
    batchnorm: Annotated[
        BatchNorm | None, Field(description="standard, or as the authors' code does")
    ] = None
    shuffle: Annotated[
        StrictBool | None, Field(description="draw a new order of the pairs each epoch")
    ] = None
    pairs: Annotated[
        Count | None,
        Field(description="training pairs: the first so many of each seed's set, or more than it"),
    ] = None
    varies: Annotated[
        Drawn | None,
        Field(description="what seeds draw anew; all else is seed 0's in every run"),
    ] = None


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Teacher:
    """A net that teaches a student, so many times: all but what it has from the student's run.

    A teacher is an ordinary run on the student's own pairs, fold and seed. `code` identifies what
    trains it, once it is planned.
    """

    model: ModelSpec
    learning_rate: float
    epochs: int
    batch_size: int
    aux_weight: float = 0.0
    recipe: Recipe = BY_THE_PAPER
    copies: int = 1
    code: str = ""


@dataclass(frozen=True)
class Setting:
    """What one variant trains, all its bases followed."""

    model: ModelSpec
    learning_rate: FiniteFloat
    aux_weight: FiniteFloat = 0.0
    recipe: Recipe = BY_THE_PAPER
    training: TrainingChanges = TrainingChanges()
    teachers: tuple[Teacher, ...] = ()


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class RunSpec:
    """Everything that determines the numbers of a run, and nothing else.

    `digits` identifies the raw digits, `code` the code that the run uses. `fold` is None for a run
    on all of a seed's training pairs that is tested on its test pairs. A fold's run trains on the
    other folds of the seed's training pairs and is tested on this one, so its `test_pairs` is None.
    Where `first_pairs` is set, these are the first of the seed's `train_pairs` training pairs.
    Where `varies` is set, the seed draws that alone, and seed 0 the rest. A copy of a run learns
    from the same pairs, with weights and an order of its own.

    A field that is added later needs a default, under which runs are what they were before.
    """

    model: ModelSpec
    learning_rate: float
    aux_weight: float
    epochs: int
    batch_size: int
    batchnorm: BatchNorm
    shuffle: bool
    train_pairs: int
    test_pairs: int | None
    digits: str
    code: str
    seed: Annotated[int, Field(ge=0)]
    folds: int | None = None
    fold: int | None = None
    recipe: Recipe = BY_THE_PAPER
    first_pairs: int | None = None
    varies: Drawn | None = None
    teachers: tuple[Teacher, ...] = ()
    copy: Annotated[int, Field(ge=0)] = 0

    @property
    def taught_by(self) -> "list[RunSpec]":
        """The runs of its teachers: on the same pairs."""
        return [
            replace(
                self,
                model=teacher.model,
                learning_rate=teacher.learning_rate,
                aux_weight=teacher.aux_weight,
                epochs=teacher.epochs,
                batch_size=teacher.batch_size,
                recipe=teacher.recipe,
                code=teacher.code,
                teachers=(),
                copy=copy,
            )
            for teacher in self.teachers
            for copy in range(teacher.copies)
        ]

    @property
    def used_pairs(self) -> int:
        """Count the training pairs of the seed that are used, its folds together."""
        return self.first_pairs or self.train_pairs

    def seed_of(self, drawn: Drawn) -> int:
        """Say which seed draws a part of what is random."""
        return self.seed if self.varies in (None, drawn) else 0

    @property
    def group(self) -> str:
        """Digest of all but seed and fold: what the runs of one variant have in common."""
        content = essentials(self)
        return digest({key: content[key] for key in content if key not in ("seed", "fold", "copy")})

    @property
    def member(self) -> str:
        """Which of the group's runs this is."""
        parts = {"seed": self.seed, "fold": self.fold, "copy": self.copy or None}
        return "-".join(f"{name}-{part}" for name, part in parts.items() if part is not None)

    @property
    def path(self) -> str:
        """Where the record lies."""
        return paths.record(self.group, self.member)


def to_json(spec: RunSpec) -> dict[str, Any]:
    """Turn a spec into plain data, every field of it."""
    return asdict(spec)


@cache
def validator() -> TypeAdapter[RunSpec]:
    """What checks the types of plain data."""
    return TypeAdapter(RunSpec)


def from_json(content: Any) -> RunSpec:
    """Make the spec again. Raises ValueError for what is none: each type is checked."""
    return from_text(json.dumps(content))


def from_text(text: str) -> RunSpec:
    """Make the spec again from its JSON, as collected results have it. Raises as `from_json`."""
    return validator().validate_json(text, strict=True)


def result_digest(spec: RunSpec, record: dict[str, Any]) -> str:
    """Digest of what a run found, wherever and however fast.

    Folds have no measures of the final epoch, nor have records from before there were any.
    """
    measures = record.get("measures")
    found = [record["status"], record["epochs"], *([measures] if measures else [])]
    return digest([essentials(spec), *found])
