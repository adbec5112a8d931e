"""Types of values that params may hold. The upper bounds only stop a slip of the finger."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt
from pydantic_core import PydanticCustomError


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


def single_spaced(text: str) -> str:
    """Refuse spaces that print as none or one."""
    if text != " ".join(text.split()):
        raise PydanticCustomError("label", "should have no space at its ends and no two together")
    return text


def as_label(text: str) -> str:
    """Refuse what marks the winner of the search."""
    if text.endswith(("*", "selected")):
        raise PydanticCustomError(
            "label", "should not end in '*' or 'selected': these mark the search's winners"
        )
    return text


class Section(BaseModel):
    """A part of the params: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Names become names of files.
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]


def no_truth(value: Any) -> Any:
    """Refuse true and false, which would be taken for 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("truth", "should be no true or false")
    return value


Label = Annotated[
    str,
    Field(min_length=1, max_length=60),
    AfterValidator(as_line),
    AfterValidator(single_spaced),
    AfterValidator(as_label),
]

Count = Annotated[StrictInt, Field(ge=1, le=100_000)]
Few = Annotated[StrictInt, Field(ge=1, le=1_000)]
Budget = Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]
Seed = Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]
Size = Annotated[StrictInt, Field(ge=1, le=10_000)]
Number = Annotated[float, BeforeValidator(as_number), Field(allow_inf_nan=False)]
Rate = Annotated[Number, Field(gt=0, le=1)]
Weight = Annotated[Number, Field(ge=0, le=1e9)]
Share = Annotated[Number, Field(ge=0, le=1)]
PartShare = Annotated[Number, Field(ge=0, lt=1)]
Epochs = Annotated[Number, Field(ge=0, le=100_000)]
