"""Never the wrong digits, by the real commands: what is named is taken, or nothing runs."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from digitpairs import paths
from digitpairs.digits import fetch as digits
from digitpairs.digits.choice import VARIABLE
from project import Project, run, start

pytestmark = pytest.mark.workflow

# No network: whatever the proxy variables name refuses the connection.
OFFLINE = {name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy")}


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """A project that takes whatever digits it can have, and has none yet."""
    project = start(tmp_path / "project")
    project.edit(lambda params: params["data"].update(source="auto"))
    return project


def snakemake(
    project: Project, *arguments: object, folder: object = "", fails: bool = False
) -> list[str]:
    """Run Snakemake without a network, with a folder that the variable names; list its lines."""
    environment = {**project.environment, **OFFLINE, VARIABLE: str(folder)}
    printed = run("snakemake", *arguments, cwd=project.root, environment=environment, fails=fails)
    assert "Traceback" not in printed
    assert printed.startswith("Using workflow specific profile")
    return printed.splitlines()[1:]


def fetch(project: Project, folder: object = "") -> list[str]:
    return snakemake(project, paths.SOURCE, folder=folder)


def held(project: Project) -> Any:
    return json.loads((project.root / paths.SOURCE).read_text())["source"]


def test_a_mistyped_folder_stops_everything_at_once_and_every_time(
    fresh: Project, tmp_path: Path
) -> None:
    """The whole paper, asked for as a new user would: nothing is fetched, nothing is trained."""
    wrong, ending = tmp_path / "mnits", "name the folder of MNIST's four files, gzipped or not, or"
    named = f"error: {VARIABLE}: '{wrong}': no such folder; {ending} unset {VARIABLE}"
    for _ in range(2):
        assert snakemake(fresh, folder=wrong, fails=True) == [named]
    fresh.edit(lambda params: params["data"].update(folder=str(wrong)))
    named = f"error: data.folder: '{wrong}': no such folder; {ending} set data.folder to null"
    assert snakemake(fresh, fails=True) == [named]
    assert list(fresh.files("data")) == ["data/README.md"]

    environment = {**fresh.environment, **OFFLINE}
    printed = run("digitpairs", "digits", cwd=fresh.root, environment=environment, fails=True)
    assert printed.splitlines() == [named]
    assert list(fresh.files("data")) == ["data/README.md"]


def test_embedded_digits_taken_for_want_of_mnist_are_told_first_and_last(fresh: Project) -> None:
    said = fetch(fresh)
    assert said[0].startswith("Digits: none in data/raw yet and no folder named")
    (warning,) = [line for line in said if "EMBEDDED" in line]
    assert warning.startswith(
        "WARNING: going on with the 5,000 EMBEDDED digits, not full MNIST: no folder was named "
        "and no download worked ("
    )
    assert "Connection refused" in warning
    last = "WARNING: these results are not full MNIST: from the 5,000 embedded digits"
    assert any(line.startswith(last) for line in said[-4:])

    again = snakemake(fresh, "-n")
    assert again[0].startswith("WARNING: data/raw holds the 5,000 EMBEDDED digits, not full MNIST")
    assert f"`rm -r {fresh.root}/data/raw`" in again[0]


def test_embedded_digits_that_were_asked_for_need_no_variable_and_are_told_first(
    fresh: Project, tmp_path: Path
) -> None:
    fresh.edit(lambda params: params["data"].update(source="embedded"))
    said = snakemake(fresh, paths.SOURCE, folder=tmp_path / "nowhere")
    assert said[0] == "Digits: the 5,000 embedded digits, not full MNIST (data.source: embedded)"
    assert not any("WARNING" in line for line in said)
    assert held(fresh) == "embedded"


def test_a_folder_beside_embedded_digits_is_an_error_until_they_are_removed(
    fresh: Project, mnist_folder: Path, tmp_path: Path
) -> None:
    digits.fetch(fresh.root / paths.RAW, "embedded", None, print)
    (error,) = snakemake(fresh, folder=mnist_folder, fails=True)
    assert error.startswith(
        f"error: {VARIABLE}: '{mnist_folder}': is full MNIST, but data/raw holds the 5,000 "
        "embedded digits; to replace these: "
    )
    assert held(fresh) == "embedded"
    (command,) = re.findall("`(.*)`", error)
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    fetch(fresh, mnist_folder)
    assert held(fresh) == "mnist"

    # The same digits in another folder, or in none: nothing is news.
    packed = Path(shutil.copytree(mnist_folder, tmp_path / "elsewhere"))
    for folder in (packed, ""):
        assert "Nothing to be done" in snakemake(fresh, "-n", paths.SOURCE, folder=folder)[-1]
    fresh.edit(lambda params: params["data"].update(folder=str(packed)))
    assert "Nothing to be done" in snakemake(fresh, "-n", paths.SOURCE)[-1]


def test_a_folder_of_other_digits_beside_mnist_is_an_error_that_names_both(
    fresh: Project, mnist_folder: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    digits.fetch(others, "embedded", None, print)
    digits.fetch(fresh.root / paths.RAW, "folder", mnist_folder, print)
    (error,) = snakemake(fresh, "-n", folder=others, fails=True)
    assert error.startswith(f"error: {VARIABLE}: '{others}': train-images-idx3-ubyte has MD5 ")
    assert error.endswith(f"or unset {VARIABLE} to keep full MNIST in data/raw")
    assert held(fresh) == "mnist"
