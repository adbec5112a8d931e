"""A group of studies, by the real snakemake: made when asked for, kept while it is planned."""

import shutil
from typing import Any

import pytest

from project import Project, trained

pytestmark = pytest.mark.workflow

BASES = ("siamese_mlp_aux_1", "siamese_mlp_aux_10")
MADE = (
    "data/results/searches/search-extra.parquet",
    "data/results/searches/selected-extra.json",
    "data/results/variants/rates0_selected.parquet",
    "reports/figures/undone.png",
    "reports/tables/undone_table.md",
)


def add_group(content: dict[str, Any]) -> None:
    """Two studies of what two grids won, each grid from a base of its own."""
    variants = []
    for number, base in enumerate(BASES):
        name = f"rates{number}"
        # The net's own rate is not among them: the winner has runs of its own.
        grid = {"base": base, "label": "Cosine", "schedule": [{"name": "cosine"}]}
        content["search"]["grids"][name] = grid | {"learning_rate": [2e-3, 5e-3]}
        variants += [base, f"{name}_selected"]
    for name, kind in (("undone", "forest"), ("undone_table", "differences")):
        study = {"kind": kind, "group": "extra", "title": "New", "variants": [*variants]}
        content["studies"][name] = study | {"references": [*BASES]}


def drop_group(content: dict[str, Any]) -> None:
    for number in range(len(BASES)):
        del content["search"]["grids"][f"rates{number}"]
    for study in ("undone", "undone_table"):
        del content["studies"][study]


def test_a_group_is_made_when_it_is_asked_for(project: Project) -> None:
    before = project.files("data/results", "reports/figures", "reports/tables")
    project.edit(add_group)
    assert trained(project.snakemake()) == []
    assert project.files("data/results", "reports/figures", "reports/tables") == before

    printed = trained(project.snakemake("extra"))
    seeds = [f"rates{number}_selected seed-{seed}" for number in (0, 1) for seed in (0, 1)]
    assert [run for run in printed if "_selected" in run] == seeds
    assert len(printed) == len(seeds) + 2 * 2 * 2  # two grids, two rates, two folds
    assert all((project.root / path).stat().st_size for path in MADE)
    table = (project.root / MADE[-1]).read_text(encoding="utf-8")
    assert table.startswith("- Against Siamese MLP") and table.count("\n| Cosine |") == 2

    assert "Nothing to be done" in project.snakemake("--dry-run", "extra")
    project.snakemake()
    assert all((project.root / path).exists() for path in MADE)

    # As in a clone: DVC has the variants of a group, not its search.
    for path in project.root.glob("data/*/*-extra.*"):
        path.unlink()
    shutil.rmtree(project.root / "data/runs")
    project.edit(lambda content: content["variants"].update(twin={"base": "mlp"}))
    assert trained(project.snakemake()) == []
    assert (project.root / MADE[2]).exists()
    assert [run for run in trained(project.snakemake("extra")) if "_selected" in run] == []

    project.edit(drop_group)
    project.edit(lambda content: content["variants"].pop("twin"))
    assert trained(project.snakemake()) == []
    assert project.files("data/results", "reports/figures", "reports/tables") == before
