"""Claims that are each right alone, but compare what there is not, or cannot be confirmed."""

from copy import deepcopy
from typing import Any

import pytest
import yaml
from contents import QUICK, Content, problems

from digitpairs.study.load import check
from project import ROOT

CLAIMS: Content = yaml.safe_load((ROOT / "claims.quick.yaml").read_text(encoding="utf-8"))
NAIVE, SELECTED = CLAIMS["siamese_over_naive"], CLAIMS["published_hyperparameters"]
COUNTED, CAP = CLAIMS["fewer_parameters"], CLAIMS["cap"]


def with_claim(claim: Content, **changes: Any) -> Content:
    """The quick params, a group `extra` of a variant of its own, and a claim `new`."""
    content = deepcopy(QUICK)
    content["variants"]["apart"] = {"base": "mlp", "learning_rate": 0.01}
    study = {"kind": "box", "title": "Apart", "group": "extra", "variants": ["mlp", "apart"]}
    content["studies"]["apart"] = study
    content["claims"] = {"new": {**claim, **changes}}
    return content


REFUSED: list[tuple[Content, dict[str, Any], str]] = [
    (
        NAIVE,
        {"compare": {"mpl": ["convnet"]}},
        "compare: 'mpl': unknown variant; did you mean mlp?",
    ),
    (NAIVE, {"compare": {"mlp": ["conv_net"]}}, "compare: 'conv_net': unknown variant; did you"),
    (NAIVE, {"compare": {"mlp": ["mlp"]}}, "compare.mlp: 'mlp': is compared with itself"),
    (NAIVE, {"compare": {"mlp": ["convnet"] * 2}}, "compare.mlp: 'convnet': is given twice"),
    (NAIVE, {"group": "extras"}, "group: 'extras': is no group of studies; did you mean extra?"),
    (
        NAIVE,
        {"compare": {"apart": ["mlp"]}},
        "compare: 'apart': has runs only where `snakemake extra` made them; give the claim "
        "`group: extra`",
    ),
    (NAIVE, {"margin": 0}, "margin: missing; say up to what size a difference"),
    (CAP, {"margin": 0.0}, "margin: missing; say up to what size a difference"),
    (CAP, {"at_least": 0.1}, "at_least: 0.1: what is equal differs by no size; leave it out"),
    (NAIVE, {"at_least": 0.004}, "at_least: 0.004: is within the margin (0.005)"),
    (NAIVE, {"at_least": 0.005}, "at_least: 0.005: is within the margin (0.005)"),
    (
        COUNTED,
        {"compare": {"mlp": [0.5]}},
        "compare.mlp: 0.5: parameters compare with variants alone",
    ),
    (SELECTED, {"compare": {"mlp": [0.5]}}, "compare.mlp: 0.5: selection compare with variants"),
    (SELECTED, {"compare": {"mlp": ["convnet"]}}, "compare.mlp: 'convnet': is no winner"),
    (
        SELECTED,
        {"compare": {"mlp_selected": ["mlp_selected"]}},
        "compare.mlp_selected: 'mlp_selected': is compared with itself",
    ),
    (
        SELECTED,
        {"compare": {"mlp_selected": ["convnet_selected"]}},
        "compare.mlp_selected: is a winner itself; name a variant that may be selected",
    ),
    (
        SELECTED,
        {"compare": {"mlp": ["convnet_selected"]}},
        "compare.mlp: 'convnet_selected': is the winner of another family's grid",
    ),
    (NAIVE, {"margin": 0.5}, "margin: 0.5: is a fraction, and 0.005 is half a point; at most 0.1"),
    (SELECTED, {"direction": "above"}, "direction: 'above': what the search selects is equal"),
    (SELECTED, {"margin": 0.1}, "margin: 0.1: an equal setting differs by nothing; leave it out"),
]


@pytest.mark.parametrize(("claim", "changes", "problem"), REFUSED)
def test_what_is_refused_is_said_in_a_line(
    claim: Content, changes: dict[str, Any], problem: str
) -> None:
    (line,) = problems(with_claim(claim, **changes))
    assert line.startswith(f"claims.new.{problem}")


ALLOWED: list[tuple[Content, dict[str, Any]]] = [
    (NAIVE, {}),
    (NAIVE, {"group": "extra", "compare": {"apart": ["mlp", 0.5]}}),
    (NAIVE, {"group": "extra"}),
    (NAIVE, {"compare": {"mlp_selected": ["mlp", "convnet_selected"]}}),
    (NAIVE, {"at_least": 0.006}),
    (COUNTED, {"margin": 0.0}),
]


@pytest.mark.parametrize(("claim", "changes"), ALLOWED)
def test_what_is_right_is_taken(claim: Content, changes: dict[str, Any]) -> None:
    assert list(check(with_claim(claim, **changes)).claims) == ["new"]


@pytest.mark.parametrize("name", ["claims", "paper", "search"])
def test_a_study_has_no_name_of_a_product_that_is_none(name: str) -> None:
    content = deepcopy(QUICK)
    content["studies"][name] = {"kind": "box", "title": "Mine", "variants": ["mlp"]}
    assert problems(content) == [f"studies.{name}: this name is taken; choose another"]
