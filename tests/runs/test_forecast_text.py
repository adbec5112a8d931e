"""A forecast in words, and the command that prints it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from digitpairs.cli.main import app
from digitpairs.digits.source import Source
from digitpairs.errors import UserError
from digitpairs.runs.forecast import NO_DIGITS, NO_WINNERS
from digitpairs.runs.forecast_text import duration
from digitpairs.runs.plan import PlannedRun
from recorded import ALL, PUBLISHED, record

Content = dict[str, Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, even_pace: None) -> None:
    """A folder without any data."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (3599, "1 h 0 min"),
        (5040, "1 h 24 min"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_command_needs_no_digits_and_no_winners(small: Content) -> None:
    Path("params.yaml").write_text(yaml.safe_dump(small))
    result = CliRunner().invoke(app, ["plan", "--cores", "1"], catch_exceptions=False)
    assert result.exit_code == 0
    assert NO_DIGITS in result.output
    assert NO_WINNERS in result.output
    assert [line.split()[-4:] for line in result.output.splitlines() if line.startswith(ALL)] == [
        ["0", "15", "3", "s"]
    ]


def test_the_command_shows_what_lies_there(
    small: Content, source: Source, folds: list[PlannedRun], seeds: list[PlannedRun]
) -> None:
    Path("other.yaml").write_text(yaml.safe_dump(small))
    Path("data/raw").mkdir(parents=True)
    Path("data/raw/source.json").write_text(
        json.dumps({"source": source.name, "checksum": source.checksum})
    )
    Path("data/results/searches").mkdir(parents=True)
    Path("data/results/searches/selected.json").write_text(json.dumps({"mlp": PUBLISHED}))
    for run in [*folds, *seeds[:-1]]:
        record(run, 80.0)
    result = CliRunner().invoke(
        app, ["plan", "--params", "other.yaml", "--cores", "1"], catch_exceptions=False
    )
    assert result.output.splitlines() == [
        "                          runs   cached  missing   on one core",
        "search mlp                   6        6        0             -",
        "both                         6        6        0             -",
        "winner                       3        3        0             -",
        "in no study                  3        2        1         1 min",
        "all, shared runs once       15       14        1         1 min",
        "",
        "To train: 1 run in 1 job, about 1 min on 1 core at the pace of the recorded runs, with "
        "the start of the jobs.",
    ]


def test_a_group_is_one_of_the_params(small: Content) -> None:
    small["studies"]["both"]["group"] = "extra"
    Path("params.yaml").write_text(yaml.safe_dump(small))
    result = CliRunner().invoke(app, ["plan", "extra"], catch_exceptions=False)
    assert [line.split()[0] for line in result.output.splitlines()[1:3]] == ["both", "all,"]
    with pytest.raises(UserError, match="'extr': unknown; did you mean extra"):
        CliRunner().invoke(app, ["plan", "extr"], catch_exceptions=False)


@pytest.mark.parametrize("text", ["training: 7", "{", "", "- 1", "search: {folds: two}"])
def test_bad_params_get_a_message(text: str) -> None:
    Path("params.yaml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", "from digitpairs.cli.main import main; main()", "plan"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_the_command_starts_without_torch() -> None:
    code = (
        "import sys, digitpairs.cli.main, digitpairs.runs.forecast; "
        "sys.exit(bool({'torch', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
