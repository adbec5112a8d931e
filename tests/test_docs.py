"""What the documents promise: short lines, links that lead somewhere, every column named."""

import math
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from digitpairs.identity import essentials
from digitpairs.study.grid import configurations
from digitpairs.study.groups import owners
from digitpairs.study.schema import Params
from digitpairs.study.variants import SELECTED, resolve
from project import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "data/README.md", *sorted((ROOT / "docs").glob("*.md"))]
TABLES = sorted((ROOT / "reports").glob("*/*.csv"))


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert [target for target in inside if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_prose_fits_into_100_columns(document: Path) -> None:
    """But for tables, and for what is put between marks."""
    text = document.read_text(encoding="utf-8")
    prose = re.sub(r"<!-- (\S+) -->.*?<!-- /\1 -->", "", text, flags=re.DOTALL)
    lines = [line for line in prose.splitlines() if not line.startswith(("|", "!["))]
    assert [line for line in lines if len(line) > 100] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 110


def test_numbers_in_the_results_are_those_of_the_reports() -> None:
    text = " ".join((ROOT / "docs/results.md").read_text(encoding="utf-8").split())
    found = pd.read_csv(ROOT / "reports/metrics/summary.csv", index_col="variant")
    means = found[["best_mean", "final_mean"]]
    for net, label in (("siamese_convnet", "Siamese ConvNet"), ("siamese_mlp", "Siamese MLP")):
        best, final = 100 * (means.loc[f"{net}_shared"] - means.loc[net])
        assert f"| {label} | {best:.1f} | {final:.1f} |" in text
    weighted = [means.loc[f"siamese_convnet_shared_aux_{k}"] for k in (1, 2, 5, 10, 100)]
    for name, label in (("best_mean", "Best"), ("final_mean", "Final")):
        cells = " | ".join(f"{one[name]:.3f}"[1:] for one in weighted)
        assert f"| {label} epoch | {cells} |" in text
    before, after = means.loc["siamese_convnet_shared"], weighted[-1]
    gain = 100 * (after - before)
    assert f"is {gain['best_mean']:.1f} points** by the best epoch" in text
    assert f"({before['best_mean']:.3f} to {after['best_mean']:.3f})".replace("0.", ".") in text
    assert f"{gain['final_mean']:.1f} by the final one" in text
    gaps = means["best_mean"] - means["final_mean"]
    assert f"lies {gaps.min():.3f} to {gaps.max():.3f} above".replace("0.", ".") in text
    runs = pd.read_csv(ROOT / "reports/metrics/evaluation.csv")
    best = runs[runs["variant"] == "siamese_convnet_shared_aux_100"].mean(numeric_only=True)
    head, two = best["final_accuracy"], best["argmax_accuracy"]
    assert f"head is right for {head:.3f} of the pairs".replace("0.", ".") in text
    assert f"digits is right for {two:.3f}.".replace("0.", ".") in text
    many, two = best["many_pairs_accuracy"], best["all_pairs_argmax_accuracy"]
    assert f"test digits it is {many:.3f} and {two:.3f}".replace("0.", ".") in text
    published = found.dropna(subset=["paper_mean"]).drop(index="siamese_mlp")  # Table 3
    furthest = (published["best_mean"] - published["paper_mean"]).abs().max()
    assert (
        f"five means lie within {math.ceil(1000 * furthest) / 1000:.3f}".replace("0.", ".") in text
    )


def test_the_results_count_the_trials_of_what_the_paper_left_undone(full_params: Params) -> None:
    text = " ".join((ROOT / "docs/results.md").read_text(encoding="utf-8").split())
    apart, found = owners(full_params), configurations(full_params)
    grids = [grid for grid in found if apart.get(grid + SELECTED) == "future_work"]
    assert {len(found[grid]) for grid in grids} == {3} and "best of three" in text
    trials, seeds = sum(len(found[grid]) for grid in grids), full_params.training.seeds
    folds = trials * full_params.search.folds
    assert f"{trials} configurations in {len(grids)} grids: {folds} fold runs" in text
    assert f"on {seeds} seeds, which are at most {len(grids) * seeds} runs more" in text
    assert f"The {len(grids)} intervals are" in text


def test_what_the_paper_left_undone_is_one_factor_at_a_time(full_params: Params) -> None:
    """And its figure and table show the same."""
    figure, table = (full_params.studies[name] for name in ("future_work", "future_work_table"))
    assert (figure.variants, figure.references) == (table.variants, table.references)
    changed = []
    for reference, *winners in figure.blocks():
        base = resolve(full_params, reference)
        for name in winners:
            grid = name.removesuffix(SELECTED)
            settings = configurations(full_params)[grid]
            parts = [essentials(setting.recipe) for setting in settings]
            assert all(one == parts[0] for one in parts) and len(parts[0]) <= 1
            assert {setting.model for setting in settings} == {base.model}
            assert {setting.aux_weight for setting in settings} == {base.aux_weight}
            changed.append((full_params.search.grids[grid].label, *parts[0]))
            if not parts[0]:
                assert base in settings
    half = len(changed) // 2
    assert changed[:half] == changed[half:]
    assert Counter(factor for _, *factors in changed[:half] for factor in factors) == {
        "preprocessing": 3,
        "optimizer": 3,
        "schedule": 3,
        "augmentation": 2,
    }


@pytest.mark.parametrize("table", TABLES, ids=names(TABLES))
def test_the_glossary_names_every_column(table: Path) -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    columns = table.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert [column for column in columns if f"`{column}`" not in glossary] == []
