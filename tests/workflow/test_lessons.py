"""A search on rungs, and a student with its teachers, by the real snakemake."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from digitpairs import paths
from project import Project, forget, records, start, trained

pytestmark = pytest.mark.workflow

GROUP, TRIALS, SEEDS = "further", 3, (0, 1)
VARIANTS = {
    "net": {
        "family": "siamese_mlp",
        "hidden": [6],
        "learning_rate": 1e-3,
        "loss": {"digits_only": True},
        "readout": "posterior",
    },
    "student": {"base": "net", "teachers": {"net": 2}, "distillation": {"label": 0.2}},
}
GRID = {
    "base": "net",
    "strategy": {
        "name": "halving",
        "trials": TRIALS,
        "rungs": [{"folds": 1, "epochs": 1}, {"sets": 2, "keep": 1}],
    },
    "space": {"learning_rate": {"low": 1e-3, "high": 1e-1, "log": True}, "hidden": [[6], [8]]},
}
STUDY = {
    "kind": "forest",
    "title": "Further",
    "group": GROUP,
    "references": ["net"],
    "variants": ["net", "student", "found_selected"],
}


def learn(content: dict[str, Any]) -> None:
    mlp = {"mlp": content["variants"]["mlp"]}  # for the search by default
    content.update(variants=VARIANTS | mlp, studies={"lessons": STUDY}, model=None)
    content["search"]["grids"]["found"] = GRID


def widen(content: dict[str, Any]) -> None:
    content["search"]["grids"]["found"]["strategy"]["trials"] = TRIALS + 1


def lessons_of(seed: int) -> list[str]:
    """A student, its teacher that is no variant's run, and the one that is."""
    return [f"net seed-{seed}", f"student seed-{seed}", f"student seed-{seed}-copy-1"]


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, list[str]]:
    """A project whose group is made, and the runs that this trained."""
    project = start(tmp_path_factory.mktemp("lessons") / "project")
    (project.root / "claims.yaml").unlink()
    project.edit(learn)
    return project, trained(project.snakemake("--cores", 2, GROUP))


def test_each_run_of_rungs_and_lessons_is_trained_once(
    taught: tuple[Project, list[str]],
) -> None:
    project, runs = taught
    own = [run for run in runs if run.split()[0] in VARIANTS]
    assert own == sorted(run for seed in SEEDS for run in lessons_of(seed))
    first = [run for run in runs if run == "found seed-1000-fold-0"]
    assert len(first) == TRIALS + 1  # on the second rung for more epochs
    assert [run for run in runs if run.startswith("found ") and run not in first] == [
        f"found seed-{seed}-fold-{fold}" for seed, fold in [(1000, 1), (1001, 0), (1001, 1)]
    ]
    won = [f"found_selected seed-{seed}" for seed in SEEDS]
    assert [run for run in runs if run.startswith("found_selected")] in ([], won)
    assert len(list((project.root / paths.RUNS).rglob("*.safetensors"))) == 2 * len(SEEDS)
    assert "Nothing to be done" in project.snakemake("--dry-run", GROUP)


def test_more_trials_cost_what_is_new(taught: tuple[Project, list[str]], tmp_path: Path) -> None:
    project = taught[0].copy(tmp_path / "wider")
    before = records(project)
    project.edit(widen)
    runs = trained(project.snakemake("--cores", 2, GROUP))
    after = records(project)
    assert {path: after[path] for path in before} == before
    assert len(after) == len(before) + len(runs)
    assert runs.count("found seed-1000-fold-0") in (1, 2)  # it, and where it goes on
    assert not {run.split()[0] for run in runs} & VARIANTS.keys()


def test_a_lost_lesson_is_given_again(taught: tuple[Project, list[str]], tmp_path: Path) -> None:
    project = taught[0].copy(tmp_path / "lost")
    weights = sorted((project.root / paths.RUNS).rglob("*seed-1-copy-1*.safetensors"))
    student = [path for path in records(project) if path.name == "seed-1.json" and is_taught(path)]
    before = project.files("data/results/variants")
    lost = [*weights, *student, *drawn(project)]
    forget(project, *(str(path.relative_to(project.root)) for path in lost))
    again = trained(project.snakemake("--cores", 2, GROUP))
    assert again == ["student seed-1", "student seed-1-copy-1"]
    assert project.files("data/results/variants") == before


def drawn(project: Project) -> list[Path]:
    return sorted((project.root / "reports/figures").glob("lessons.*"))


def is_taught(record: Path) -> bool:
    return '"teachers": [{' in record.read_text()


def test_results_need_no_teacher(taught: tuple[Project, list[str]], tmp_path: Path) -> None:
    project = taught[0].copy(tmp_path / "clone")
    shutil.rmtree(project.root / paths.RUNS)
    before = project.files("reports/figures")
    for file in drawn(project):
        file.unlink()
    assert trained(project.snakemake("--cores", 2, GROUP)) == []
    assert project.files("reports/figures") == before
