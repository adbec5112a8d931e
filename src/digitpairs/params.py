"""Typed params: what `params.yaml` may say, checked before anything runs."""

import difflib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from digitpairs import yamlfile
from digitpairs.errors import ParamsError, key_path, quoted, shortened
from digitpairs.spec import Family

FIGURE_KINDS = ("architecture", "box", "sweep", "curves")
TABLE_KINDS = ("hyperparameters", "accuracies")
FIXED_FIGURES = ("pairs", "search")
FIGURE_FORMATS = ("pdf", "svg", "png")
SELECTED = "_selected"
MOST_PROBLEMS = 20  # that a message lists


def as_number(value: Any) -> Any:
    """Refuse true and false; read 1e-4, which YAML 1.1 takes for text."""
    if isinstance(value, bool):
        raise PydanticCustomError("number", "should be a number")
    if isinstance(value, str):
        if not re.fullmatch(
            r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?", value, re.IGNORECASE
        ):
            raise PydanticCustomError("number", "should be a number, such as 1.0e-4")
        return float(value)
    return value


def as_line(text: str) -> str:
    """Refuse line breaks and control characters."""
    if not text.isprintable():
        raise PydanticCustomError("line", "should be one line of printable characters")
    return text


# The upper bounds are far above what anyone needs: they stop a slip of the finger.
Count = Annotated[StrictInt, Field(ge=1, le=100_000)]
Few = Annotated[StrictInt, Field(ge=1, le=1_000)]
Budget = Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]
Seed = Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]
Number = Annotated[float, BeforeValidator(as_number), Field(allow_inf_nan=False)]
Rate = Annotated[Number, Field(gt=0, le=1)]
Weight = Annotated[Number, Field(ge=0, le=1e9)]
Size = Annotated[StrictInt, Field(ge=1, le=10_000)]
Hidden = Annotated[list[Size], Field(min_length=1, max_length=20)]
# Each conv layer with its max-pool takes a side of 14 pixels to 6, then 2: there is no third.
Channels = Annotated[list[Size], Field(min_length=1, max_length=2)]
Choices = Annotated[list[Size], Field(min_length=1, max_length=1_000)]
# Names become names of files.
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]
Title = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(as_line)]
Folder = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(as_line)]


class Section(BaseModel):
    """A part of the params: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(Section):
    """Where the digits come from."""

    source: Literal["auto", "folder", "torchvision", "embedded"] = Field(
        description="auto takes the first that can be had: data/raw, folder, torchvision, embedded"
    )
    folder: Folder | None = Field(description="folder of the four MNIST files, gzipped or not")


class Pairs(Section):
    """Sizes of a seed's pair set."""

    train: Count = Field(description="training pairs a seed, from MNIST's train digits")
    test: Count = Field(description="test pairs a seed, from MNIST's test digits")


class Training(Section):
    """The protocol of the evaluation (paper, Training)."""

    seeds: Few = Field(description="runs a variant: seeds 0 to seeds - 1")
    epochs: Count = Field(description="epochs a run")
    batch_size: Count = Field(description="pairs a step")
    batchnorm: Literal["standard", "frozen_after_first_epoch"] = Field(
        description="frozen_after_first_epoch: what the authors' code does"
    )
    shuffle: StrictBool = Field(description="draw a new order of the pairs each epoch")


class Grid(Section):
    """One family's choices: for each hidden layer, each conv layer, and the learning rate."""

    hidden: Annotated[list[Choices], Field(min_length=1, max_length=20)] = Field(
        description="a list of sizes for each hidden layer"
    )
    channels: Annotated[list[Choices], Field(max_length=2)] = Field(
        default=[], description="a list of channel counts for each conv layer"
    )
    learning_rate: Annotated[list[Rate], Field(min_length=1, max_length=1_000)] = Field(
        description="Adam's learning rates"
    )


class Search(Section):
    """The cross-validated search under a parameter budget (paper, Training)."""

    seed: Seed = Field(description="seed of the search's own pair set")
    folds: Annotated[StrictInt, Field(ge=2, le=1_000)] = Field(
        description="folds of the cross-validation"
    )
    epochs: Count = Field(description="epochs a fold")
    min_parameters: Budget = Field(description="smaller nets are not tried")
    max_parameters: Budget = Field(description="larger nets are not tried")
    grids: Annotated[dict[Family, Grid], Field(min_length=1)] = Field(
        description="family: its choices"
    )


