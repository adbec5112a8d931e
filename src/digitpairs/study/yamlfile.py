"""Reads YAML as plain data: text, numbers, true, false, null, lists and mappings, nothing else.

A params file runs no code, builds no objects, repeats no part of itself, and has no key twice.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from digitpairs.errors import ParamsError, key_path, quoted, shortened

MOST_BYTES = 200_000  # the whole paper's params take 7,000
MOST_DEPTH = 20
STANDARD = "tag:yaml.org,2002:"

# What words without quotes mean. PyYAML alone would also take yes for true, 010 for eight, 1:30
# for ninety and 2001-01-01 for a date, unlike DVC. Whoever writes an integer of more than 100
# digits gets text, which no number takes.
MEANINGS = {
    "null": r"|~|null|Null|NULL",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?(0|[1-9][0-9]{0,99})",
    "float": r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?|[-+]?\.inf|\.nan",
}


class PlainLoader(yaml.SafeLoader):
    """A SafeLoader that refuses whatever is not plain data; `name` is for its messages."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (as the base class has it)

    def __init__(self, text: str, name: str) -> None:
        """Start outside of every key. Raises ReaderError for characters that YAML forbids."""
        super().__init__(text)
        self.file = name
        self.path: list[object] = []

    def refuse(self, why: str, mark: yaml.Mark) -> None:
        """Raise ParamsError with line and key."""
        key = f"{key_path(self.path)}: " if self.path else ""
        raise ParamsError(f"{self.file}, line {mark.line + 1}: {key}{why}")

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Read one value; `index` is its place in a list, or the node of its key.

        Raises ParamsError for what is not plain data.
        """
        event = self.peek_event()  # type: ignore[no-untyped-call]
        inside = index is not None
        if inside:
            self.path.append(index.value if isinstance(index, yaml.Node) else index)
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            self.refuse("& and * are not allowed; write the value out, or use `base`", mark)
        if event.tag:
            tag = event.tag.replace(STANDARD, "!!")
            self.refuse(f"{quoted(tag)}: tags are not allowed; leave it out", mark)
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
            self.refuse("<< is not allowed; write the values out, or use `base`", mark)
        if len(self.path) > MOST_DEPTH:
            self.refuse(f"is nested more than {MOST_DEPTH} levels deep", mark)
        is_key = isinstance(parent, yaml.MappingNode) and not inside
        if is_key and not isinstance(event, yaml.ScalarEvent):
            self.refuse("a key has to be text, not a list or mapping", mark)
        node = super().compose_node(parent, index)
        if inside:
            self.path.pop()
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Read one mapping. Raises ParamsError for a key that is no text, or is given twice."""
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            self.path.append(key.value)
            if key.tag != f"{STANDARD}str":
                self.refuse("a key has to be text; put it in quotes", key.start_mark)
            if key.value in seen:
                self.refuse("this key is given twice; leave one out", key.start_mark)
            seen.add(key.value)
            self.path.pop()
        return node


for meaning, pattern in MEANINGS.items():
    PlainLoader.add_implicit_resolver(STANDARD + meaning, re.compile(rf"({pattern})\Z"), None)


def read(path: Path) -> dict[str, Any]:
    """Read a file of one mapping. Raises ParamsError with file, line, key and what is allowed."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ParamsError(
            f"{path}: no such file; give one with --params, or to snakemake with --configfile"
        ) from None
    except (OSError, ValueError) as error:
        raise ParamsError(f"{path}: cannot be read: {error}") from None
    if len(content) > MOST_BYTES:
        raise ParamsError(f"{path}: is larger than {MOST_BYTES:,} bytes: this is no params file")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ParamsError(f"{path}, line {line}: cannot be read: this is not UTF-8") from None
    data = parse(text, str(path))
    if not isinstance(data, dict):
        raise ParamsError(f"{path}: {quoted(data)}: has to be a mapping, such as `training: ...`")
    return data


def parse(text: str, name: str) -> Any:
    """Read the YAML of a file, or of one value, which messages call `name`.

    Raises ParamsError for what is not plain data.
    """
    try:
        return PlainLoader(text, name).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = ", ".join(filter(None, [error.context, error.problem]))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = f"{quoted(chr(error.character))}: this character is not allowed"
    raise ParamsError(f"{name}, line {line}: cannot be read as YAML: {shortened(problem, 300)}")
