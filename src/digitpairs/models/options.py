"""Options of a net: from params to text and back, checked by the dataclass in the net's file.

The text is JSON of what differs from the defaults. So each choice has one text, and an option that
a net gets later changes no run of before.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from digitpairs.errors import key_path, nearest, quoted
from digitpairs.identity import essentials


def text_of(kind: Any, data: Any) -> str:
    """Check options, plain data, and write them as text.

    Raises ValueError with a line for each thing wrong: key path inside the options, value, what is
    allowed.
    """
    try:
        options = checker(kind).validate_python(data)
    except ValidationError as error:
        lines = [explain(kind, detail) for detail in error.errors(include_url=False)]
        raise ValueError("\n".join(lines)) from None
    return json.dumps(essentials(options), sort_keys=True, allow_nan=False)


def read(kind: Any, text: str) -> Any:
    """Read options from their text. Raises ValueError for what is none."""
    return checker(kind).validate_json(text)


@cache
def checker(kind: Any) -> TypeAdapter[Any]:
    """What checks options of this kind, a dataclass."""
    return TypeAdapter(kind)


def explain(kind: Any, detail: ErrorDetails) -> str:
    """Say what is wrong in one line. What a check of the net's own raises begins with its key."""
    place = detail["loc"]
    path, key = key_path(place), place[-1] if place else ""
    match detail["type"]:
        case "unexpected_keyword_argument":
            return f"{path}: unknown key{nearest(str(key), known_keys(kind, place[:-1]))}"
        case "missing":
            return f"{path}: missing; it has to be set"
        case "value_error":
            return key_path([*place, ""]).removesuffix("''") + str(detail["ctx"]["error"])
    return ": ".join(filter(None, (path, quoted(detail["input"]), detail["msg"])))


def known_keys(kind: Any, place: Sequence[int | str]) -> list[str]:
    """List the keys at a place, such as ("layers", 0), of options of this kind."""
    for key in place:
        if isinstance(key, str):
            kind = next(dataclasses_in(get_type_hints(kind)[key]))
    return [field.name for field in fields(kind)]


def dataclasses_in(annotation: Any) -> Iterator[type[Any]]:
    """Find the dataclasses that an annotation such as tuple[Layer, ...] names."""
    if is_dataclass(annotation) and isinstance(annotation, type):
        yield annotation
    for argument in get_args(annotation):
        yield from dataclasses_in(argument)
