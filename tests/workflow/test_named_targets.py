"""Targets that a person types, by the real snakemake: each makes just what it needs."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from digitpairs import paths
from digitpairs.pipeline.step import stamp_path
from digitpairs.runs.weights import load
from project import ROOT, Project, trained

pytestmark = pytest.mark.workflow

AUX_1, AUX_10 = "siamese_mlp_aux_1", "siamese_mlp_aux_10"


def test_a_target_by_name_makes_just_what_it_needs(project: Project) -> None:
    before = project.files("reports", "data/results")
    for folder in ("data/runs", "data/results", "data/made/variants", "reports"):
        shutil.rmtree(project.root / folder)

    assert trained(project.snakemake("runs/mlp/seed-1")) == ["mlp seed-1"]
    assert not (project.root / "data/results").exists()

    assert trained(project.snakemake("variants/mlp")) == ["mlp seed-0"]
    assert set(project.files("data/results")) == {"data/results/variants/mlp.parquet"}

    printed = project.snakemake("studies/weights")
    assert trained(printed) == [
        f"{name} seed-{seed}" for name in (AUX_1, AUX_10) for seed in (0, 1)
    ]
    assert {path.stem for path in project.root.glob("reports/*/*.*")} == {
        "weights",
        "figure-weights",
    }

    assert len(trained(project.snakemake("search/mlp"))) == 4
    assert not (project.root / "data/results/searches/search.parquet").exists()

    winner = project.snakemake("variants/mlp_selected")
    assert trained(winner) == ["mlp_selected seed-0", "mlp_selected seed-1"]
    made = ("runs/mlp/seed-1", "variants/mlp", "studies/weights", "search/mlp")
    assert "Nothing to be done" in project.snakemake(*made)

    # The rest of the results: together with what was made by name, they are those of the whole.
    assert trained(project.snakemake("data/results/searches/search.parquet", "evaluation")) == []
    after = project.files("reports", "data/results")
    assert after == {path: before[path] for path in before if path in after}
    assert {path for path in before.keys() - after.keys() if path.startswith("data/")} == set()


def test_the_net_that_is_kept_is_a_run_of_the_study(project: Project) -> None:
    weights, card = project.root / paths.WEIGHTS, project.root / paths.CARD
    for file in (weights, card, stamp_path("weights"), stamp_path("model")):
        (project.root / file).unlink()
    assert project.idle()  # by default it is not made
    printed = project.snakemake("model")
    assert "siamese_mlp_aux_1 seed-0" in printed
    assert trained(printed) == []
    assert "WARNING" not in printed  # the recorded run is the same to the bit
    kept = load(weights).spec
    assert (kept.aux_weight, kept.seed) == (1.0, 0)
    assert "`siamese_mlp_aux_1`, seed 0" in card.read_text(encoding="utf-8")
    assert "Nothing to be done" in project.snakemake("model")

    before, written = weights.stat().st_mtime_ns, card.read_bytes()
    card.write_text("The best net of all.", encoding="utf-8")
    project.snakemake("model")
    assert (weights.stat().st_mtime_ns, card.read_bytes()) == (before, written)

    project.edit(lambda params: params["model"].update(seed=1))
    project.snakemake("model")
    assert load(weights).spec.seed == 1
    assert project.idle()


def test_dvc_makes_the_results_of_the_net_that_is_kept_where_no_default_shows_it(
    finished: Project, tmp_path: Path
) -> None:
    """The stage of the weights depends on all results, which the stage before it owns."""
    project = finished.copy(tmp_path / "apart")

    def apart(params: dict[str, Any]) -> None:
        params["variants"]["faster"] = {"base": "siamese_mlp_aux_1", "learning_rate": 1e-2}
        study = {"kind": "box", "title": "Mine", "group": "mine", "variants": ["faster"]}
        params["studies"]["mine"] = study
        params["model"] = {"variant": "faster", "seed": 0}

    project.edit(apart)
    command = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]["evaluate"]["cmd"]
    planned = project.run(*command.split(), "--dry-run")
    assert re.search(r"^variant +1$", planned, re.MULTILINE)


def test_targets_are_listed(finished: Project) -> None:
    listed = finished.snakemake("--list-rules")
    for name in ("variants/mlp", "variants/mlp_selected", "search/mlp", "studies/weights"):
        assert f"\n{name} (" in listed


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("runs/mlp", "names no seed"),
        ("studies/weight", "no such study; did you mean weights?"),
        ("reports/figures/weight.pdf", "no such figure; did you mean weights?"),
        ("data/results/variants/mpl.parquet", "no such variant; did you mean mlp"),
    ],
)
def test_a_mistyped_target_is_named(target: str, message: str, finished: Project) -> None:
    printed = finished.snakemake("--dry-run", target, fails=True)
    assert message in printed
    assert "Traceback" not in printed


def test_forced_all_products_are_made_again_and_records_kept(project: Project) -> None:
    before = project.files("data", "reports")
    printed = project.snakemake("--forceall")
    assert trained(printed) == []
    assert "Records of runs are kept: to train these again too, delete data/runs" in printed
    after = project.files("data", "reports")
    assert {path: after[path] for path in before if "/plan/" not in path} == {
        path: before[path] for path in before if "/plan/" not in path
    }
    assert project.idle()
    for folder in ("data/runs", "data/results"):  # as the line says
        shutil.rmtree(project.root / folder)
    everything = ("data/results/searches/search.parquet", "evaluation")
    assert len(trained(project.snakemake("--forceall", *everything))) == 12
