"""Claims held against results: pairs of seeds, all measures, one family of tests, all verdicts."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from claimed import BETTER, LIKE, MIXED, MLP, of_folds, of_seeds, params_with
from collected import run
from digitpairs.identity import essentials
from digitpairs.products.numbers.claims import COLUMNS, claims, decisive
from digitpairs.products.numbers.evidence import holm, paired
from digitpairs.runs.plan import Winners
from digitpairs.study.claims import ACCURACIES
from digitpairs.study.variants import resolve
from project import ROOT

Content = dict[str, Any]
CONVNET_ALONE = {"compare": {"convnet": [0.85]}}


def judged(
    content: Content, results: list[pd.DataFrame], winners: Winners | None = None, **of: Content
) -> pd.DataFrame:
    together = pd.concat(results, ignore_index=True)
    return claims(params_with(content, **of), together, winners or {})


def decided(found: pd.DataFrame) -> list[str]:
    return found[found["decides"]]["verdict"].tolist()


VERDICTS: list[tuple[Content, list[float], str]] = [
    ({}, BETTER, "confirmed"),
    ({"at_least": 0.08}, BETTER, "partly"),
    ({"direction": "below"}, BETTER, "contradicted"),
    ({}, LIKE, "not supported"),
    ({}, MIXED, "undecided"),
    ({"direction": "equal"}, LIKE, "confirmed"),
    ({"direction": "equal"}, BETTER, "contradicted"),
    ({"direction": "equal"}, MIXED, "undecided"),
]


@pytest.mark.parametrize(("claim", "ours", "verdict"), VERDICTS)
def test_each_verdict_comes_from_results(
    content: Content, claim: Content, ours: list[float], verdict: str
) -> None:
    found = judged(content, [of_seeds("mlp", MLP), of_seeds("convnet", ours)], new=claim)
    assert decided(found) == [verdict]
    assert set(found["claim_verdict"]) == {verdict}
    assert list(found) == COLUMNS


def test_a_row_for_each_measure_is_of_its_own_numbers(content: Content) -> None:
    final = [one - 0.001 * seed for seed, one in enumerate(BETTER)]
    results = [of_seeds("mlp", MLP), of_seeds("convnet", BETTER, final)]
    found = judged(content, results, new={"measure": "final_accuracy"}).set_index("measure")
    assert list(found.index) == list(ACCURACIES)
    assert found["decides"].tolist() == [False, True, False]
    for measure, ours in zip(ACCURACIES, (BETTER, final, final), strict=True):
        of, row = paired(np.subtract(ours, MLP), 0.01), found.loc[measure]
        assert row["seeds"] == 8
        for key in ("effect", "low", "high", "p", "equivalence_p"):
            assert row[key] == pytest.approx(getattr(of, key)), (measure, key)


def test_seeds_are_paired_whatever_their_order_and_a_diverged_one_counts_for_neither(
    content: Content,
) -> None:
    shuffled = pd.concat([run("mlp", seed, [MLP[seed]]) for seed in (5, 3, 7, 0, 1, 4, 2, 6)])
    ours = [of_seeds("convnet", BETTER[:7]), run("convnet", 7, [0.4], "diverged")]
    found = judged(content, [shuffled, *ours], new={})
    best = found[found["measure"] == "best_accuracy"].iloc[0]
    assert best["seeds"] == 7
    assert best["effect"] == pytest.approx(np.mean(np.subtract(BETTER[:7], MLP[:7])))


def test_a_number_is_subtracted_from_each_seed(content: Content) -> None:
    found = judged(content, [of_seeds("convnet", BETTER)], new=CONVNET_ALONE)
    assert found["effect"].iloc[0] == pytest.approx(np.mean(BETTER) - 0.85)
    assert found["reference"].tolist() == [0.85] * 3


def test_the_comparisons_that_decide_are_one_family(content: Content) -> None:
    """By Holm; of a claim that two are equal it is the p of the margin that is adjusted."""
    of = {
        "gain": {},
        "equal": {"direction": "equal", "compare": {"siamese_mlp": ["mlp"]}},
        "final": {"measure": "final_accuracy", "compare": {"convnet": ["siamese_mlp", 0.8]}},
    }
    nets = {"mlp": MLP, "convnet": BETTER, "siamese_mlp": LIKE}
    found = judged(content, [of_seeds(name, values) for name, values in nets.items()], **of)
    own = found["p"].where(found["direction"] != "equal", found["equivalence_p"])
    family = found["decides"]
    assert family.sum() == 4
    assert found["p_holm"][family].tolist() == holm(own[family].tolist())
    by_final = (found["measure"] == "final_accuracy") & ~family
    assert found["p_holm"][by_final].tolist() == holm(own[by_final].tolist())
    assert by_final.sum() == 2


def test_a_claim_of_several_nets_is_judged_by_all(content: Content) -> None:
    nets = {"mlp": MLP, "convnet": BETTER, "siamese_mlp": LIKE}
    both = {"compare": {"convnet": ["mlp"], "siamese_mlp": ["mlp"]}}
    found = judged(content, [of_seeds(name, values) for name, values in nets.items()], new=both)
    assert decided(found) == ["confirmed", "not supported"]
    assert set(found["claim_verdict"]) == {"partly"}
    ((name, rows),) = decisive(found)
    assert (name, len(rows)) == ("new", 2)


def test_parameters_are_counted(content: Content) -> None:
    claim = {"measure": "parameters", "direction": "below", "at_least": 0.05}
    claim["compare"] = {"convnet": ["mlp"]}
    found = judged(content, [of_seeds("mlp", [0.5]), of_seeds("convnet", [0.5])], new=claim)
    (row,) = found.to_dict("records")
    assert row["effect"] == pytest.approx(92_050 / 98_902 - 1)
    assert (row["measure"], row["decides"], row["verdict"]) == ("parameters", True, "confirmed")
    assert pd.isna(row["seeds"]) and pd.isna(row["p_holm"]) and pd.isna(row["low"])


SELECTION = {
    "measure": "selection",
    "direction": "equal",
    "margin": 0,
    "compare": {"mlp": ["mlp_selected"]},
}


@pytest.mark.parametrize(
    ("published", "effect", "verdict"),
    [([0.7, 0.9], 0.0, "confirmed"), ([0.6, 0.8], -0.05, "not supported")],
)
def test_what_the_search_selects_is_compared_on_its_folds(
    content: Content, published: list[float], effect: float, verdict: str
) -> None:
    folds = [of_folds("mlp", 1e-4, published), of_folds("mlp", 1e-3, [0.7, 0.8])]
    others = [of_folds("convnet", 1e-4, [0.9, 0.9]), of_seeds("mlp", [0.99])]
    (row,) = judged(content, [*folds, *others], new=SELECTION).to_dict("records")
    assert row["effect"] == pytest.approx(effect)
    assert row["verdict"] == row["claim_verdict"] == verdict


def test_of_a_setting_that_the_search_did_not_try_nothing_is_known(content: Content) -> None:
    (row,) = judged(content, [of_folds("mlp", 1e-3, [0.7])], new=SELECTION).to_dict("records")
    assert pd.isna(row["effect"]) and row["verdict"] == "undecided"


def test_a_winner_goes_by_the_variant_that_it_is(content: Content) -> None:
    params = params_with(content, new={"compare": {"convnet": ["mlp_selected"]}})
    same = {"mlp": essentials(resolve(params, "mlp"))}
    results = pd.concat([of_seeds("mlp", MLP), of_seeds("convnet", BETTER)], ignore_index=True)
    assert set(claims(params, results, same)["reference"]) == {"mlp"}
    assert claims(params, results, {}).empty  # it is not known
    params = params_with(content, new={"compare": {"mlp": ["mlp_selected"]}})
    assert claims(params, results, same).empty  # nothing but itself


def test_a_comparison_that_is_named_twice_counts_once(content: Content) -> None:
    """The winner of the ConvNets is the published one: `convnet_selected` is `convnet`."""
    compare = {"compare": {"mlp": ["convnet", "convnet_selected"]}, "direction": "below"}
    params = params_with(content, new=compare)
    same = {"convnet": essentials(resolve(params, "convnet"))}
    parts = pd.concat([of_seeds("mlp", MLP), of_seeds("convnet", BETTER)], ignore_index=True)
    found = claims(params, parts, same)
    assert found["decides"].sum() == 1


def test_the_glossary_names_every_column() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    section = glossary.partition("## reports/metrics/claims.csv")[2].partition("\n## ")[0]
    assert [column for column in COLUMNS if f"`{column}`" not in section] == []


def test_what_a_group_makes_changes_no_verdict_of_the_default(content: Content) -> None:
    """Its claims are a family of their own."""
    content["variants"]["apart"] = {"base": "mlp", "learning_rate": 0.01}
    study = {"kind": "box", "title": "Apart", "group": "extra", "variants": ["mlp", "apart"]}
    content["studies"]["apart"] = study
    parts = [of_seeds("mlp", MLP), of_seeds("convnet", BETTER), of_seeds("mlp", LIKE)]
    parts[-1]["variant"] = "apart"
    alone = judged(content, parts, new={})
    more = judged(content, parts, new={}, extra={"group": "extra", "compare": {"apart": ["mlp"]}})
    of_default = more[more["claim"] == "new"]
    assert of_default["p_holm"].tolist() == alone["p_holm"].tolist()
    assert len(more) == 2 * len(alone)


def test_claims_of_which_nothing_is_left_give_no_rows(content: Content) -> None:
    params = params_with(content, new={"compare": {"mlp": ["mlp_selected"]}})
    same = {"mlp": essentials(resolve(params, "mlp"))}
    found = claims(params, of_seeds("mlp", MLP), same)
    assert found.empty and list(decisive(found)) == []
    assert list(found.columns) == COLUMNS
