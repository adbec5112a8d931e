"""What the command line says of itself."""

import tomllib

from typer.testing import CliRunner

from digitpairs.cli.main import app
from project import ROOT


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    result = CliRunner().invoke(app, ["--version"], catch_exceptions=False)
    assert (result.exit_code, result.output) == (0, f"digitpairs {project['version']}\n")


def test_without_a_command_there_is_help() -> None:
    assert "Usage: " in CliRunner().invoke(app, []).output
