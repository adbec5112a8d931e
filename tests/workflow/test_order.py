"""What trains when: nothing waits for the search but its winners, and these not for the rest."""

import re
from pathlib import Path
from typing import Any

import pytest

from digitpairs.runs import blockfile
from project import Project, start

pytestmark = pytest.mark.workflow


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """A project that has its pairs, where no study shows one of the variants; blocks by cost."""
    project = start(tmp_path / "fresh")

    def change(params: dict[str, Any]) -> None:
        params["variants"]["in_no_study"] = {"base": "mlp", "learning_rate": 5.0e-3}
        params["execution"]["runs_per_job"] = "auto"

    project.edit(change)
    project.snakemake("--cores", 1, "pairs")
    return project


def test_published_variants_do_not_wait_for_the_search(fresh: Project) -> None:
    """Asked for by a target that shows nothing else, as `dvc repro` does."""
    each_alone = ("--config", "set=execution.runs_per_job=1")
    printed = fresh.snakemake("--dry-run", "evaluation", *each_alone)
    jobs, *_ = re.findall(r"^train +(\d+)$", printed, re.MULTILINE)
    files = list((fresh.root / "data/plan/blocks").glob("*.json"))
    runs = [run for file in files for run in blockfile.read(file).runs]
    assert int(jobs) == len(runs)
    assert {run.name for run in runs if run.spec.fold is None} == {
        "mlp",
        "in_no_study",
        "siamese_mlp_aux_1",
        "siamese_mlp_aux_10",
    }
    assert any(run.spec.fold is not None for run in runs)


def test_winners_are_known_before_published_variants_are_trained(fresh: Project) -> None:
    """On one core: the search first, then its winners are picked, then the rest."""
    fresh.snakemake("--cores", 1)
    selected = (fresh.root / "data/results/searches/selected.json").stat().st_mtime
    records = list(fresh.root.glob("data/runs/*/*.json"))
    folds = [path.stat().st_mtime for path in records if "fold" in path.name]
    others = [path.stat().st_mtime for path in records if "fold" not in path.name]
    assert max(folds) < selected < min(others)
    assert fresh.idle()
