"""What `make` installs, and what it calls."""

import re
import shlex
import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
LOCKS = ("requirements.lock", "requirements.cluster.lock")


def make(*arguments: str) -> list[str]:
    """What `make` prints; the environment that runs the tests is the one used."""
    command = ["make", "--no-print-directory", f"BIN={BIN}", f"PYTHON={sys.executable}"]
    done = subprocess.run([*command, *arguments], cwd=ROOT, check=True, stdout=-1, text=True)
    return done.stdout.splitlines()


def pins(lock: str) -> set[tuple[str, ...]]:
    """Each version in a lock: name, version, marker."""
    return set(re.findall(r"^([\w-]+)==(\S+)(.*)", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A package without a wheel, as antlr4-python3-runtime is one."""
    setup = tmp_path / "setup.py"
    setup.write_text("import setuptools; setuptools.setup(name='bare', version='1.0')")
    source = tmp_path / "bare-1.0.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        archive.add(setup, "bare-1.0/setup.py")
    return source


@pytest.mark.parametrize("lock", LOCKS)
def test_what_has_no_wheel_is_built_with_nothing_fetched(
    lock: str, source: Path, tmp_path: Path
) -> None:
    planned = make("--dry-run", "--always-make", "cluster")
    (install,) = [shlex.split(line) for line in planned if re.search(rf" pip .* {lock}", line)]
    mine = tmp_path / "lock"
    mine.write_text(f"bare==1.0 --hash=sha256:{sha256(source.read_bytes()).hexdigest()}")
    offline = ["--offline", "--no-cache", "--find-links", tmp_path]
    installed = tmp_path / "installed"
    subprocess.run([*install[:-1], mine, *offline, "--target", installed], cwd=ROOT, check=True)
    assert (installed / "bare-1.0.dist-info").is_dir()


def test_pip_installs_what_installs_the_rest() -> None:
    planned = make("--dry-run", "--always-make", "environment")
    (choose,) = [line.split(">")[0] for line in planned if line.startswith("sed")]
    chosen = subprocess.run(choose, cwd=ROOT, shell=True, check=True, stdout=-1, text=True).stdout
    assert re.findall("^(.+)==", chosen, re.MULTILINE) == ["setuptools", "uv"]


def test_both_locks_name_the_same_versions() -> None:
    names = {name for name, *_ in pins("requirements.lock")}
    both = {pin for pin in pins("requirements.cluster.lock") if pin[0] in names}
    assert both
    assert both <= pins("requirements.lock")


def test_commands_of_the_environment_are_called_by_their_path() -> None:
    """Make 3.81, which macOS has, does not search a PATH that the Makefile exports."""
    targets = [line.split()[0] for line in make("help")]
    assert {"run", "quick", "test", "lock"} <= set(targets)
    called = {line.split()[0] for line in make("--dry-run", "--always-make", *targets)}
    assert f"{BIN}/snakemake" in called
    assert not called & {path.name for path in BIN.iterdir()}
