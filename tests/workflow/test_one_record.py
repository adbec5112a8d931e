"""One record is another: claim, table, report and page are."""

import json
import re

import pandas as pd
import pytest

from digitpairs import paths
from digitpairs.runs import store
from digitpairs.spec import from_json
from project import Project, forget, records_of

pytestmark = pytest.mark.workflow

PRODUCTS = [
    paths.metric("claims.csv"),
    *paths.table("claims"),
    paths.REPORT_SOURCE,
    paths.REPORT_NUMBERS,
    paths.PAGE,
]


def test_a_changed_record_reaches_claim_table_report_and_page(project: Project) -> None:
    record = project.root / records_of(project, "siamese_mlp_aux_10")[0]
    before = {path: (project.root / path).read_text(encoding="utf-8") for path in PRODUCTS}
    content = json.loads(record.read_text())
    spec = from_json(content.pop("spec"))
    del content["checksum"]
    content["epochs"]["test_accuracy"] = [0.123456] * len(content["epochs"]["test_accuracy"])
    store.write(record, spec, content)
    forget(project)  # else the results would be thought right: a record does not change
    said = project.snakemake("--cores", 2, fails=True)
    assert "came back different; give the same command again" in said
    project.snakemake("--cores", 2)
    after = {path: (project.root / path).read_text(encoding="utf-8") for path in PRODUCTS}
    assert [path for path in PRODUCTS if before[path] == after[path]] == []

    claims = pd.read_csv(project.root / paths.metric("claims.csv"))
    rows = claims[(claims["variant"] == "siamese_mlp_aux_10") & claims["decides"]]
    (effect,) = rows["effect"]
    written = f"{100 * effect:+.2f}".replace("-", "−")
    assert f"{effect:+.4f}".replace("-", "−") in after[paths.table("claims")[1]]
    assert json.loads(data_of(after[paths.PAGE]))["claims"][0]["comparisons"][0]["measures"][0][
        "effect"
    ] == pytest.approx(effect)
    numbers = pd.read_csv(project.root / paths.REPORT_NUMBERS)
    assert numbers["text"].astype(str).str.replace("-", "−").str.contains(re.escape(written)).any()


def data_of(page: str) -> str:
    """The data of a page."""
    return page.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
