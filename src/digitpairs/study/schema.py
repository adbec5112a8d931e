"""Typed params: what `params.yaml` may say. It is checked before anything runs."""

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    StrictBool,
)
from pydantic.json_schema import SkipJsonSchema

from digitpairs.digits.own import OwnImages
from digitpairs.models.registry import FAMILIES
from digitpairs.recipe import (
    Augmentation,
    Averaging,
    Distillation,
    Loss,
    Optimizer,
    Preprocessing,
    Readout,
    Schedule,
    Sharpness,
)
from digitpairs.spec import NAMED_TARGETS, PAPERS_TASK, BatchNorm, TrainingChanges
from digitpairs.study.claims import Claim
from digitpairs.study.kinds import KINDS, known_kinds
from digitpairs.study.searches import MOST_CONV_LAYERS, Search
from digitpairs.values import (
    Count,
    Few,
    Label,
    Name,
    PartShare,
    Rate,
    Section,
    Seed,
    Size,
    Weight,
    as_line,
)

if TYPE_CHECKING:
    FamilyName = str
    KindName = str
else:
    FamilyName = Literal[*FAMILIES]
    KindName = Literal[*KINDS]


Hidden = Annotated[list[Size], Field(min_length=1, max_length=20)]

Channels = Annotated[list[Size], Field(min_length=1, max_length=MOST_CONV_LAYERS)]

Title = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(as_line)]
Target = Annotated[str, Field(pattern=rf"^({'|'.join(NAMED_TARGETS)}|[^:]+:\w+)$", max_length=4096)]
Folder = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(as_line)]


class Data(Section):
    """Where the digits come from."""

    source: Literal["auto", "folder", "torchvision", "embedded", "own"] = Field(
        description="auto: the folder that is named; where none is, a download, else embedded; "
        "own: other images, as `own` says"
    )
    folder: Folder | None = Field(
        description="folder of the four MNIST files, gzipped or not; DIGITPAIRS_MNIST goes first"
    )
    own: OwnImages | None = Field(default=None, description="images in place of MNIST's digits")


class Pairs(Section):
    """Sizes of a seed's pair set, and what is asked of a pair."""

    train: Count = Field(description="training pairs a seed, from MNIST's train digits")
    test: Count = Field(description="test pairs a seed, from MNIST's test digits")
    target: Target = Field(
        default=PAPERS_TASK.target,
        description="the question whose answer is yes or no: lesser_or_equal (first <= second), "
        "same_class, or a function of both classes: package.module:function or file.py:function",
    )

    @property
    def counts(self) -> dict[str, int]:
        """Pairs of each part."""
        return {"train": self.train, "test": self.test}


class Training(Section):
    """The protocol of the evaluation (paper, Training)."""

    seeds: Few = Field(description="runs a variant: seeds 0 to seeds - 1")
    epochs: Count = Field(description="epochs a run")
    batch_size: Count = Field(description="pairs a step")
    batchnorm: BatchNorm = Field(
        description="frozen_after_first_epoch: what the authors' code does"
    )
    shuffle: StrictBool = Field(description="draw a new order of the pairs each epoch")


class Variant(Section):
    """A base and what it changes; without a base, a family and all its sizes."""

    base: Name | None = Field(default=None, description="variant to start from")
    family: FamilyName | None = Field(default=None, description="family of nets")
    hidden: Hidden | None = Field(default=None, description="sizes of the hidden layers")
    channels: Channels | None = Field(default=None, description="channels of the conv layers")
    shared: StrictBool | None = Field(default=None, description="weight sharing (siamese nets)")
    options: dict[str, Any] | None = Field(
        default=None, description="options of a net that has its own; replaces a base's as a whole"
    )
    aux_weight: Weight | None = Field(
        default=None, description="weight (lambda) of the auxiliary loss (siamese nets)"
    )
    learning_rate: Rate | None = Field(default=None, description="the optimizer's learning rate")
    training: TrainingChanges | None = Field(
        default=None, description="what it changes of the protocol in `training`"
    )
    optimizer: Optimizer | None = Field(default=None, description="how weights are stepped")
    schedule: Schedule | None = Field(default=None, description="the learning rate over a run")
    loss: Loss | None = Field(default=None, description="what is made small, beside aux_weight")
    preprocessing: Preprocessing | None = Field(
        default=None,
        description="none: scaled by mean and std of all training pixels (paper, Data); "
        "per_image, per_pixel: by those of each; deskewed: upright first",
    )
    augmentation: Augmentation | None = Field(
        default=None, description="random changes of the training pairs of each step"
    )
    readout: Readout | None = Field(
        default=None,
        description="what counts as the answer: head; of siamese nets also the arg-max of both "
        "digits, or the posterior P(first <= second) by them",
    )
    teachers: Annotated[dict[Name, Few], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="variants that teach it, and how many nets of each"
    )
    distillation: Distillation | None = Field(
        default=None, description="how it learns from its teachers"
    )
    sharpness: Sharpness | None = Field(
        default=None, description="step by the gradient at the worst place nearby (SAM)"
    )
    averaging: Averaging | None = Field(
        default=None, description="end with the mean of the weights after the last epochs (SWA)"
    )
    label: Label | None = Field(
        default=None,
        description="name in figures and tables; without one, what the net is. Not a base's",
    )


