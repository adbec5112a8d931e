"""DVC's experiments over stages that call Snakemake: run, show, diff, apply."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import Project, trained

pytestmark = pytest.mark.workflow

METRICS = "reports/metrics/metrics.json"
EVERY_VARIANT = ["mlp", "mlp_selected", "siamese_mlp_aux_1", "siamese_mlp_aux_10"]


def parsed(project: Project, *command: str) -> Any:
    """Run a command of DVC that prints JSON; read its last line."""
    return json.loads(project.run("dvc", *command, "--json").splitlines()[-1])


def epochs(shown: dict[str, Any]) -> int:
    return shown["data"]["params"]["params.yaml"]["data"]["training"]["epochs"]


def metrics(shown: dict[str, Any]) -> dict[str, Any]:
    return shown["data"]["metrics"][METRICS]["data"]


def test_an_experiment_shows_and_differs_from_head_as_it_should(project: Project) -> None:
    before = json.loads((project.root / METRICS).read_text())
    printed = project.run("dvc", "exp", "run", "--name", "longer", "-S", "training.epochs=3")
    assert trained(printed) == [f"{name} seed-{seed}" for name in EVERY_VARIANT for seed in (0, 1)]
    after = json.loads((project.root / METRICS).read_text())
    assert after != before

    workspace, head = parsed(project, "exp", "show")
    [experiment] = head["experiments"]
    assert experiment["name"] == "longer"
    for shown in (workspace, experiment["revs"][0]):
        assert (epochs(shown), metrics(shown)) == (3, after)
    assert (epochs(head), metrics(head)) == (2, before)

    changed = {"training.epochs": {"old": 2, "new": 3, "diff": 1}}
    assert parsed(project, "params", "diff") == {"params.yaml": changed}
    diff = parsed(project, "metrics", "diff")[METRICS]
    for name, change in diff.items():
        variant, measure = name.split(".")
        assert change["old"] == before[variant][measure]
        assert change["new"] == after[variant][measure] != change["old"]
    [curves] = parsed(project, "plots", "diff", "HEAD")["data"]["reports/metrics/curves.csv"]
    drawn = {(row["rev"], row["epoch"]) for row in curves["content"]["data"]["values"]}
    assert drawn == {
        *(("HEAD", epoch) for epoch in "12"),
        *(("workspace", epoch) for epoch in "123"),
    }


def test_the_curves_of_all_variants_are_shown(finished: Project, tmp_path: Path) -> None:
    finished.run("dvc", "plots", "show", "--out", tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert "Mean test accuracy by epoch" in page
    assert '"variant": "siamese_mlp_aux_1"' in page


def test_an_experiment_elsewhere_trains_only_what_is_new_and_is_applied(project: Project) -> None:
    """Its directory has no store of runs: this is filled from the results that DVC puts there."""
    lock = (project.root / "dvc.lock").read_text()
    setting = "variants.mlp.learning_rate=0.002"
    printed = project.run("dvc", "exp", "run", "--temp", "--name", "faster", "-S", setting)
    assert trained(printed) == ["mlp seed-0", "mlp seed-1"]
    assert (project.root / "dvc.lock").read_text() == lock

    project.run("dvc", "exp", "apply", "faster")
    params = yaml.safe_load((project.root / "params.yaml").read_text())
    assert params["variants"]["mlp"]["learning_rate"] == 0.002
    assert "up to date" in project.run("dvc", "status")
    assert project.idle()
