"""What the documents promise: short lines, links that lead somewhere, every column named."""

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from digitpairs.digits.source import Source
from digitpairs.identity import essentials
from digitpairs.products.marks import PAGES
from digitpairs.runs import plan
from digitpairs.study.grid import configurations
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


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_accuracy_is_typed_into_prose(page: Path) -> None:
    """Between marks `make readme` writes it, and a test of these holds it against the reports."""
    text = (ROOT / page).read_text(encoding="utf-8")
    unmarked = re.sub(r"<!-- (\S+) -->.*?<!-- /\1 -->|<!--=\S+-->.*?<!--/-->", "", text, flags=re.S)
    assert re.findall(r"(?<![\d.])\.\d{3}\b", unmarked) == []


def test_what_the_results_say_of_the_final_epoch_is_so() -> None:
    text = " ".join((ROOT / "docs/results.md").read_text(encoding="utf-8").split())
    assert "By the final epoch the claim is confirmed of MLPs alone:" in text
    found = pd.read_csv(ROOT / "reports/metrics/claims.csv")
    rows = found[(found["claim"] == "siamese_over_naive") & (found["measure"] == "final_accuracy")]
    confirmed = rows[rows["verdict"] == "confirmed"]
    assert confirmed["variant"].to_list() == ["siamese_mlp"] and len(rows) > 1


def test_what_the_results_say_of_claims_is_so() -> None:
    """Over many pairs, of the two learning rates, over six searches."""
    found = pd.read_csv(ROOT / "reports/metrics/claims.csv")
    many = found[(found["claim"] == "siamese_over_naive") & (found["measure"].str.contains("many"))]
    assert set(many["verdict"]) == {"confirmed"}
    rates = found[(found["claim"] == "digit_recognition") & found["decides"]]
    assert dict(zip(rates["variant"], rates["verdict"], strict=True)) == {
        "siamese_convnet_shared_aux_100": "confirmed",
        "aux_100_other_rate": "undecided",
    }
    means = pd.read_csv(ROOT / "reports/metrics/summary.csv", index_col="variant")["best_mean"]
    assert means["siamese_mlp"] < means["convnet"]
    standings = pd.read_csv(ROOT / "reports/metrics/standings.csv")
    published = standings[standings["published"]].set_index("grid")["standing"].to_dict()
    assert published.pop("siamese_convnet") == "not told apart"
    assert set(published.values()) == {"behind"} and len(published) == 3


def test_what_the_results_say_of_the_digits_is_so() -> None:
    found = pd.read_csv(ROOT / "reports/metrics/summary.csv", index_col="variant")
    siamese = found[found["digit_accuracy_mean"].notna()]
    without = siamese[~siamese.index.str.contains("aux")]
    assert without["digit_accuracy_mean"].between(0.05, 0.15).all()
    least = siamese.loc["siamese_convnet_shared_aux_0.01", "argmax_accuracy_mean"]
    assert least > siamese["final_mean"].max()


def test_the_readme_counts_the_runs(full_params: Params) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    winners = pd.read_csv(ROOT / "reports/metrics/summary.csv")["variant"]
    evaluation = len(winners) * full_params.training.seeds
    folds = len(plan.searches(full_params, Source("mnist", ""))[""])
    assert f"the whole paper: {folds + evaluation} runs" in text
    assert f"all {folds + evaluation} runs" in text
    assert f"the {evaluation} runs of the evaluation" in text


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
