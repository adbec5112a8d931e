"""The table of a budget of variance, and what it comes to."""

from pathlib import Path

import pytest

from digitpairs.products.numbers.spread import budget
from digitpairs.products.tables import budget as table
from varied import LABELS, of_seeds, results


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of other processors here."""
    monkeypatch.chdir(tmp_path)


def test_a_row_a_source_below_its_net() -> None:
    rows = [
        [cell.markdown for cell in row] for row in table.frame(budget(results()), LABELS).values
    ]
    assert rows[0] == [r"Net \$x\$", "all that a seed draws", ".0200", *rows[0][3:]]
    assert rows[0][4:] == ["100 %", ".0100"]
    assert rows[1][:3] == ["", "pairs, to train and to test on", ".0100"]
    assert rows[2][1:4] == ["the 1,000 test pairs alone", ".0156", "–"]
    assert [row[0] for row in rows] == [r"Net \$x\$", "", "", "", "Other", "", ""]


def test_findings_say_what_the_spread_means() -> None:
    first, second, *_ = table.findings(budget(results()), LABELS)
    assert first == (
        "Net $x$: one run is ± 2.0 points, the mean of 3 is ± 1.15. The 1,000 test pairs alone "
        "make ± 1.6 of a run, 60 % of its variance."
    )
    assert "takes 64 seeds of each by the final epoch, and 17 over many pairs" in second


def test_a_net_without_a_spread_needs_no_seeds() -> None:
    found = budget(of_seeds("net", [0.8, 0.8]))
    assert len(list(table.findings(found, LABELS))) == 1
    assert table.frame(found, LABELS)["Share"][0].markdown == "–"
