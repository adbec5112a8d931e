"""The table of who wins the search, and what it comes to."""

import pandas as pd

from digitpairs.products.numbers.standings import standings
from digitpairs.products.tables import winners
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.schema import Study
from folds import rows

PUBLISHED = {"mlp": Setting(ModelSpec("mlp", (80,)), 1e-3)}
LABELS = {"mlp": "MLP"}


def found() -> pd.DataFrame:
    """Two searches: 50 wins one, 60 the other, 70 none; 80 is published."""
    accuracies = {"50": (0.9, 0.8), "60": (0.85, 0.88), "70": (0.7, 0.7), "80": (0.6, 0.6)}
    folds = [
        row
        for hidden, searches in accuracies.items()
        for seed, accuracy in enumerate(searches, start=1000)
        for row in rows(accuracy, accuracy, hidden=hidden, seed=seed)
    ]
    return standings(pd.DataFrame(folds), PUBLISHED)


def test_shown_are_winners_and_what_is_published() -> None:
    shown = [[cell.markdown for cell in row] for row in winners.frame(found(), LABELS).to_numpy()]
    assert shown == [
        ["MLP", "60, rate 0.001", ".865 ± .021", "0", "1", "1", "1.5", "best"],
        ["MLP", "50, rate 0.001", ".850 ± .071", "−0.0150", "1", "1", "1.5", "not told apart"],
        ["MLP", r"80, rate 0.001\*", ".600 ± .000", "−0.2650", "0", "0", "4.0", shown[2][-1]],
    ]


def test_findings_count_winners_and_what_may_be_the_best() -> None:
    (sentence,) = winners.findings(found(), LABELS)
    like = (found()["standing"] != "behind").sum() - 1
    assert sentence == (
        "MLP: in 2 searches, 2 of 4 configurations win at least once. 60, rate 0.001 is best by "
        f"mean and wins 1. {like} others cannot be told from it."
    )


def test_the_note_counts_the_searches() -> None:
    study = Study(kind="winners", title="Who wins?", group="again", variants=["mlp_selected"])
    assert winners.title(study, found()).startswith("Who wins? The search was made 2 times.")
