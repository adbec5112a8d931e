"""What the tests share: a few embedded digits and pairs, params, a tiny run."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
import torch
import yaml
from hypothesis import settings

from digitpairs.digits.fetch import embedded_files
from digitpairs.digits.idx import Digits, digits_of
from digitpairs.digits.source import Source
from digitpairs.pairs import draw, pairset
from digitpairs.pairs.pairset import PairSet
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.study.groups import owners, studies_of
from digitpairs.study.load import load
from digitpairs.study.schema import Params
from digitpairs.study.variants import SELECTED
from digitpairs.training import streams
from digitpairs.training.engines import kernels
from digitpairs.training.preprocess import Fitted
from project import ROOT, Begin, Command, Project, forget, once, records_of, start

# A machine that trains in the background would break any deadline.
settings.register_profile("digitpairs", deadline=None, database=None)
settings.load_profile("digitpairs")


@pytest.hookimpl(trylast=True)  # once those that are not asked for are gone
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker of pytest-xdist begin with its part of the long tests.

    The tests are dealt in equal runs, one a worker, and a worker that is done takes from the end of
    another's: the short ones, so that all end together. Every other worker takes its long tests
    from behind, where they need another of the projects that are made once for all.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers == 1:
        return
    long = [item for item in items if item.get_closest_marker("workflow")]
    short = [item for item in items if not item.get_closest_marker("workflow")]
    size = len(items) / workers
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        part = long[len(long) * worker // workers : len(long) * (worker + 1) // workers]
        dealt += part[:: -1 if worker % 2 else 1]
        room = round(size * (worker + 1)) - len(dealt)
        dealt += short[:room]
        del short[:room]
    items[:] = dealt


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Leave torch's number of threads as it was: training sets it to one."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def embedded() -> dict[str, bytes]:
    return embedded_files()


@pytest.fixture(scope="session")
def pools(embedded: dict[str, bytes]) -> dict[str, Digits]:
    return {part: digits_of(embedded, part) for part in pairset.PARTS}


@pytest.fixture(scope="session")
def sets(pools: dict[str, Digits]) -> dict[str, PairSet]:
    """60 train pairs, 40 test pairs."""
    counts = {"train": 60, "test": 40}
    return {part: draw.draw(pools[part], counts[part], 0, part) for part in pairset.PARTS}


@pytest.fixture(scope="session")
def source() -> Source:
    return Source("embedded", "0123456789ab")


@pytest.fixture
def mlp_run() -> RunSpec:
    """The smallest run: an MLP for two epochs."""
    return RunSpec(
        model=ModelSpec("mlp", (8,)),
        learning_rate=1e-3,
        aux_weight=0.0,
        epochs=2,
        batch_size=20,
        batchnorm="standard",
        shuffle=True,
        train_pairs=60,
        test_pairs=40,
        digits="embedded-0123456789ab",
        code="0" * 20,
        seed=0,
    )


@pytest.fixture(scope="session")
def full_params() -> Params:
    return load(ROOT / "params.yaml")


@pytest.fixture(scope="session")
def paper_params(full_params: Params) -> Params:
    """What is made by default: the paper, without what only groups of studies have."""
    apart, search = owners(full_params), full_params.search
    grids = {name: grid for name, grid in search.grids.items() if name + SELECTED not in apart}
    studies = {name: full_params.studies[name] for name in studies_of(full_params, None)}
    variants = {name: of for name, of in full_params.variants.items() if name not in apart}
    default = {"search": search.model_copy(update={"grids": grids}), "studies": studies}
    default["variants"] = variants
    return full_params.model_copy(update=default)


@pytest.fixture(scope="session")
def quick_params() -> Params:
    return load(ROOT / "params.quick.yaml")


@pytest.fixture
def content() -> dict[str, Any]:
    """The quick params as plain data, the test's own to change."""
    return dict(yaml.safe_load((ROOT / "params.quick.yaml").read_text()))


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """A folder of full MNIST, where the machine has one."""
    folder = os.environ.get("DIGITPAIRS_MNIST")
    if not folder:
        pytest.skip("DIGITPAIRS_MNIST names no folder of full MNIST")
    return Path(folder)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after one `dvc repro` from nothing, committed, with what that printed in a file.

    Not to be changed: copy it.
    """

    def make(root: Path) -> None:
        printed = start(root).repro()
        Project(root).commit()
        root.with_suffix(".log").write_text(printed)

    return Project(once(tmp_path_factory, "finished", make))


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of one `make quick`; the environment that runs the tests is the one used.

    So are the kernels that numba compiled for the tests, half a minute of work.
    """

    def make(root: Path) -> None:
        command = ["make", "--old-file=.venv/requirements.lock", "quick", f"QUICK={root}"]
        command += [f"BIN={Path(sys.executable).parent}"]
        compiled = str(Path(kernels.numba.config.CACHE_DIR).parent)
        environment = {**os.environ, "NUMBA_CACHE_DIR": compiled}
        subprocess.run(command, cwd=ROOT, check=True, env=environment)

    return once(tmp_path_factory, "quick", make)


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project, the test's own."""
    return finished.copy(tmp_path / "project")


@pytest.fixture
def half(project: Project) -> Project:
    """A finished project that lost half of the evaluation's runs: one job will train them."""
    forget(project, *records_of(project, "mlp"), *records_of(project, "siamese_mlp_aux_1"))
    return project


@pytest.fixture
def in_double(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything train in float64, where engines differ by nothing that could be a mistake."""
    net_of, apply = streams.net_of, Fitted.__call__
    monkeypatch.setattr(streams, "net_of", lambda spec: net_of(spec).double())
    monkeypatch.setattr(Fitted, "__call__", lambda *of: apply(*of).astype(float))


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begin a command of a project; what is left of it at the end of the test is killed."""
    begun: list[Command] = []

    def begin(project: Project, command: Sequence[str]) -> Command:
        begun.append(Command(project, command, tmp_path / f"printed-{len(begun)}"))
        return begun[-1]

    yield begin
    for command in begun:
        command.signal(SIGKILL)
        command.process.wait()
