"""Options of a net: from params to text and back, checked by the dataclass in the net's file.

The text is JSON of what differs from the defaults. So each choice has one text, and an option that
a net gets later changes no run of before.
"""

import json
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from digitpairs.explain import explain
from digitpairs.identity import essentials


def text_of(kind: Any, data: Any) -> str:
    """Check options, plain data, and write them as text.

    Raises ValueError with a line for each thing wrong: key path inside the options, value, what is
    allowed.
    """
    try:
        options = checker(kind).validate_python(data)
    except ValidationError as error:
        lines = [explain(detail, kind, "options") for detail in error.errors(include_url=False)]
        raise ValueError("\n".join(lines)) from None
    return json.dumps(essentials(options), sort_keys=True, allow_nan=False)


def read(kind: Any, text: str) -> Any:
    """Read options from their text. Raises ValueError for what is none."""
    return checker(kind).validate_json(text)


@cache
def checker(kind: Any) -> TypeAdapter[Any]:
    """What checks options of this kind, a dataclass."""
    return TypeAdapter(kind)
