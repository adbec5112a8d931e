"""What a table of differences comes to, in sentences that follow the numbers."""

import pandas as pd
import pytest

from collected import run, setting
from digitpairs.products.tables import differences
from digitpairs.runs.plan import Winners
from digitpairs.study.schema import Study

Values = dict[str, list[float]]

LABELS = {"a": "A", "b": "Cosine", "c": "Lion", "x": "X", "y": "Cosine", "z": "Lion"}
VALUES: Values = {
    "a": [0.50, 0.60, 0.70],
    "b": [0.52, 0.62, 0.71],  # +2, +2, +1 points
    "c": [0.47, 0.58, 0.67],  # -3, -2, -3
    "x": [0.80, 0.80, 0.80],
    "y": [0.81, 0.82, 0.82],
    "z": [0.80, 0.70, 0.90],
}


def results(values: Values) -> pd.DataFrame:
    parts = [
        run("mlp", seed, [0.5]).assign(variant=name, many_pairs_accuracy=value)
        for name, seeds in values.items()
        for seed, value in enumerate(seeds)
    ]
    return pd.concat(parts, ignore_index=True)


def findings(values: Values, references: list[str]) -> list[str]:
    study = Study(kind="differences", title="T", variants=list(values), references=references)
    return list(differences.findings(study, results(values), LABELS))


def test_a_sentence_a_reference_and_one_for_all() -> None:
    assert findings(VALUES, ["a", "x"]) == [
        "Against A, the 95 % interval of the difference lies above zero in 1 of 2 rows and below "
        "zero in 1; the best is Cosine, with +1.67 points [+0.23, +3.10].",
        "Against X, the 95 % interval of the difference lies above zero in 1 of 2 rows and below "
        "zero in 0; the best is Cosine, with +1.67 points [+0.23, +3.10].",
        "Above zero against each of them: Cosine.",
    ]


def test_two_references_of_one_label_have_a_sentence_each() -> None:
    study = Study(kind="differences", title="T", variants=list(VALUES), references=["a", "x"])
    labels = {**LABELS, "x": "A"}
    first, second, last = differences.findings(study, results(VALUES), labels)
    assert first.startswith("Against A,") and second.startswith("Against A,")
    assert "below zero in 1" in first and "below zero in 0" in second
    assert last == "Above zero against each of them: Cosine."


def test_two_rows_of_one_label_both_count() -> None:
    study = Study(kind="differences", title="T", variants=["a", "b", "c"])
    labels = {**LABELS, "c": "Cosine"}
    (sentence,) = differences.findings(study, results({n: VALUES[n] for n in "abc"}), labels)
    assert "in 1 of 2 rows and below zero in 1; the best is Cosine, with +1.67" in sentence


def test_one_reference_has_one_sentence() -> None:
    (sentence,) = findings({name: VALUES[name] for name in "abc"}, [])
    assert sentence.startswith("Against A,")


def test_losses_have_the_sign_of_the_table() -> None:
    (sentence,) = findings({name: VALUES[name] for name in "ac"}, [])
    assert sentence.endswith(
        "in 0 of 1 rows and below zero in 1; the best is Lion, with −2.67 points [−4.10, −1.23]."
    )


@pytest.mark.parametrize(
    ("change", "last"),
    [
        ({"y": VALUES["x"]}, "No row lies above zero against each of them."),
        (
            {"c": VALUES["b"], "z": VALUES["y"]},
            "Above zero against each of them: Cosine and Lion.",
        ),
    ],
)
def test_the_last_sentence_names_what_gains_everywhere(change: Values, last: str) -> None:
    assert findings({**VALUES, **change}, ["x"])[-1] == last


def test_a_row_without_an_interval_is_in_no_sentence() -> None:
    """One seed is left of it, or none."""
    alone = {"a": VALUES["a"], "b": VALUES["b"], "c": [0.9]}
    (sentence,) = findings(alone, [])
    assert "1 of 1 rows" in sentence and "Lion" not in sentence
    assert findings({"a": [0.5], "b": [0.6]}, []) == []


def test_references_have_a_dash_in_place_of_a_difference() -> None:
    study = Study(kind="differences", title="T", variants=list(VALUES), references=["x"])
    settings = {name: setting("mlp") for name in VALUES}
    cells = differences.cells(study, results(VALUES), settings)
    assert [name for name, row in cells.items() if row["Difference"].markdown == "–"] == ["a", "x"]
    assert cells["y"]["Difference"].markdown == r"+0.0167 \[+0.0023, +0.0310\]"


@pytest.mark.parametrize("values", [{"a": [0.5]}, {"a": [0.5, 0.6, 0.7]}])
def test_a_reference_with_nothing_after_it_is_a_remark(values: Values) -> None:
    """The search selected what the study shows already."""
    assert findings(values, []) == []
    assert remarks(values, {}, {}) == [
        "Against A, there is nothing to compare: the search selected no other recipe."
    ]


def test_winners_at_an_edge_of_their_rates_are_counted() -> None:
    tried = {"low": [3.0, 1.0, 2.0], "middle": [1.0, 2.0, 3.0], "high": [1.0, 2.0, 3.0]}
    tried |= {"two": [1.0, 2.0], "none": [1.0, 2.0, 3.0]}
    rates = {"low": 1.0, "middle": 2.0, "high": 3.0, "two": 1.0, "other": 5.0}
    won = {grid: {"learning_rate": rate} for grid, rate in rates.items()}
    assert remarks(VALUES, tried, won) == [
        "Winners whose learning rate is the lowest or highest tried: 2 of 3."
    ]
    assert remarks(VALUES, {"two": [1.0, 2.0]}, won) == []


def remarks(values: Values, tried: dict[str, list[float]], won: Winners) -> list[str]:
    study = Study(kind="differences", title="T", variants=list(values))
    return list(differences.remarks(study, results(values), LABELS, tried, won))


def test_the_note_says_what_the_interval_is_over() -> None:
    assert "interval over training seeds, for one set of test pairs" in differences.NOTE
