"""A copy of this project in a directory of its own: git and DVC, tiny params, the real commands."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from filelock import FileLock

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.runs import plan
from digitpairs.study.load import load

SECONDS = 900  # in which a command ends, or gets as far as a test waits for
ROOT = Path(__file__).parents[1]
Records = dict[Path, tuple[int, bytes]]
# The run that is trained once more for its weights is told of without its seconds.
TRAINED = re.compile(r"^(\S+ seed-\S+): (?:accuracy|DIVERGED).*, [\d.]+ s", re.MULTILINE)


def run(
    *command: object,
    cwd: Path = ROOT,
    environment: dict[str, str] | None = None,
    fails: bool = False,
) -> str:
    """Run a command as a user would; return all that it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout


@dataclass(frozen=True)
class Project:
    """A clone in `root`; its commands run its own code, not that of the installed package."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        who = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t"}
        who |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in who.items()}
        places = {"PYTHONPATH": str(self.root / "src"), "DIGITPAIRS_MNIST": ""}
        return {**who, **places, "DVC_NO_ANALYTICS": "1"}

    def run(self, *command: object, fails: bool = False) -> str:
        """Run a command in the project, as `run` does."""
        return run(*command, cwd=self.root, environment=self.environment, fails=fails)

    def snakemake(self, *arguments: object, fails: bool = False) -> str:
        return self.run("snakemake", *arguments, fails=fails)

    def idle(self) -> bool:
        """Whether Snakemake has nothing to do."""
        return "Nothing to be done" in self.snakemake("--dry-run")

    def repro(self) -> str:
        return self.run("dvc", "repro")

    def commit(self) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", "as it is")

    def edit(self, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change params.yaml."""
        path = self.root / "params.yaml"
        content = yaml.safe_load(path.read_text())
        change(content)
        path.write_text(yaml.safe_dump(content, sort_keys=False))

    def append(self, file: str, line: str) -> None:
        """Add a line to a file of the project."""
        path = self.root / file
        path.write_text(f"{path.read_text()}\n{line}\n")

    def copy(self, root: Path) -> "Project":
        """Copy all of it, its times and its git-ignored files too."""
        return Project(Path(shutil.copytree(self.root, root, symlinks=True)))

    def clone(self, root: Path) -> "Project":
        """Clone what git has."""
        self.run("git", "clone", "--quiet", self.root, root)
        return Project(root)

    def files(self, *folders: str) -> dict[str, bytes]:
        """The content of every file in these folders."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for folder in folders
            for path in sorted((self.root / folder).rglob("*"))
            if path.is_file()
        }


def start(root: Path) -> Project:
    """Lay a project with tiny params and no results, as a first commit."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for file in subprocess.check_output(listed, cwd=ROOT, text=True).splitlines():
        if (ROOT / file).is_file() and not file.startswith(("reports/", "tests/")):
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, root / file)
    (root / "dvc.lock").unlink(missing_ok=True)
    for name in ("params", "claims"):
        shutil.copy(ROOT / f"tests/{name}.tiny.yaml", root / f"{name}.yaml")
    project = Project(root)
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.commit()
    return project


def trained(printed: str) -> list[str]:
    """The runs that were really trained, as their jobs told: variant, seed, fold."""
    return sorted(TRAINED.findall(printed))


def results(project: Project) -> dict[str, bytes]:
    """Collected results and reports; without what a kill left half-written or was set aside."""
    files = project.files("data/results", "reports")
    return {path: files[path] for path in files if ".bad" not in path and "/.~" not in path}


def quick_by(profile: str, quick: Path, root: Path, *options: str) -> str:
    """Make the quick pipeline in `root` by a profile; it comes to the results of `quick`."""
    where = ("--directory", root, "--configfile", "params.quick.yaml")
    command = ("snakemake", "--profile", profile, *options, *where)
    printed = run(*command, environment={"DIGITPAIRS_MNIST": ""})
    here, local = Project(root), Project(quick)
    assert here.files("data/results") == local.files("data/results")
    assert here.files("reports/metrics") == local.files("reports/metrics")
    return printed


def records(project: Project) -> Records:
    """Which file each record is, and what it holds: a run that is trained again has another.

    Not its time: Snakemake touches all that a job names as its output. Not one that is being
    written, whose name begins with a dot.
    """
    files = project.root.glob("data/runs/*/[!.]*.json")
    return {path: (path.stat().st_ino, path.read_bytes()) for path in files}


def records_of(project: Project, variant: str) -> list[str]:
    """The records of a variant."""
    params = load(project.root / "params.yaml")
    runs = plan.evaluation_runs(params, known_source(project.root / paths.RAW), {})
    return [run.path for run in runs if run.name == variant]


def forget(project: Project, *files: str) -> None:
    """Lose the evaluation's results, from which lost runs would be put back, and these files."""
    shutil.rmtree(project.root / paths.RESULTS / "variants")
    for file in files:
        (project.root / file).unlink()


class Command:
    """A command in the background, in a process group of its own, that prints to a file."""

    def __init__(self, project: Project, command: Sequence[str], printed: Path) -> None:
        self.file = printed
        with printed.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                cwd=project.root,
                env={**os.environ, **project.environment},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def printed(self) -> str:
        return self.file.read_text()

    def wait_for(self, reached: Callable[[], bool]) -> None:
        """Wait until it got so far; that it ends before, or takes long, is an error."""
        latest = time.monotonic() + SECONDS
        while not reached():
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < latest, self.printed
            time.sleep(0.02)

    def wait_for_print(self, text: str, times: int = 1) -> None:
        self.wait_for(lambda: self.printed.count(text) >= times)

    def signal(self, signal: int) -> None:
        """Send a signal to all of its processes."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal)

    def end(self) -> str:
        """Wait for it to end well."""
        try:
            status = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            status = -1
        assert status == 0, self.printed
        return self.printed


Begin = Callable[..., Command]


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Make a directory once for all workers of pytest-xdist. No test may change it."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with FileLock(shared / f"{name}.lock"):
        if not (shared / f"{name}.made").exists():
            shutil.rmtree(shared / name, ignore_errors=True)
            make(shared / name)
            (shared / f"{name}.made").touch()
    return shared / name
