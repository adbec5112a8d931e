"""Kills, damage, a full disk: the same command again goes on, and ends as if nothing had been."""

import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import Any

import pandas as pd
import pytest

from digitpairs import paths
from project import Begin, Command, Project, forget, records, records_of, results, start, trained

pytestmark = pytest.mark.workflow

RUNS = 12  # see test_memory.py
KILLS = 5
NOT_OURS = ("Traceback", "--unlock")
SNAKEMAKE, REPRO = ["snakemake"], ["dvc", "repro"]
COMMANDS = ["snakemake", "dvc repro"]


def from_nothing(finished: Project, root: Path) -> Project:
    """In more jobs than `finished`: two train the evaluation's runs, side by side."""
    project = start(root)
    project.edit(lambda params: params["execution"].update(runs_per_job=4))
    return project


def from_the_search(finished: Project, root: Path) -> Project:
    """Half of the evaluation's runs and all reports are lost, and the record of a fold."""
    project = finished.copy(root)
    next(root.glob("data/runs/*/*-fold-0.json")).unlink()  # to be put back from the results
    forget(project, *records_of(project, "mlp"), *records_of(project, "siamese_mlp_aux_1"))
    shutil.rmtree(root / "reports")
    return project


def mend_dvc(project: Project) -> None:
    """Do as the README says: DVC 3.67 writes these in place, so a kill can leave them empty."""
    for path in (project.root / ".dvc/tmp/rwlock", project.root / "dvc.lock"):
        if path.exists() and not path.read_bytes():
            path.unlink()


@pytest.mark.parametrize(
    ("command", "begun", "jobs"),
    [(SNAKEMAKE, from_nothing, 19), (REPRO, from_the_search, 13)],
    ids=COMMANDS,
)
def test_killed_at_any_moment_the_same_command_goes_on(
    command: list[str],
    begun: Callable[[Project, Path], Project],
    jobs: int,
    finished: Project,
    tmp_path: Path,
    begin: Begin,
) -> None:
    project, rng = begun(finished, tmp_path / "project"), random.Random(6)
    # After so many jobs: the last few are left for what comes after the kills.
    moments = sorted(rng.sample(range(jobs - 3), KILLS))
    kept = records(project)
    for before, after in pairwise([0, *moments]):
        mend_dvc(project)
        running = begin(project, command)
        running.wait_for_print("Finished jobid", after - before)
        time.sleep(rng.random())  # in the midst of a job, or of Snakemake's or DVC's own work
        running.signal(SIGKILL)
        assert running.process.wait() == -SIGKILL
        assert kept.items() <= records(project).items()
        kept = records(project)
    mend_dvc(project)
    printed = begin(project, command).end()
    assert kept.items() <= records(project).items()
    assert len(trained(printed)) == RUNS - len(kept)
    assert len(records(project)) == RUNS
    assert not any(text in printed for text in NOT_OURS)
    expected = results(finished)
    if command == SNAKEMAKE:  # which leaves the model alone
        del expected[paths.CARD]
    assert results(project) == expected


def test_a_run_that_ended_in_a_block_that_did_not_is_kept(project: Project, begin: Begin) -> None:
    def longer(params: dict[str, Any]) -> None:
        params["training"].update(epochs=200, seeds=4)
        params["execution"].update(runs_per_job=100)

    project.edit(longer)
    project.snakemake("pairs")
    command = ["snakemake", "evaluation"]
    before = records(project)
    running = begin(project, command)
    running.wait_for(lambda: records(project) != before)
    running.signal(SIGKILL)
    kept = records(project)
    ended = len(kept) - len(before)
    assert 0 < ended < 16  # four variants
    assert len(trained(begin(project, command).end())) == 16 - ended
    assert kept.items() <= records(project).items()


def test_jobs_that_outlive_a_killed_snakemake_harm_nothing(
    project: Project, finished: Project, begin: Begin
) -> None:
    forget(project, *records_of(project, "mlp"))
    shutil.rmtree(project.root / "logs")
    alone = begin(project, SNAKEMAKE)
    alone.wait_for(lambda: any(project.root.glob("logs/train/*.log")))
    alone.process.kill()
    alone.process.wait()
    printed = begin(project, SNAKEMAKE).end()
    assert not any(text in printed for text in NOT_OURS)
    assert results(project) == results(finished)


