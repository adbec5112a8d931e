"""What the page shows follows from the reports, and nothing in it can break out of its place."""

import json

import pandas as pd
import pytest

from collected import runs
from digitpairs.products.page import content
from digitpairs.products.page.make import render
from digitpairs.study.claims import Claim
from project import ROOT

CLAIM = {
    "source": "Table 1",
    "quote": "a net",
    "says": "A net wins </script><b>&.",
    "measure": "best_accuracy",
    "direction": "above",
    "margin": 0.005,
    "compare": {"mlp": ["siamese_convnet"]},
}
LABELS = {"mlp": "MLP", "siamese_convnet": "Siamese <i>"}
NAMES = ("best_accuracy", "final_accuracy", "many_pairs_accuracy")


def found(verdict: str = "confirmed", effect: float = 0.02) -> pd.DataFrame:
    """A claim of one comparison, as claims.csv has it."""
    row = {"claim": "one", "variant": "mlp", "reference": "siamese_convnet", "direction": "above"}
    row |= {"margin": 0.005, "at_least": float("nan"), "seeds": 15, "p": 0.01, "p_holm": 0.02}
    row |= {"effect": effect, "low": effect - 0.01, "high": effect + 0.01}
    row |= {"equivalence_p": 0.9, "verdict": verdict, "claim_verdict": verdict}
    return pd.DataFrame([row | {"measure": name, "decides": name == NAMES[0]} for name in NAMES])


def test_a_card_follows_its_rows() -> None:
    claims = {"one": Claim.model_validate(CLAIM)}
    (card,) = content.cards(found(), claims, LABELS)
    (changed,) = content.cards(found("contradicted", -0.02), claims, LABELS)
    assert (card["verdict"], changed["verdict"]) == ("confirmed", "contradicted")
    assert card["final"] == "confirmed"
    effects = [one["comparisons"][0]["measures"][0]["effect"] for one in (card, changed)]
    assert effects == [0.02, -0.02]
    assert card["comparisons"][0]["at_least"] is None
    json.dumps(card, allow_nan=False)


@pytest.mark.parametrize(
    ("verdicts", "lead"),
    [
        (["confirmed"], "Of 1 claims, 1 is confirmed."),
        (
            ["confirmed", "confirmed", "partly"],
            "Of 3 claims, 2 are confirmed and 1 is partly confirmed.",
        ),
        (
            ["undecided", "contradicted", "not supported"],
            "Of 3 claims, 1 is not supported, 1 is contradicted and 1 is undecided.",
        ),
    ],
)
def test_the_lead_counts_verdicts(verdicts: list[str], lead: str) -> None:
    parts = [found(verdict).assign(claim=f"c{at}") for at, verdict in enumerate(verdicts)]
    assert content.lead(pd.concat(parts)) == lead


def test_curves_are_those_of_each_seed() -> None:
    results = runs({"mlp": [[0.5, 0.61234], [0.4, 0.7]]})
    (net,) = content.curves(results, {"mlp": "MLP"})
    assert net == {
        "label": "MLP",
        "runs": [
            {"seed": 0, "accuracy": [0.5, 0.6123]},
            {"seed": 1, "accuracy": [0.4, 0.7]},
        ],
    }


def test_the_ladder_is_the_summary() -> None:
    summary = pd.read_csv(ROOT / "reports/metrics/summary.csv")
    rows = list(content.ladder(summary, {name: name for name in summary["variant"]}))
    assert [row["best"]["mean"] for row in rows] == pytest.approx(summary["best_mean"].to_list())
    missing = summary["paper_mean"].isna()
    assert [row["paper"]["mean"] is None for row in rows] == missing.to_list()


def test_words_of_people_stay_words() -> None:
    claims = {"one": Claim.model_validate(CLAIM)}
    data = {"ladder": [], "claims": list(content.cards(found(), claims, LABELS))}
    text = render(data, "Lead <b>", "note <i>")
    assert text.count("</script>") == 2
    assert "Lead &lt;b&gt;" in text and "note &lt;i&gt;" in text
    inside = text.partition('id="data">')[2].partition("</script>")[0]
    assert json.loads(inside)["claims"][0]["says"] == CLAIM["says"]


def test_sections_stand_where_there_is_something_to_show() -> None:
    bare = render({"ladder": []}, "", None)
    assert all(f'id="{name}"' not in bare for name in ("claims", "draw", "curves"))
    full = render({"ladder": [], "claims": [], "nets": [], "curves": []}, "", None)
    assert all(f'id="{name}"' in full for name in ("claims", "draw", "curves"))
