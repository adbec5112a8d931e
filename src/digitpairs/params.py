"""Typed params: what `params.yaml` may say, checked before anything runs."""

import difflib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from digitpairs.errors import UserError
from digitpairs.spec import Family

FIGURE_KINDS = ("architecture", "box", "sweep", "curves")
TABLE_KINDS = ("hyperparameters", "accuracies")
FIXED_FIGURES = ("pairs", "search")
FIGURE_FORMATS = ("pdf", "svg", "png")
SELECTED = "_selected"


class ParamsError(UserError):
    """Params that cannot be used; the message names key, value, what is allowed, what to do."""


def as_number(value: Any) -> Any:
    """Refuse true and false; read 1e-4, which YAML 1.1 takes for text."""
    if isinstance(value, bool):
        raise PydanticCustomError("number", "should be a number")
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise PydanticCustomError("number", "should be a number, such as 1.0e-4") from None
    return value


Count = Annotated[StrictInt, Field(ge=1)]
Seed = Annotated[StrictInt, Field(ge=0)]
Number = Annotated[float, BeforeValidator(as_number), Field(allow_inf_nan=False)]
Rate = Annotated[Number, Field(gt=0, le=1)]
Weight = Annotated[Number, Field(ge=0)]
Hidden = Annotated[list[Count], Field(min_length=1)]
# Each conv layer with its max-pool takes a side of 14 pixels to 6, then 2: there is no third.
Channels = Annotated[list[Count], Field(min_length=1, max_length=2)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]


class Section(BaseModel):
    """A part of the params: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(Section):
    """Where the digits come from."""

    source: Literal["auto", "folder", "torchvision", "embedded"] = Field(
        description="auto takes the first that can be had: data/raw, folder, torchvision, embedded"
    )
    folder: str | None = Field(description="folder of the four MNIST files, gzipped or not")


class Pairs(Section):
    """Sizes of a seed's pair set."""

    train: Count = Field(description="training pairs a seed, from MNIST's train digits")
    test: Count = Field(description="test pairs a seed, from MNIST's test digits")


class Training(Section):
    """The protocol of the evaluation (paper, Training)."""

    seeds: Count = Field(description="runs a variant: seeds 0 to seeds - 1")
    epochs: Count = Field(description="epochs a run")
    batch_size: Count = Field(description="pairs a step")
    batchnorm: Literal["standard", "frozen_after_first_epoch"] = Field(
        description="frozen_after_first_epoch: what the authors' code does"
    )
    shuffle: StrictBool = Field(description="draw a new order of the pairs each epoch")


class Grid(Section):
    """One family's choices: for each hidden layer, each conv layer, and the learning rate."""

    hidden: Annotated[list[Hidden], Field(min_length=1)] = Field(
        description="a list of sizes for each hidden layer"
    )
    channels: Annotated[list[Hidden], Field(max_length=2)] = Field(
        default=[], description="a list of channel counts for each conv layer"
    )
    learning_rate: Annotated[list[Rate], Field(min_length=1)] = Field(
        description="Adam's learning rates"
    )


class Search(Section):
    """The cross-validated search under a parameter budget (paper, Training)."""

    seed: Seed = Field(description="seed of the search's own pair set")
    folds: Annotated[StrictInt, Field(ge=2)] = Field(description="folds of the cross-validation")
    epochs: Count = Field(description="epochs a fold")
    min_parameters: Count = Field(description="smaller nets are not tried")
    max_parameters: Count = Field(description="larger nets are not tried")
    grids: Annotated[dict[Family, Grid], Field(min_length=1)] = Field(
        description="family: its choices"
    )


class Variant(Section):
    """A base and what it changes; without a base, a family and all its sizes."""

    base: str | None = Field(default=None, description="variant to start from")
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
    title: str = Field(description="title of the figure or caption of the table")
    variants: Annotated[list[str], Field(min_length=1)] = Field(
        description="variants, in order; FAMILY_selected is the search's winner"
    )


class Execution(Section):
    """How runs are computed; never changes a result."""

    runs_per_job: Count = Field(description="runs that one job trains")
    device: Literal["cpu", "cuda"] = Field(description="where runs are trained")
    threads: Count = Field(description="runs that a job trains side by side, one thread each")


class Params(Section):
    """All of `params.yaml`."""

    data: Data
    pairs: Pairs
    training: Training
    search: Search
    variants: dict[Name, Variant]
    studies: dict[Name, Study]
    execution: Execution


def load(path: Path) -> Params:
    """Read and check a params file. Raises ParamsError with a line for each thing wrong."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParamsError(f"{path}: no such file; give one with --params") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ParamsError(f"{path}: cannot be read as YAML: {error}") from None
    return check(content)


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
    raise ParamsError("params that cannot be used:\n" + "\n".join(f"  {p}" for p in problems))


def explain(detail: ErrorDetails) -> str:
    """Say what is wrong in one line: the key's path, the value, what is allowed."""
    place = [str(part) for part in detail["loc"] if part != "[key]"]
    path = ".".join(place) or "params"
    match detail["type"]:
        case "extra_forbidden":
            known = allowed_keys(place[:-1])
            return f"{path}: unknown key{nearest(place[-1], known)}"
        case "missing":
            return f"{path}: missing; it has to be set"
    return f"{path}: {detail['input']!r}: {detail['msg']}"


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
    return f"{hint} (known: {', '.join(known)})"


def studies(params: Params, kinds: Iterable[str]) -> list[str]:
    """Name the studies of these kinds."""
    return [name for name, study in params.studies.items() if study.kind in kinds]


def schema() -> str:
    """Make the JSON schema of the params file."""
    return json.dumps(Params.model_json_schema(), indent=2) + "\n"
