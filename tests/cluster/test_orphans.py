"""Jobs that a killed Snakemake left, with stand-ins for squeue and scancel."""

import os
from pathlib import Path

import pytest

from digitpairs.cluster import orphans

HERE = Path("/srv/here")
PENDING, RUNNING = "7|PENDING|digitpairs_ab|/srv/here", "8|RUNNING|digitpairs_ab|/srv/here"
OTHERS = "5|RUNNING|digitpairs_ab|/srv/elsewhere\n6|RUNNING|mine|/srv/here"


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of what squeue says the first time, the second, and so on; then nothing."""
    say = (
        "#!/bin/sh\n"
        f'cd {tmp_path}; echo "$0 $*" >> asked; n=$(grep -c squeue asked)\n'
        "echo 'a warning' >&2; [ -e $n.fails ] && exit 1; [ -e $n ] && cat $n; exit 0\n"
    )
    for name, script in {"squeue": say, "scancel": f"{say}\n".replace("exit 0", "exit 1")}.items():
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(orphans, "SECONDS", 0)
    return tmp_path


def awaited() -> list[str]:
    said: list[str] = []
    orphans.await_orphans(HERE, said.append)
    return said


def asked(answers: Path, command: str) -> list[str]:
    lines = (answers / "asked").read_text().splitlines()
    return [line for line in lines if f"/{command} " in line]


def test_only_jobs_of_this_directory_are_awaited(answers: Path) -> None:
    (answers / "1").write_text(f"{OTHERS}\n")
    assert awaited() == []
    assert len(asked(answers, "squeue")) == 1


def test_pending_jobs_are_cancelled_and_all_are_awaited_though_slurm_fails_now_and_then(
    answers: Path,
) -> None:
    (answers / "1").write_text(f"{PENDING}\n{RUNNING}\n{OTHERS}\n")
    (answers / "2.fails").touch()
    (answers / "3").write_text(f"{RUNNING}\n")
    said = awaited()
    assert "have not started: 7" in said[0]
    assert "Waiting for running jobs of an earlier Snakemake: 8 " in said[1]
    assert len(said) == 2
    assert all(line.endswith("--state=PENDING 7") for line in asked(answers, "scancel"))
    assert len(asked(answers, "squeue")) == 4


def test_where_slurm_can_not_be_asked_that_is_said_and_nothing_is_awaited(answers: Path) -> None:
    (answers / "1.fails").touch()
    (warning,) = awaited()
    assert warning.startswith("WARNING: jobs of an earlier Snakemake are not looked for")
    assert "a warning" in warning