MOST_GOALS = 3


class Study(Section):
    """The variants that one figure or table shows."""

    kind: KindName = Field(
        description=f"a figure ({', '.join(known_kinds('figure'))}) or a table "
        f"({', '.join(known_kinds('table'))})"
    )
    title: Title = Field(description="title of the figure or caption of the table")
    variants: Annotated[list[Name], Field(min_length=1, max_length=200)] = Field(
        description="variants, in order; GRID_selected is the search's winner"
    )
    group: Name | None = Field(
        default=None, description="made by `snakemake GROUP` alone; without one, by default"
    )
    references: Annotated[list[Name], Field(max_length=20)] = Field(
        default=[],
        description="of its variants, those that the ones after each are compared with; without "
        "any, the first",
    )
    goals: Annotated[list[PartShare], Field(max_length=MOST_GOALS)] = Field(
        default=[],
        description="of a ladder: accuracies to reach over all ordered pairs of test digits",
    )

    def blocks(self) -> list[list[str]]:
        """Cut the variants before each reference."""
        starts = [0, *(at for at, name in enumerate(self.variants) if name in self.references)]
        ends = [*starts[1:], len(self.variants)]
        cut = [self.variants[start:end] for start, end in zip(starts, ends, strict=True)]
        return [block for block in cut if block]


class Kept(Section):
    """The run whose weights are kept, with a card that describes them: `snakemake model`."""

    variant: Name = Field(description="a variant of these params")
    seed: Seed = Field(default=0, description="which of its runs: named before it is trained")


class Page(Section):
    """What reports/index.html shows beside the results: nets that answer what people draw."""

    nets: Annotated[list[Name], Field(max_length=3)] = Field(
        default=[], description="variants or winners of the search, of the paper's families"
    )
    seed: Seed = Field(default=0, description="which of their runs: named before it is trained")


class Execution(Section):
    """How runs are computed; never changes a result."""

    runs_per_job: Count | Literal["auto"] = Field(
        description="runs that one job trains; auto: by what they cost and how many jobs train"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        description="where runs are trained; auto: on a GPU where there is one"
    )
    threads: Few = Field(description="processes that train the runs of a job, one thread each")
    jobs_per_gpu: Few = Field(description="jobs that share a GPU")


class Params(Section):
    """All of `params.yaml`, and the claims of the file beside it."""

    data: Data
    pairs: Pairs
    training: Training
    search: Search
    variants: Annotated[dict[Name, Variant], Field(max_length=200)]
    studies: Annotated[dict[Name, Study], Field(max_length=200)]
    model: Kept | None = Field(default=None, description="the run whose weights are kept")
    page: Page | None = Field(default=None, description="what reports/index.html shows")
    execution: Execution
    # From a file of their own (study/load.py); jobs are handed both in one.
    claims: SkipJsonSchema[dict[Name, Claim]] = Field(default={}, max_length=200)
    # Groups of studies whose results are there: decided at the start, and handed to jobs.
    shown: SkipJsonSchema[list[Name] | None] = Field(default=None, max_length=200)


def studies(params: Params, medium: str) -> list[str]:
    """Name the studies that are figures, or tables."""
    return [name for name, study in params.studies.items() if KINDS[study.kind].medium == medium]


def json_schema() -> str:
    """Make the JSON schema of the params file, for editors."""
    return json.dumps(Params.model_json_schema(), indent=2) + "\n"
