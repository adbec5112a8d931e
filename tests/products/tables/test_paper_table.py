"""The table of our numbers beside the paper's."""

import pandas as pd

from collected import fifteen, run
from digitpairs.products.numbers.beside import beside
from digitpairs.products.tables.paper import COLUMNS, rows

LABELS = {"mlp": "MLP", "siamese_mlp": "Siamese MLP"}


def test_a_row_says_both_numbers_and_counts() -> None:
    shown = pd.concat([fifteen(), fifteen("siamese_mlp")], ignore_index=True)
    frame = rows(beside(shown), LABELS)
    first, second = ([cell.markdown for cell in row] for row in frame.to_numpy())
    assert first == [
        *("MLP", "Tables 1 and 3", ".807 ± .015", ".800 ± .000"),
        r"−0.0070 \[−0.0153, +0.0013\]",
        *("same", "98,902, both"),
    ]
    assert second[1:3] == ["Table 2", ".810 ± .013"]
    assert second[-1] == "93,622"


def test_another_count_than_the_papers_is_shown() -> None:
    found = beside(fifteen()).assign(paper_parameters=98_000)
    assert rows(found, LABELS)["Parameters"][0].markdown == "98,902, paper 98,000"


def test_without_the_papers_protocol_there_is_no_row() -> None:
    frame = rows(beside(run("mlp", 0, [0.5])), LABELS)
    assert frame.empty and list(frame) == COLUMNS