@pytest.mark.parametrize("command", [SNAKEMAKE, REPRO], ids=COMMANDS)
def test_a_second_invocation_says_so_and_stops_and_a_dry_run_is_welcome(
    command: list[str], project: Project, finished: Project, begin: Begin
) -> None:
    forget(project, *records_of(project, "mlp"))
    first = begin(project, command)
    first.wait_for_print("Execute")
    first.signal(SIGSTOP)  # so that it is at work as long as the others need
    others = [begin(project, other) for other in (SNAKEMAKE, REPRO, ["snakemake", "--dry-run"])]
    snakemake, repro, dry_run = others
    for refused in (snakemake, repro):
        assert refused.process.wait() != 0
        assert "is at work in" in refused.printed or "is busy" in refused.printed
        assert not any(text in refused.printed for text in NOT_OURS)
    assert "variant" in dry_run.end()
    first.signal(SIGCONT)
    assert len(trained(first.end())) == 2
    assert results(project) == results(finished)
    assert project.idle()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def overwrite(path: Path) -> None:
    path.write_bytes(b"\0\xff no such format")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def swap(path: Path) -> None:
    """Put another run's record there."""
    shutil.copy(min(path.parent.parent.glob("*/seed-1000-fold-0.json")), path)


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something").write_text("in it")


def raise_accuracy(path: Path) -> None:
    """Results that can be read, but are not what was written."""
    pd.read_parquet(path).assign(test_accuracy=1.0).to_parquet(path)


def test_what_is_damaged_is_named_set_aside_and_made_again_and_never_used(
    project: Project, finished: Project
) -> None:
    names = ("mlp", "siamese_mlp_aux_1", "siamese_mlp_aux_10")
    lost, *bad = (path for name in names for path in records_of(project, name))
    products = {
        **{paths.variant(name): raise_accuracy for name in names},
        paths.SEARCH: overwrite,
        paths.WINNERS: truncate,
        str(paths.RAW / "train-images-idx3-ubyte"): flip_a_bit,
        min(project.files("data/pairs")): flip_a_bit,
        "reports/figures/pairs.svg": put_a_folder,
        "reports/metrics/curves.csv": flip_a_bit,
    }
    damaged = {
        **dict(zip(bad, [truncate, flip_a_bit, swap, overwrite, put_a_folder], strict=True)),
        **products,
        "reports/made/figure-weights.json": empty,
    }
    (project.root / lost).unlink()
    for path, damage in damaged.items():
        damage(project.root / path)
    files = [path for path in (*products, *bad) if (project.root / path).is_file()]
    as_damaged = {path: (project.root / path).read_bytes() for path in files}

    block = project.root / "data/plan/blocks/of-a-kill.json"
    block.write_text("{")
    for command in (["block", block], ["select", "select"], ["metric", "search.csv"]):
        printed = project.run("digitpairs", *command, fails=True)
        assert "error: " in printed
        assert "Traceback" not in printed
    assert "Traceback" not in project.run("digitpairs", "plan")

    # A bad record is found when it is read, which ends the step that collects it.
    printed = project.run("sh", "-c", "snakemake || snakemake || snakemake || snakemake")
    for path in products:
        assert f"WARNING: {path}" in printed
    for path in bad:
        assert f"{path}: " in printed
    assert "give the same `snakemake` command again" in printed
    assert {path: (project.root / f"{path}.bad").read_bytes() for path in files} == as_damaged
    assert len(trained(printed)) == 6
    assert "put back" not in printed
    assert "Traceback" not in printed
    assert results(project) == results(finished)
    assert project.idle()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", path], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.decode().strip()}")
    yield path
    subprocess.run(["umount", "--lazy", path], check=True)


def remount(disk: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", disk], check=True)


def fill(disk: Path) -> None:
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def test_a_full_or_read_only_disk_is_told_of_and_costs_no_finished_run(
    disk: Path, finished: Project, begin: Begin
) -> None:
    project = finished.copy(disk / "project")
    forget(project, *(records_of(project, name)[1] for name in ("mlp", "siamese_mlp_aux_1")))
    kept = {path: content for path, (_, content) in records(project).items()}
    command = ["snakemake", "--directory", project.root]

    def stops(running: Command, why: str) -> None:
        assert running.process.wait() != 0
        assert f"{why}; what was finished is kept" in running.printed
        assert "Traceback" not in running.printed
        assert {path: path.read_bytes() for path in kept} == kept
        assert not any(path.name.startswith(".~") for path in project.root.rglob("*"))

    remount(disk, "ro")
    stops(begin(project, command), "data/plan: Read-only file system")
    stops(begin(project, ["digitpairs", "tidy", "reports"]), "tidy.json: Read-only file system")
    remount(disk, "rw")

    shutil.rmtree(project.root / "logs")
    training = begin(project, command)
    training.wait_for(lambda: any(project.root.glob("logs/train/*.log")))
    fill(disk)
    stops(training, "No space left on device")
    stops(begin(project, command), "data/plan: No space left on device")

    remount(disk, "size=64m")
    begin(project, command).end()
    assert {path: path.read_bytes() for path in kept} == kept
    assert results(project) == results(finished)
