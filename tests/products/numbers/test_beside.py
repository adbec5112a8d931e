"""Our numbers beside the paper's, by its protocol alone."""

import pandas as pd
import pytest

from collected import fifteen, runs, setting
from digitpairs.products.numbers.beside import COLUMNS, MARGIN, beside
from digitpairs.products.numbers.evidence import unpaired
from digitpairs.products.numbers.paper import PUBLISHED
from digitpairs.products.numbers.statistics import Summary, summarise
from project import ROOT

NAN = float("nan")
SPREAD = [0.80, 0.81, 0.82] * 5


def of_mlp(values: list[float], **changes: object) -> pd.DataFrame:
    return runs({"mlp": [[value, 0.5] for value in values]}, **changes)


def test_a_row_has_both_numbers_and_what_lies_between() -> None:
    (row,) = beside(of_mlp(SPREAD)).to_dict("records")
    printed = PUBLISHED["mlp", "", "200-100", False, 0.0, 1e-4, ""]
    assert (row["paper_mean"], row["paper_std"], row["where"]) == (0.807, 0.015, "Tables 1 and 3")
    assert (row["best_mean"], row["runs"]) == (pytest.approx(0.81), 15)
    assert (row["parameters"], row["paper_parameters"]) == (98_902, 98_902)
    theirs = Summary(printed.mean, printed.std, NAN, NAN)
    of = unpaired(summarise(SPREAD), theirs, (15, 15), MARGIN)
    assert row["difference"] == pytest.approx(0.003)
    for key in ("low", "high", "p", "equivalence_p"):
        assert row[key] == pytest.approx(getattr(of, key))
    assert row["verdict"] == "same"


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.0, "same"), (0.006, "undecided"), (-0.02, "different")]
)
def test_verdicts_follow_the_difference(shift: float, verdict: str) -> None:
    (row,) = beside(of_mlp([value + shift for value in SPREAD])).to_dict("records")
    assert row["verdict"] == verdict


def test_a_net_of_which_no_count_is_printed_has_none() -> None:
    (row,) = beside(fifteen("siamese_mlp")).to_dict("records")
    assert pd.isna(row["paper_parameters"]) and row["where"] == "Table 2"


@pytest.mark.parametrize(
    "results",
    [
        of_mlp(SPREAD[:14]),
        of_mlp(SPREAD, epochs=49),
        of_mlp(SPREAD, digits="embedded-c8abbffd10a0"),
        fifteen(of=setting("mlp", learning_rate=1e-3)),
    ],
)
def test_no_row_beside_another_protocol_or_net(results: pd.DataFrame) -> None:
    found = beside(results)
    assert found.empty and list(found) == COLUMNS


def test_every_number_of_the_papers_tables_is_there() -> None:
    """Table 1 has two, Table 2 two, Table 3 five, with their parameters."""
    where = [one.where for one in PUBLISHED.values()]
    counts = [sum(str(number) in one for one in where) for number in (1, 2, 3)]
    assert counts == [2, 2, 5]
    of_table_3 = [one.parameters for one in PUBLISHED.values() if "3" in one.where]
    assert of_table_3 == [98_902, 92_050, 93_214, 47_758, 47_758]


def test_the_glossary_names_every_column() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    section = glossary.partition("## reports/metrics/paper.csv")[2].partition("\n## ")[0]
    shared = glossary.partition("## Columns that several files share")[2].partition("\n## ")[0]
    assert [column for column in COLUMNS if f"`{column}`" not in section + shared] == []
