"""The house: which room stands on which, and what has one place. Read from the code, not run."""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import digitpairs

PACKAGE = Path(digitpairs.__file__).parent

# From the ground up. What stands on a floor imports from the floors below it, and from itself.
FLOORS = (
    ("errors", "paths", "values"),
    ("explain", "files", "identity", "memory", "outside", "recipe"),
    ("spec", "digits", "photos"),
    ("pairs",),
    ("models",),
    ("study", "training", "cluster"),
    ("selfcheck",),
    ("runs",),
    ("search",),
    ("products",),
    ("pipeline",),
    ("cli",),
)
STUDY_FLOORS = (
    ("study.kinds", "study.yamlfile", "study.claims", "study.searches"),
    ("study.schema", "study.overrides"),
    ("study.task",),
    ("study.variants",),
    ("study.space", "study.misfits", "study.groups"),
    ("study.grid",),
    ("study.claim_conflicts", "study.page_conflicts"),
    ("study.strategy_conflicts",),
    ("study.search_conflicts",),
    ("study.conflicts",),
    ("study.load",),
)
MOST_LINES = 300


def module_name(file: Path) -> str:
    """A module by its path in the package, such as study.load; the package itself is ''."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


SOURCES = {module_name(file): file for file in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(file.read_bytes()) for name, file in SOURCES.items()}


def imports(tree: ast.Module) -> Iterator[str]:
    """Full names of all that is imported: at the top, in functions, for type checkers alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def own_imports(tree: ast.Module) -> set[str]:
    """Modules of this package that a tree imports."""
    found = set()
    for name in imports(tree):
        package, _, place = name.partition(".")
        if package == PACKAGE.name:
            found.add(place if place in SOURCES else place.rpartition(".")[0])
    return found


GRAPH = {name: own_imports(tree) for name, tree in TREES.items()}


def upward(floors: tuple[tuple[str, ...], ...], depth: int) -> list[str]:
    """Imports from a higher floor or another room of the same; a room's name has `depth` parts."""
    floor_of = {room: floor for floor, rooms in enumerate(floors) for room in rooms}

    def room(module: str) -> str:
        return ".".join(module.split(".")[:depth])

    return [
        f"{module} imports {other}"
        for module, others in GRAPH.items()
        for other in sorted(others)
        if {room(module), room(other)} <= floor_of.keys()
        if room(module) != room(other)
        if floor_of[room(module)] <= floor_of[room(other)]
    ]


def test_every_room_has_a_floor() -> None:
    rooms = {name.split(".")[0] for name in SOURCES} - {""}
    assert rooms == {room for floor in FLOORS for room in floor}
    assert {name for name in SOURCES if name.startswith("study.")} == {
        module for floor in STUDY_FLOORS for module in floor
    }


def test_a_room_imports_from_the_floors_below_it_alone() -> None:
    assert upward(FLOORS, depth=1) == []


def test_the_study_is_built_from_its_kinds_to_its_loading() -> None:
    assert upward(STUDY_FLOORS, depth=2) == []


def test_no_imports_go_round_in_a_circle_wherever_they_stand() -> None:
    TopologicalSorter(GRAPH).prepare()  # raises CycleError, which names the circle


def test_the_package_is_imported_by_its_full_name() -> None:
    """`from digitpairs.runs import plan`: the graph above knows no other imports."""
    for name, tree in TREES.items():
        assert [other for other in imports(tree) if other.startswith(".")] == [], name
        plain = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
        names = [alias.name.partition(".")[0] for node in plain for alias in node.names]
        assert PACKAGE.name not in names, name


def test_what_trains_needs_few_packages() -> None:
    """A GPU node may have little more than torch."""
    needed = ("numba", "numpy", "pyarrow", "pydantic", "pydantic_core", "torch")
    allowed = {PACKAGE.name, *needed, *sys.stdlib_module_names}
    for name, tree in TREES.items():
        if name.startswith(("pairs", "models", "training")):
            assert {other.partition(".")[0] for other in imports(tree)} <= allowed, name


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_is_one_idea(name: str) -> None:
    assert len(SOURCES[name].read_text(encoding="utf-8").splitlines()) < MOST_LINES


def test_every_package_says_what_it_is_and_nothing_else() -> None:
    for folder in {file.parent for file in SOURCES.values()}:
        tree = TREES[module_name(folder / "__init__.py")]
        assert ast.get_docstring(tree), folder
        assert len(tree.body) == 1, folder


def test_where_things_lie_is_said_in_one_place() -> None:
    texts = {
        name: [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        for name, tree in TREES.items()
    }
    places = {
        name
        for name, values in texts.items()
        if any(isinstance(value, str) and re.match("(data|reports)/", value) for value in values)
    }
    assert places == {"paths"}


def test_shapes_of_layers_are_worked_out_in_one_place() -> None:
    """What moves or sums pixels counts them too: that is no shape of a layer."""
    counting = re.compile(r"\bside\s*(-|//)", re.IGNORECASE)
    places = {name for name, file in SOURCES.items() if counting.search(file.read_text("utf-8"))}
    elsewhere = {
        name for name in places if not name.startswith(("models.", "training.augment.", "pairs."))
    }
    assert elsewhere == set()
