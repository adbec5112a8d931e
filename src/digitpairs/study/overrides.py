"""Params set on the command line: `snakemake --config set='training.epochs=3 seeds=5'`."""

import copy
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from digitpairs.errors import ParamsError, key_path, nearest, quoted, shortened
from digitpairs.study import yamlfile

USAGE = "write --config set='training.epochs=3 seeds=5'"
# What a section calls its entries, and which keys make a new one. Another is a name mistyped.
CLAIMS = "claims"  # set by their whole path alone: they have keys in common with params
NEW = {"variants": ("variant", ("base", "family")), "studies": ("study", ("kind",))}


def apply(content: dict[str, Any], arguments: Sequence[str]) -> dict[str, Any]:
    """Change a copy of the params by what was given to --config; the caller checks the result.

    Raises ParamsError for what names no param.
    """
    changed = copy.deepcopy(content)
    places: set[tuple[str, ...]] = set()
    for key, text in entries(arguments):
        value = yamlfile.parse(text, f"set: {quoted(f'{key}={text}')}")
        place = find(changed, key, whole=isinstance(value, dict))
        if place in places:
            raise ParamsError(f"set: {key_path(place)}: is given twice; leave one out")
        places.add(place)
        put(changed, place, value)
    check_names(content, changed)
    return changed


def check_names(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise ParamsError for a variant or study that is there only because its name is mistyped."""
    for section, (noun, keys) in NEW.items():
        known, entries = before.get(section), after.get(section)
        if not isinstance(known, dict) or not isinstance(entries, dict):
            continue  # the caller's check says so
        for name in entries.keys() - known.keys():
            entry = entries[name]
            if isinstance(entry, dict) and not entry.keys() & set(keys):
                path = key_path([section, name])
                raise ParamsError(
                    f"set: {path}: unknown {noun}{nearest(name, known)}; a new {noun} needs "
                    f"{' or '.join(keys)}"
                )


def entries(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Split what `set=` holds as a shell would, into keys and values.

    Raises ParamsError for anything else.
    """
    found = []
    for argument in arguments:
        name, _, text = argument.partition("=")
        if name != "set":
            raise ParamsError(f"--config {quoted(argument)}: is not allowed; {USAGE}")
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise ParamsError(f"set: {quoted(text)}: {error}; {USAGE}") from None
        for word in words:
            key, equals, value = word.partition("=")
            if not (key and equals):
                raise ParamsError(
                    f"set: {quoted(word)}: is not KEY=VALUE; put a value with spaces in quotes"
                )
            found.append((key, value))
    return found


def find(content: dict[str, Any], key: str, whole: bool) -> tuple[str, ...]:
    """Find the keys that lead to what is set: `key` is a path, or the last part of one alone.

    Raises ParamsError where there is none, or more than one.
    """
    if "." in key or key in content:
        return follow(content, key.split("."), whole)
    known = [path for path in leaf_paths(content) if path[0] != CLAIMS]
    found = [path for path in known if path[-1] == key]
    if len(found) == 1:
        return found[0]
    if found:
        choices = shortened(", ".join(map(key_path, found)), 400)
        raise ParamsError(f"set: {key}: can be any of {choices}; write which")
    names = dict.fromkeys(path[-1] for path in known)
    raise ParamsError(f"set: {key_path([key])}: unknown parameter{nearest(key, names)}")


def leaf_paths(section: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """List the paths of all values that are not sections."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from ((key, *path) for path in leaf_paths(value))
        else:
            yield (key,)


def follow(section: Any, words: list[str], whole: bool) -> tuple[str, ...]:
    """Follow a dotted path, the longest key that exists first: names have dots too.

    Where it leads to nothing yet, it names a new entry: all its words do if the entry is set as a
    whole, else all but the last, which is the key. Raises ParamsError where a value has no parts.
    """
    if not isinstance(section, dict):
        raise ParamsError(f"set: {key_path(words)}: {quoted(section)} has no such part")
    for count in range(len(words), 0, -1):
        name, rest = ".".join(words[:count]), words[count:]
        if name in section:
            return (name, *(follow(section[name], rest, whole) if rest else ()))
    head = words if whole else words[:-1]
    return (*([".".join(head)] if head else []), *words[len(head) :])


def put(content: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    """Set the value at a place whose last section may be new."""
    *sections, key = place
    for section in sections:
        content = content.setdefault(section, {})
    content[key] = value
