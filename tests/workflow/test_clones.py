"""Results travel: clones go on where others stopped, and come to the same bytes."""

import getpass
import os
import random
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from digitpairs import paths
from project import ROOT, Project, start, trained

pytestmark = pytest.mark.workflow

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
NEW_SEED = ["mlp seed-2", "mlp_selected seed-2", "siamese_mlp_aux_1 seed-2"]
NEW_SEED += ["siamese_mlp_aux_10 seed-2"]


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """A real SSH server on loopback with keys and a port of its own: what DVC has to know of it."""
    if not SSHD:
        pytest.skip("needs sshd (Debian: openssh-server)")
    folder = tmp_path_factory.mktemp("sshd")
    for key in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True
        )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/user.pub\nAuthenticationMethods publickey\n"
        "StrictModes no\nUsePAM no\nSubsystem sftp internal-sftp\n"
    )
    if os.geteuid() == 0:  # else made when the machine starts the service
        Path("/run/sshd").mkdir(exist_ok=True)
    log = folder / "log"
    server = subprocess.Popen([SSHD, "-D", "-f", folder / "config", "-E", log])
    while f"listening on 127.0.0.1 port {port}" not in (log.read_text() if log.exists() else ""):
        assert server.poll() is None, log.read_text()
        time.sleep(0.05)
    user = getpass.getuser()
    yield {"port": port, "user": user, "keyfile": folder / "user", "allow_agent": "false"}
    server.terminate()
    server.wait()


def test_a_clone_has_a_card_and_plans_to_make_the_weights(
    finished: Project, tmp_path: Path
) -> None:
    planned = finished.clone(tmp_path / "clone").snakemake("--dry-run", "model")
    assert re.search(r"^weights +1$", planned, re.MULTILINE)
    assert re.search(r"^card +1$", planned, re.MULTILINE)


def pushed(project: Project, url: object, **settings: object) -> Project:
    """Push all results to a remote that git is told nothing of."""
    project.run("dvc", "remote", "add", "--local", "--default", "lab", url)
    for name, value in settings.items():
        project.run("dvc", "remote", "modify", "--local", "lab", name, value)
    project.run("dvc", "push")
    return project


def pulled(project: Project, root: Path) -> Project:
    """Clone a project by git, and its results by DVC."""
    clone = project.clone(root)
    shutil.copy(project.root / ".dvc/config.local", clone.root / ".dvc")
    clone.run("dvc", "pull")
    assert not (clone.root / "data/runs").exists()
    return clone


def shuffle_times(project: Project) -> None:
    """Give every file some time in the past."""
    for path in project.root.rglob("*"):
        when = random.uniform(1e9, 1.7e9)
        os.utime(path, (when, when), follow_symlinks=False)


def add_a_seed(params: dict[str, Any]) -> None:
    params["training"]["seeds"] += 1


@pytest.fixture(scope="module")
def folder(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The finished project, pushed to a folder."""
    root = tmp_path_factory.mktemp("folder")
    return pushed(finished.copy(root / "project"), root / "remote")


@pytest.fixture(scope="module")
def ssh(
    finished: Project, sshd: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """The finished project, pushed through SSH."""
    root = tmp_path_factory.mktemp("ssh")
    return pushed(finished.copy(root / "project"), f"ssh://127.0.0.1{root}/remote", **sshd)


@pytest.mark.parametrize("remote", ["folder", "ssh"])
def test_a_clone_has_nothing_to_do_whatever_the_times_of_its_files(
    remote: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    clone = pulled(request.getfixturevalue(remote), tmp_path / "clone")
    for _ in range(2):
        assert "up to date" in clone.run("dvc", "status")
        assert clone.idle()
        shutil.rmtree(clone.root / ".snakemake")
        shuffle_times(clone)


def test_a_seed_more_in_a_clone_trains_only_its_runs_by_snakemake(
    folder: Project, tmp_path: Path
) -> None:
    clone = pulled(folder, tmp_path / "clone")
    shuffle_times(clone)
    clone.edit(add_a_seed)
    assert trained(clone.snakemake("evaluation")) == NEW_SEED


def test_a_seed_more_in_a_clone_trains_only_its_runs_by_dvc(
    folder: Project, tmp_path: Path
) -> None:
    clone = pulled(folder, tmp_path / "clone")
    clone.edit(add_a_seed)
    assert trained(clone.run("dvc", "repro", "evaluate")) == NEW_SEED
    assert "up to date" in clone.run("dvc", "status", "evaluate")


def test_a_parameter_set_back_in_a_clone_trains_nothing(folder: Project, tmp_path: Path) -> None:
    """Only the last stages change: DVC starts no Snakemake before that which trains."""
    clone = pulled(folder, tmp_path / "clone")
    clone.edit(lambda params: params["variants"]["mlp"].update(learning_rate=2e-3))
    assert trained(clone.run("dvc", "repro", "evaluate")) == ["mlp seed-0", "mlp seed-1"]
    clone.run("git", "checkout", "params.yaml")
    assert trained(clone.run("dvc", "repro", "evaluate")) == []
    assert clone.run("git", "status", "--porcelain") == ""


def test_what_is_committed_names_no_place(finished: Project, folder: Project) -> None:
    """Neither where the work was done, nor, once pushed, where to."""
    committed = finished.run("git", "ls-files").splitlines()
    places = [str(place).encode() for place in (finished.root, ROOT)]
    content = {name: (finished.root / name).read_bytes() for name in committed}
    assert "dvc.lock" in content
    assert [name for name in content if any(place in content[name] for place in places)] == []
    assert folder.run("git", "status", "--porcelain") == ""


def outs(project: Project) -> dict[str, str]:
    """What `dvc.lock` says of every output: its path and hash."""
    lock = yaml.safe_load((project.root / "dvc.lock").read_text())
    return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}


def execute(project: Project, cores: int, **settings: int) -> None:
    """Set how the work is done; the cores in the profile, which `dvc repro` takes them from."""
    profile = project.root / "profiles/default/config.yaml"
    profile.write_text(profile.read_text().replace("cores: all", f"cores: {cores}"))
    project.edit(lambda params: params["execution"].update(settings))


def test_two_people_who_start_from_nothing_get_the_same_hashes(
    finished: Project, tmp_path: Path
) -> None:
    other = start(tmp_path / "other")

    # Other work first: other pairs, one seed; the folds of a job side by side.
    other.edit(lambda params: params["pairs"].update(train=50))
    other.snakemake("pairs", "--cores", 1)
    other.run("git", "checkout", "params.yaml")
    execute(other, cores=2, threads=2)
    other.edit(lambda params: params["training"].update(seeds=1))
    other.snakemake("data/results/searches/selected.json", "variants/siamese_mlp_aux_1")

    # Then that of `finished`, in other blocks. What is made of equal results is equal: see
    # test_faults.py.
    other.run("git", "checkout", "params.yaml", "profiles")
    execute(other, cores=3, runs_per_job=4)
    other.run("dvc", "repro", "evaluate", "model")
    made, expected = outs(other), outs(finished)
    of_data = {path for path in expected if path.startswith("data/")}
    assert made == {path: expected[path] for path in {*of_data, paths.CARD}}
