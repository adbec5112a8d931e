"""What numba compiled is kept by version of the code, wherever that is kept."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digitpairs.identity import PACKAGE, imported_names

# How a kernel marks what ReLU cut off: a constant that first_layer.py imports from kernels.py.
PROBE = """
import numpy as np
from digitpairs.training.engines import first_layer

x, w, b = np.zeros((1, 1, 1, 14, 14)), np.zeros((1, 1, 9, 1)), np.full((1, 1), -1.0)
tiles, which = np.zeros((36, 1, 1, 1)), np.zeros((36, 1, 1, 1), np.uint8)
forward = first_layer.forward_pass(1, 1)
forward(x, w, b, tiles, which)
print(which.max(), "loaded" if sum(forward.stats.cache_hits.values()) else "compiled")
"""


def printed(code: str, package: Path, cache: str) -> str:
    """What code prints that uses this copy of the package, with numba's variable set."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=package.parent,
        env={**os.environ, "PYTHONPATH": str(package.parent), "NUMBA_CACHE_DIR": cache},
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    ).stdout.strip()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, the test's own to edit."""
    return Path(shutil.copytree(PACKAGE, tmp_path / PACKAGE.name))


def test_an_edit_of_what_a_kernel_imports_is_compiled(package: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "named")
    assert printed(PROBE, package, cache) == "4 compiled"
    assert printed(PROBE, package, cache) == "4 loaded"
    kernels = package / "training/engines/kernels.py"
    text = kernels.read_text(encoding="utf-8")
    assert text.count("OFF = 4") == 1
    kernels.write_text(text.replace("OFF = 4", "OFF = 7"), encoding="utf-8")
    assert printed(PROBE, package, cache) == "7 compiled"
    assert len(list(Path(cache).iterdir())) == 2


def test_without_a_variable_kernels_are_kept_beside_the_data(package: Path, tmp_path: Path) -> None:
    code = "from digitpairs.training.engines import kernels; print(kernels.numba.config.CACHE_DIR)"
    assert Path(printed(code, package, "")).parent == tmp_path / "data/plan/kernels"


def with_kernels(folder: Path) -> list[Path]:
    """The files of a folder in which kernels stand."""
    return [file for file in folder.rglob("*.py") if "@compiled" in file.read_text("utf-8")]


def test_kernels_are_made_of_what_their_version_covers() -> None:
    """A file with kernels imports nothing else of this package."""
    engines = PACKAGE / "training/engines"
    files = with_kernels(engines)
    assert {file.name for file in files} == {
        "kernels.py",
        "first_layer.py",
        "counts.py",
        "norm_relu.py",
    }
    for file in files:
        imported = imported_names(ast.parse(file.read_bytes()), file)
        modules = {module for module, _ in imported.values() if module}
        layers = {PACKAGE / "models/layers.py", PACKAGE / "pairs/sizes.py"}
        covered = {*layers, *engines.glob("*.py")}
        names_a_place = {PACKAGE / "paths.py", PACKAGE / "identity.py"}
        assert modules <= covered | names_a_place


def test_kernels_elsewhere_are_made_of_their_own_file_alone() -> None:
    """numba sees an edit of the file in which a kernel stands."""
    elsewhere = set(with_kernels(PACKAGE)) - set(with_kernels(PACKAGE / "training/engines"))
    files = ("training/optimizers/adam.py", "runs/wrong_by_head.py")
    assert elsewhere == {PACKAGE / file for file in files}
    for file in elsewhere:
        tree = ast.parse(file.read_bytes())
        kernels = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            and "compiled" in [ast.unparse(decorator) for decorator in node.decorator_list]
        ]
        assert kernels
        used = {
            node.id
            for kernel in kernels
            for statement in kernel.body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name)
        }
        assert used & imported_names(tree, file).keys() == set()
