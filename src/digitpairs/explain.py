"""Says what is refused of typed data, params or options: key path, value, what is allowed."""

from collections.abc import Iterator, Sequence
from dataclasses import is_dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from digitpairs.errors import key_path, nearest, quoted


def explain(detail: ErrorDetails, root: Any, name: str) -> str:
    """Say in one line what is wrong with data of type `root`, which is called `name` as a whole.

    What a check of the data's own raises begins with its key.
    """
    place = [part for part in detail["loc"] if part != "[key]"]
    keys, section = follow(place, root)
    path, value = key_path(keys) or name, quoted(detail["input"])
    text = f"{path}: {value}: {detail['msg']}"
    match detail["type"]:
        case "extra_forbidden" | "unexpected_keyword_argument":
            known = follow(place[:-1], root)[1]
            text = f"{path}: unknown key{nearest(keys[-1], keys_of(known))}"
        case "missing":
            text = f"{path}: missing; it has to be set"
        case "union_tag_not_found":
            text = f"{path}.name: missing; it is one of {', '.join(names_of(section))}"
        case "union_tag_invalid":
            tag = str(detail["ctx"]["tag"])
            text = f"{path}.name: {quoted(tag)}: unknown{nearest(tag, names_of(section))}"
        case "dataclass_type" | "model_attributes_type":
            named = names_of(section)
            example = f"name: {named[0]}" if named else f"{next(iter(keys_of(section)))}: ..."
            text = f"{path}: {value}: should be keys and values, such as {{{example}}}"
        case "value_error":
            own = str(detail["ctx"]["error"])
            text = ".".join([key_path(keys), own] if keys else [own])
    return text


def follow(place: Sequence[Any], root: Any) -> tuple[list[str], Any]:
    """Follow a place in data of a type: the keys as a file has them, and the type that is there.

    Where a section is one of several by its name, pydantic puts that name into the place.
    """
    keys: list[str] = []
    annotation = root
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
            return [one for one in get_args(kind) if one is not ...][-1]
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
