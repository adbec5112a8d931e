"""What makes two runs the same: digests of plain data, fingerprints of code."""

import ast
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from digitpairs.errors import UserError

PACKAGE = Path(__file__).parent
# Code by folder, or the one file of a folder: what draws pairs, and what trains every net on them.
PAIRS = ("digits/idx.py", "pairs")
NETS = ("models/layers.py", "models/architecture.py", "models/nets.py", "models/build.py")
CORE = (*PAIRS, *NETS, "training")
CUDA_ONLY = "training/cuda"  # how a run is computed there is provenance
# Folders of the core of which a run has only the files that its recipe names.
BY_RECIPE = (
    "training/optimizers",
    "training/schedules",
    "training/preprocessing",
    "training/augment",
    "training/methods",
)
NOT_CORE = (CUDA_ONLY, *BY_RECIPE)

ANNOTATION = ("annotation", "returns", "type_comment", "kind")  # fields that change no result


def digest(value: Any) -> str:
    """Hash JSON-like data: 20 hexadecimal digits, the same for every order of keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def essentials(value: Any) -> Any:
    """Turn a dataclass into plain data without the fields that hold their default.

    So a field that is added later changes the digest of no run that does not use it. The price:
    the default of a field never changes its meaning. A tuple stays one.
    """
    if isinstance(value, tuple):
        return tuple(map(essentials, value))
    if not is_dataclass(value):
        return value
    return {
        field.name: essentials(getattr(value, field.name))
        for field in fields(value)
        if field.default is MISSING or getattr(value, field.name) != field.default
    }


@cache
def fingerprint(*places: str, without: tuple[str, ...] = ()) -> str:
    """Hash the parsed source of files and folders of this package, such as "pairs".

    `without` names folders to leave out of a place that they lie in; a place that is named itself
    is always in. Where a file lies and what it is called does not count, nor do comments,
    formatting, docstrings, annotations, the order and the paths of imports inside this package, or
    the Python version. The module that an import leads to counts by its content, where that is
    hashed too. Raises UserError for a place that is not there.
    """
    found = {file: module_digest(file) for file in sources(places, without)}
    modules = [
        digest([own, [imported and found.get(imported, ("",))[0] for imported in used]])
        for own, used in found.values()
        if own
    ]
    return digest(sorted(modules))


@cache
def module_digest(file: Path) -> tuple[str, list[Path | None]]:
    """Hash a module by itself, empty where there is nothing; list the modules that it uses."""
    body, used = essence(ast.parse(file.read_bytes()), file)
    return digest(body) if body else "", used


def imported(place: str) -> ModuleType:
    """Import the file at a place of this package, such as "models/mlp.py"."""
    return import_module(".".join([__package__, *Path(place).with_suffix("").parts]))


def check_unchanged(code: str, current: Callable[[], str]) -> None:
    """Raise UserError where the code as it is now is no longer that of a fingerprint.

    Otherwise what edited code computes would bear the name of what was planned. `current` takes
    the fingerprint again; what was read of the files before is forgotten.
    """
    fingerprint.cache_clear()
    module_digest.cache_clear()
    if current() != code:
        raise UserError("the code was edited while this job started; give the same command again")


def sources(places: Iterable[str], without: tuple[str, ...] = ()) -> Iterator[Path]:
    """List the Python files at places of this package, each once, but for folders left out.

    Raises UserError for a place that is not there: its code would be missing from every identity.
    """
    found: set[Path] = set()
    for place in places:
        root = PACKAGE / place
        if not root.exists():
            raise UserError(f"{root}: this code is named by what is to be done, and is not there")
        left_out = {PACKAGE / folder for folder in without if root in (PACKAGE / folder).parents}
        files = [root] if root.is_file() else root.rglob("*.py")
        found.update(file for file in files if left_out.isdisjoint(file.parents))
    return iter(sorted(found))


def essence(tree: ast.Module, file: Path) -> tuple[list[Any], list[Path | None]]:
    """Reduce a module to what can change a result: nested lists, empty if there is nothing.

    The second value lists the modules of this package whose names it uses, in the order of first
    use. In the lists such a name is that order and what it is called where it stands.
    """
    names = imported_names(tree, file)
    order: dict[str, int] = {}

    def reduced(node: Any) -> Any:
        if isinstance(node, list):
            return [reduced(item) for item in node if not is_left_out(item)]
        if isinstance(node, ast.Name):
            if node.id not in names:
                return ["Name", node.id]
            return ["Name", order.setdefault(node.id, len(order)), names[node.id][1]]
        if isinstance(node, ast.AST):
            parts = [(name, getattr(node, name)) for name in node._fields if name not in ANNOTATION]
            return [type(node).__name__] + [
                [name, reduced(value)] for name, value in parts if value not in (None, [])
            ]
        return repr(node)

    return reduced(tree.body), [names[name][0] for name in order]


def imported_names(tree: ast.Module, file: Path) -> dict[str, tuple[Path | None, str]]:
    """Map names that are imported from this package to their module, and their name there.

    A module itself is called nothing: `kernels.pool` stays the same when its file is renamed.
    """
    names: dict[str, tuple[Path | None, str]] = {}
    for node in filter(is_own_import, ast.walk(tree)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[str(alias.asname)] = (module_at(PACKAGE.parent, alias.name), "")
        elif isinstance(node, ast.ImportFrom):
            folder = file.parents[node.level - 1] if node.level else PACKAGE.parent
            place = node.module or ""
            for alias in node.names:
                module = module_at(folder, f"{place}.{alias.name}")
                found = (module, "") if module else (module_at(folder, place), alias.name)
                names[alias.asname or alias.name] = found
    return names


def module_at(folder: Path, dotted: str) -> Path | None:
    """Find the file of a module or package; None where there is none of that name."""
    place = folder.joinpath(*filter(None, dotted.split(".")))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def is_left_out(node: Any) -> bool:
    """Whether a statement is a bare string, or an import from inside this package."""
    return is_own_import(node) or (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_own_import(node: Any) -> bool:
    """Whether a node imports from this package, and gives what it imports a name of its own.

    `import digitpairs.pairs.draw` does not: it stays, as all that is not understood does.
    """
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").split(".")[0] == PACKAGE.name
    return isinstance(node, ast.Import) and all(
        alias.asname and alias.name.split(".")[0] == PACKAGE.name for alias in node.names
    )