class Variant(Section):
    """A base and what it changes; without a base, a family and all its sizes."""

    base: Name | None = Field(default=None, description="variant to start from")
    family: Family | None = Field(default=None, description="kind of net")
    hidden: Hidden | None = Field(default=None, description="sizes of the hidden layers")
    channels: Channels | None = Field(default=None, description="channels of the conv layers")
    shared: StrictBool | None = Field(default=None, description="weight sharing (siamese nets)")
    aux_weight: Weight | None = Field(
        default=None, description="weight (lambda) of the auxiliary loss (siamese nets)"
    )
    learning_rate: Rate | None = Field(default=None, description="Adam's learning rate")


class Study(Section):
    """The variants that one figure or table shows."""

    kind: Literal["architecture", "box", "sweep", "curves", "hyperparameters", "accuracies"] = (
        Field(description="a figure (the first four) or a table (the last two)")
    )
    title: Title = Field(description="title of the figure or caption of the table")
    variants: Annotated[list[Name], Field(min_length=1, max_length=200)] = Field(
        description="variants, in order; FAMILY_selected is the search's winner"
    )


class Execution(Section):
    """How runs are computed; never changes a result."""

    runs_per_job: Count = Field(description="runs that one job trains")
    device: Literal["auto", "cpu", "cuda"] = Field(
        description="where runs are trained; auto: on a GPU where there is one"
    )
    threads: Few = Field(description="processes that train the runs of a job, one thread each")
    jobs_per_gpu: Few = Field(description="jobs that share a GPU")


class Params(Section):
    """All of `params.yaml`."""

    data: Data
    pairs: Pairs
    training: Training
    search: Search
    variants: Annotated[dict[Name, Variant], Field(max_length=200)]
    studies: Annotated[dict[Name, Study], Field(max_length=200)]
    execution: Execution


def load(path: Path) -> Params:
    """Read and check a params file. Raises ParamsError with a line for each thing wrong."""
    return check(yamlfile.read(path))


def check(content: Any) -> Params:
    """Turn plain data into Params. Raises ParamsError with a line for each thing wrong."""
    from digitpairs.conflicts import conflicts  # it builds on Params

    try:
        params = Params.model_validate(content)
    except ValidationError as error:
        problems = [explain(detail) for detail in error.errors(include_url=False)]
    else:
        problems = conflicts(params)
        if not problems:
            return params
    lines = [shortened(problem, 600) for problem in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        lines.append(f"and {len(problems) - MOST_PROBLEMS:,} more")
    raise ParamsError("\n  ".join(["params that cannot be used:", *lines]))


def explain(detail: ErrorDetails) -> str:
    """Say what is wrong in one line: the key's path, the value, what is allowed."""
    place = [str(part) for part in detail["loc"] if part != "[key]"]
    path = key_path(place) or "params"
    match detail["type"]:
        case "extra_forbidden":
            known = allowed_keys(place[:-1])
            return f"{path}: unknown key{nearest(place[-1], known)}"
        case "missing":
            return f"{path}: missing; it has to be set"
    return f"{path}: {quoted(detail['input'])}: {detail['msg']}"


def allowed_keys(place: list[str]) -> list[str]:
    """List the keys of the section at a path such as ["variants", "mlp"]."""
    section: type[BaseModel] = Params
    annotation: Any = Params
    for key in place:
        if annotation is None:  # behind a mapping's own key stands its section
            annotation = section
            continue
        annotation = section.model_fields[key].annotation
        if get_origin(annotation) is dict:
            section, annotation = get_args(annotation)[1], None
        else:
            section = annotation
    return list(section.model_fields)


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word, and list what is known."""
    known = list(known)
    match = difflib.get_close_matches(word, known, n=1)
    hint = f"; did you mean {match[0]}?" if match else ""
    return f"{hint} (known: {shortened(', '.join(known), 400)})"


def studies(params: Params, kinds: Iterable[str]) -> list[str]:
    """Name the studies of these kinds."""
    return [name for name, study in params.studies.items() if study.kind in kinds]


def schema() -> str:
    """Make the JSON schema of the params file."""
    return json.dumps(Params.model_json_schema(), indent=2) + "\n"
