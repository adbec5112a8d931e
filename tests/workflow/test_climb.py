"""A ladder, by the real snakemake: nets are asked for each digit once, and a clone asks none."""

import shutil
from typing import Any

import pandas as pd
import pytest

from project import Project, trained

pytestmark = pytest.mark.workflow

RUNGS = ("shared", "by_posterior", "stack")
ANSWERS = [f"data/results/variants/answers/{name}.parquet" for name in RUNGS]
TABLES = ("rungs", "limits")
FIGURES = ("ladder", "cost", "confused")


def add_ladder(content: dict[str, Any]) -> None:
    """Three rungs, and a study of each kind that asks for single digits."""
    layers = [{"channels": 4, "pool": "max"}]
    content["variants"] |= {
        "shared": {"base": "siamese_mlp_aux_10", "shared": True},
        "by_posterior": {"base": "shared", "readout": "posterior"},
        "stack": {
            **{"family": "convstack", "options": {"layers": layers, "head": False}},
            **{"learning_rate": 1e-2, "loss": {"digits_only": True}, "readout": "posterior"},
        },
    }
    for kind in (*TABLES, *FIGURES):
        study = {"kind": kind, "group": "up", "title": f"As {kind}", "variants": [*RUNGS]}
        content["studies"][f"climb_{kind}"] = study
    content["studies"]["climb_ladder"]["goals"] = [0.1, 0.999]


def test_a_ladder_is_made_from_nothing_and_again_from_what_travels(project: Project) -> None:
    project.edit(add_ladder)
    assert trained(project.snakemake()) == []
    assert len((project.root / "reports/metrics/ladder.csv").read_text().splitlines()) == 1
    assert "As ladder" not in (project.root / "reports/report.tex").read_text()

    printed = trained(project.snakemake("up"))
    assert printed == sorted(f"{name} seed-{seed}" for name in RUNGS for seed in (0, 1))
    assert all((project.root / path).exists() for path in ANSWERS)
    for name in (
        *(f"tables/climb_{kind}.md" for kind in TABLES),
        *(f"figures/climb_{k}.png" for k in FIGURES),
    ):
        assert (project.root / "reports" / name).stat().st_size
    project.snakemake("report")
    rungs = pd.read_csv(project.root / "reports/metrics/ladder.csv")
    assert rungs["variant"].to_list() == [*RUNGS]
    # Limits are against the first, a ladder's rungs against the one before.
    mean = rungs.set_index("variant")["pairs_mean"]
    more = f"{100 * (mean['shared'] - mean['stack']):+.2f}".replace("-", "−")
    last = (project.root / "reports/tables/climb_limits.md").read_text().splitlines()[-1]
    assert f" {more} " in last
    # The paper's way and ours count the same net's answers: of all test digits, and of some pairs.
    many = pd.read_csv(project.root / "reports/metrics/groups.csv").set_index(["study", "variant"])
    for rung in rungs.to_dict("records")[1:]:
        same = many.loc[("climb_rungs", rung["variant"]), "many_pairs_mean"]
        assert rung["pairs_mean"] == pytest.approx(same, abs=1e-4)
    report = (project.root / "reports/report.tex").read_text()
    assert "section{As ladder}" in report
    assert "is reached: all of the interval is above it" in report
    assert "is not reached: all of the interval is below it" in report
    assert "Nothing to be done" in project.snakemake("--dry-run", "up", "report")

    # As in a clone: results and answers travel, records and weights do not.
    made = project.files("data/results", "reports")
    shutil.rmtree(project.root / "data/runs")
    assert "Nothing to be done" in project.snakemake("--dry-run", "up")
    (project.root / "reports/tables/climb_rungs.md").unlink()
    assert trained(project.snakemake("up", "report")) == []
    assert project.files("data/results", "reports") == made

    # Answers that are lost, and asked for, take the weights again, of these nets alone.
    lost = [project.root / path for path in (ANSWERS[1], "reports/tables/climb_rungs.md")]
    for file in lost:
        file.unlink()
    printed = trained(project.snakemake("up"))
    assert printed == ["by_posterior seed-0", "by_posterior seed-1"]
    assert project.files("data/results", "reports") == made
    for file in lost:  # the weights are there by now
        file.unlink()
    assert trained(project.snakemake("up")) == []

    project.edit(
        lambda content: [content["studies"].pop(f"climb_{k}") for k in (*TABLES, *FIGURES)]
    )
    project.snakemake()
    assert not any((project.root / path).exists() for path in ANSWERS)
    project.repro()
