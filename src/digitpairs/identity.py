"""What makes two runs the same: digests of plain data, fingerprints of code."""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from digitpairs.errors import UserError

PACKAGE = Path(__file__).parent


def digest(value: Any) -> str:
    """Hash JSON-like data: 20 hexadecimal digits, the same for every order of keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def essentials(value: Any) -> Any:
    """Turn a dataclass into plain data without the fields that hold their default.

    So a field that is added later changes the digest of no run that does not use it. The price:
    the default of a field never changes its meaning.
    """
    if not is_dataclass(value):
        return value
    return {
        field.name: essentials(getattr(value, field.name))
        for field in fields(value)
        if field.default is MISSING or getattr(value, field.name) != field.default
    }


@cache
def fingerprint(*places: str, without: str | None = None) -> str:
    """Hash the parsed source of files and folders of this package, such as "pairs".

    `without` names a folder to leave out. Where a file lies and what it is called does not count,
    nor do comments, formatting, docstrings, annotations, the order and the paths of imports
    inside this package, or the Python version.
    """
    trees = [essence(ast.parse(file.read_bytes())) for file in sources(places, without)]
    return digest(sorted(digest(tree) for tree in trees if tree))


def check_unchanged(code: str, *places: str, without: str | None = None) -> None:
    """Raise UserError where code that was just imported is no longer that of `code`.

    Otherwise what edited code computes would bear the name of what was planned.
    """
    if fingerprint.__wrapped__(*places, without=without) != code:
        raise UserError("the code was edited while this job started; give the same command again")


def sources(places: Iterable[str], without: str | None = None) -> Iterator[Path]:
    """List the Python files at places of this package, each once."""
    found = {
        file
        for place in places
        for file in (
            [PACKAGE / place] if place.endswith(".py") else (PACKAGE / place).rglob("*.py")
        )
    }
    left_out = PACKAGE / without if without else None
    return (file for file in sorted(found) if left_out not in file.parents)


def essence(tree: ast.Module) -> list[Any]:
    """Reduce a module to what can change a result, as nested lists; empty if there is nothing."""
    names = imported_here(tree)
    return [reduced(node, names) for node in tree.body if not is_left_out(node)]


def imported_here(tree: ast.Module) -> dict[str, str]:
    """Map names that are imported from this package to what they are called where they stand.

    A module is called nothing: `kernels.pool` stays the same when its file gets another name.
    """
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and is_own_import(node):
            for alias in node.names:
                place = PACKAGE.joinpath(*(node.module or "").split(".")[1:], alias.name)
                is_module = place.is_dir() or place.with_suffix(".py").is_file()
                names[alias.asname or alias.name] = "" if is_module else alias.name
    return names


def reduced(node: Any, names: dict[str, str]) -> Any:
    """Reduce a part of a syntax tree."""
    if isinstance(node, list):
        return [reduced(item, names) for item in node if not is_left_out(item)]
    if isinstance(node, ast.Name):
        return ["Name", names.get(node.id, node.id)]
    if isinstance(node, ast.AST):
        parts = [(name, value) for name, value in ast.iter_fields(node) if value not in (None, [])]
        return [type(node).__name__] + [
            [name, reduced(value, names)]
            for name, value in parts
            if name not in ("annotation", "returns", "type_comment", "kind")
        ]
    return repr(node)


def is_left_out(node: Any) -> bool:
    """Whether a statement is a bare string, or an import from inside this package."""
    return is_own_import(node) or (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_own_import(node: Any) -> bool:
    """Whether a node imports from this package, which is always called by its full name."""
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE.name
