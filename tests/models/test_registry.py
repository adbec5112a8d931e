"""The families of nets: what each is, and that its code is the core's and its own file's."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitpairs.identity import CORE, CUDA_ONLY, NOT_CORE, PACKAGE, imported_names, sources
from digitpairs.models.registry import FAMILIES, architecture_of, family_of
from digitpairs.recipe import BY_THE_PAPER, parts
from digitpairs.spec import ModelSpec
from nets import net_of

# What runs are planned and recorded with. No training depends on how these are written.
PLAIN = {
    *("errors.py", "files.py", "identity.py", "paths.py", "recipe.py", "spec.py", "values.py"),
    *("models/registry.py", "models/options.py", "models/counts.py"),
}
OF_THE_PAPER = [name for name, family in FAMILIES.items() if family.sizes]


def spec_of(name: str) -> ModelSpec:
    """A small model of a family."""
    family = FAMILIES[name]
    return ModelSpec(name, (8,), (4, 6) if "channels" in family.sizes else ())


@pytest.mark.parametrize("name", OF_THE_PAPER)
def test_a_family_is_what_its_entry_says(name: str) -> None:
    family, spec = FAMILIES[name], spec_of(name)
    assert family_of(spec) is family
    architecture = architecture_of(spec)
    assert bool(architecture.head) == family.siamese
    assert len(architecture.branches) == 1 + family.siamese
    layers = {layer.name for branch in architecture.branches for layer in branch}
    assert ("Conv2d" in layers) == ("channels" in family.sizes)
    assert hasattr(net_of(spec), "branches") == family.siamese


def test_labels_are_for_people_and_differ() -> None:
    labels = [family.label for family in FAMILIES.values()]
    assert labels == ["MLP", "ConvNet", "Siamese MLP", "Siamese ConvNet", "ConvStack"]


def test_families_have_code_of_their_own() -> None:
    assert len({family.code(BY_THE_PAPER) for family in FAMILIES.values()}) == len(FAMILIES)


def imports_of(file: Path) -> Iterator[str]:
    """Name the modules of this package that a file imports."""
    for module, _ in imported_names(ast.parse(file.read_bytes()), file).values():
        assert module is not None, file
        yield str(module.relative_to(PACKAGE))


@pytest.mark.parametrize("name", FAMILIES)
def test_all_code_that_a_run_is_trained_by_is_hashed_into_it(name: str) -> None:
    """A hashed file imports what is hashed too, or what only plans, records and reads."""
    only_a_gpu = {str(file.relative_to(PACKAGE)) for file in sources([CUDA_ONLY])}
    places = [*CORE, FAMILIES[name].place, *parts(BY_THE_PAPER)]
    hashed = list(sources(places, NOT_CORE))
    known = {str(file.relative_to(PACKAGE)) for file in hashed} | PLAIN | only_a_gpu
    assert {module for file in hashed for module in imports_of(file)} <= known
