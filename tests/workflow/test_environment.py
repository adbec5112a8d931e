"""The environment of one clone never runs the workflow of another."""

import importlib.util
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import digitpairs
from project import ROOT

FILE = ROOT / "workflow/rules/environment.smk"  # nothing but Python
PACKAGE = Path(digitpairs.__file__).parent
PROJECT = PACKAGE.parents[1]


@pytest.fixture(autouse=True)
def no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)


def start(project: Path, is_main_process: bool = True) -> None:
    """Begin the Snakefile of a project, as Snakemake does."""
    workflow = SimpleNamespace(basedir=str(project), is_main_process=is_main_process)
    exec(FILE.read_text(encoding="utf-8"), {"workflow": workflow})


def refused(project: Path) -> str:
    with pytest.raises(SystemExit) as caught:
        start(project)
    return str(caught.value)


def test_the_package_beside_the_snakefile_is_taken(tmp_path: Path) -> None:
    start(PROJECT)
    (tmp_path / "linked").symlink_to(PROJECT)
    start(tmp_path / "linked")


def test_a_copy_that_dvc_makes_for_an_experiment_runs_its_project_s_code() -> None:
    start(PROJECT / ".dvc/tmp/exps/standalone/tmp1")
    assert "would run the code in" in refused(PROJECT / "dvc/tmp/exps/standalone/tmp1")


def test_another_clone_s_package_is_an_error_that_says_whose_and_what_to_do(tmp_path: Path) -> None:
    found = f"error: the environment {sys.prefix} would run the code in {PACKAGE}, not in "
    own, snakemake = tmp_path / "src/digitpairs", tmp_path / ".venv/bin/snakemake"
    assert refused(tmp_path) == (
        f"{found}{own}; give `make -C {tmp_path} environment`, then the same command by "
        f"`{snakemake}`"
    )
    snakemake.parent.mkdir(parents=True)
    snakemake.touch()
    assert refused(tmp_path) == f"{found}{own}; give the same command by `{snakemake}`"


def test_a_path_that_leads_to_another_clone_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(PROJECT / "src"))
    assert refused(tmp_path).endswith("/.venv/bin/snakemake`, with PYTHONPATH unset")


def test_no_package_at_all_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    message = f"error: the environment {sys.prefix} has no package digitpairs; give `make -C "
    assert refused(tmp_path).startswith(message)


def test_jobs_elsewhere_run_what_was_checked_at_the_start(tmp_path: Path) -> None:
    start(tmp_path, is_main_process=False)


def test_it_is_checked_before_anything_of_the_package_is_imported() -> None:
    """A package of another version may lack what the rules import."""
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    included = re.findall('^include: "(.+)"$', text, re.MULTILINE)
    assert included[0] == FILE.relative_to(ROOT).as_posix()
    assert "digitpairs" not in re.findall(r"^\s*(?:from|import) (\w+)", FILE.read_text(), re.M)
