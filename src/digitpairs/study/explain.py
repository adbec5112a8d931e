"""Says what the schema refuses: the key's path, the value, what is allowed."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from digitpairs.errors import key_path, nearest, quoted
from digitpairs.study.schema import Params


def explain(detail: ErrorDetails) -> str:
    """Say what is wrong in one line."""
    keys, section = follow([part for part in detail["loc"] if part != "[key]"])
    path, value = key_path(keys) or "params", quoted(detail["input"])
    match detail["type"]:
        case "extra_forbidden" | "unexpected_keyword_argument":
            known = follow(detail["loc"][:-1])[1]
            return f"{path}: unknown key{nearest(keys[-1], keys_of(known))}"
        case "missing":
            return f"{path}: missing; it has to be set"
        case "union_tag_not_found":
            return f"{path}.name: missing; it is one of {', '.join(names_of(section))}"
        case "union_tag_invalid":
            name = str(detail["ctx"]["tag"])
            return f"{path}.name: {quoted(name)}: unknown{nearest(name, names_of(section))}"
        case "dataclass_type" | "model_attributes_type":
            known = names_of(section)
            example = f"name: {known[0]}" if known else f"{next(iter(keys_of(section)))}: ..."
            return f"{path}: {value}: should be keys and values, such as {{{example}}}"
    return f"{path}: {value}: {detail['msg']}"


def follow(place: list[Any] | tuple[Any, ...]) -> tuple[list[str], Any]:
    """Follow a place in the params: the keys as a file has them, and the type that is there.

    Where a section is one of several by its name, pydantic puts that name into the place.
    """
    keys, annotation = [], Params
    for key in place:
        chosen = [kind for kind in kinds_of(annotation) if key in names_of(kind)]
        if chosen and names_of(annotation) != names_of(chosen[0]):
            annotation = chosen[0]
            continue
        keys.append(str(key))
        annotation = inside(annotation, key)
    return keys, annotation


def inside(annotation: Any, key: Any) -> Any:
    """The type of what lies under a key; None where nothing does."""
    for kind in kinds_of(annotation):
        if key in fields_of(kind):
            return fields_of(kind)[key]
        if get_origin(kind) in (dict, list, tuple):
            return get_args(kind)[-1]
    return None


def kinds_of(annotation: Any) -> Iterator[Any]:
    """List the types that a type can be, its annotations and None left out."""
    if get_origin(annotation) is Annotated:
        yield from kinds_of(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for kind in get_args(annotation):
            yield from kinds_of(kind)
    elif annotation is not type(None):
        yield annotation


def fields_of(kind: Any) -> dict[Any, Any]:
    """List the types of a section's keys; nothing for what is no section."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: field.annotation for name, field in kind.model_fields.items()}
    return get_type_hints(kind, include_extras=True) if is_dataclass(kind) else {}


def keys_of(annotation: Any) -> list[str]:
    """List the keys of a section."""
    return [key for kind in kinds_of(annotation) for key in fields_of(kind)]


def names_of(annotation: Any) -> list[str]:
    """List the names that a section can have, of those that are one of several by their name."""
    named = (fields_of(kind).get("name") for kind in kinds_of(annotation))
    literals = (kind for one in named for kind in kinds_of(one) if get_origin(kind) is Literal)
    return [name for kind in literals for name in get_args(kind)]
