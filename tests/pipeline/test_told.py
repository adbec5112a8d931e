"""What Snakemake's report tells of products."""

from pathlib import Path

import pytest
from docutils.core import publish_parts
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.errors import UserError
from digitpairs.pipeline import told
from digitpairs.pipeline.report_steps import names
from digitpairs.pipeline.told import Told, as_rst, is_reporting
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params


@pytest.mark.parametrize(
    ("given", "reporting"),
    [
        (["snakemake", "--report", "a.html"], True),
        (["snakemake", "--report=a.html"], True),
        (["snakemake", "--report", "a.html", "--report-after-run"], False),
        (["snakemake", "--report-stylesheet", "a.css"], False),
        (["snakemake", "report"], False),
    ],
)
def test_only_a_report_of_what_is_made_is_one(given: list[str], reporting: bool) -> None:
    assert is_reporting(given) is reporting


@pytest.mark.parametrize("medium", ["metric", "figure", "table"])
def test_every_product_has_a_place_and_one_label(full_params: Params, medium: str) -> None:
    tell = Told(full_params)
    studies = [n for n, s in full_params.studies.items() if KINDS[s.kind].medium == medium]
    for name in {*names(full_params, medium), *studies}:
        assert tell.category(name)
        assert tell.subcategory(name, medium)
        assert list(tell.labels(name, medium)) == ["what"]


def test_a_groups_study_stands_apart(full_params: Params) -> None:
    tell = Told(full_params)
    assert tell.category("audit") == "Groups of studies"
    assert tell.subcategory("future_work", "figure") == "future work"
    assert (tell.category("figure3"), tell.subcategory("figure3", "figure")) == (
        "The study",
        "Figures",
    )
    assert tell.category("claims.csv") == tell.category("claims") == "Claims"


def test_seeds_are_said_where_results_are_shown(full_params: Params) -> None:
    tell = Told(full_params)
    assert tell.seeds("figure3") == str(full_params.training.seeds)
    assert tell.seeds("figure1") == tell.seeds("stability") == tell.seeds("search") == ""


def test_a_command_makes_a_product(full_params: Params) -> None:
    tell = Told(full_params)
    assert tell.command("figure3", "reports/figures/figure3.svg") == "snakemake studies/figure3"
    assert tell.command("summary.csv", "reports/metrics/summary.csv") == (
        "snakemake reports/metrics/summary.csv"
    )


@given(st.text("ab*`_|<>\\: ", min_size=1).map(str.strip).filter(bool))
def test_titles_are_printed_as_they_are(text: str) -> None:
    body = publish_parts(f"x{as_rst(text)}x", writer="html")["body"]
    assert "problematic" not in body
    assert "system-message" not in body


def test_without_products_there_is_nothing_to_show(
    quick_params: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="no product is made"):
        told.made(quick_params)
