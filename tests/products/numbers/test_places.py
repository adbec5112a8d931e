"""Whether all that is shown was computed in one place."""

import pandas as pd
import pytest

from collected import elsewhere, run, runs
from digitpairs.products.numbers.places import PLACES, differences

BEADS = {"mlp": [[0.5], [0.6]], "convnet": [[0.7], [0.8]]}


@pytest.mark.parametrize("part", ["device", "torch", "numpy", "numba"])
def test_places_are_compared_over_all_variants(part: str) -> None:
    results = runs(BEADS)
    moved = elsewhere(results, results["variant"].eq("convnet"), **{part: "another"})
    here = {"device": "abacus", "torch": "2.0", "numpy": "1.0", "numba": "0.5"}[part]
    listed = "; ".join(sorted([here, "another"]))
    assert differences(moved) == f"Runs come from different {PLACES[part]}: {listed}."


def test_one_place_needs_no_words() -> None:
    assert differences(runs(BEADS)) == ""


def test_nets_may_have_engines_of_their_own() -> None:
    results = runs(BEADS)
    moved = elsewhere(results, results["variant"].eq("convnet"), engine="numba and Winograd")
    assert differences(moved) == ""


def test_runs_of_one_net_by_different_engines_are_named() -> None:
    results = pd.concat([runs(BEADS), run("siamese_mlp", 0, [0.5])], ignore_index=True)
    moved = elsewhere(results, results["seed"].eq(1) & results["variant"].eq("mlp"), engine="plain")
    moved = elsewhere(moved, moved["variant"].eq("siamese_mlp"), engine="stacked")
    expected = "Runs of one net were trained by different engines: beads; plain."
    assert differences(moved) == expected


def test_threads_and_python_are_no_difference() -> None:
    results = runs(BEADS)
    moved = elsewhere(results, results["seed"].eq(1), threads="2", python="3.12.0")
    assert differences(moved) == ""


def test_results_of_an_older_version_may_lack_a_part() -> None:
    results = runs(BEADS)
    moved = results.assign(provenance=results["provenance"].str.replace('"numba": "0.5"', '"x": 0'))
    assert differences(moved) == ""
    half = results.assign(
        provenance=results["provenance"].astype("str").where(results["seed"] == 0, "{}")
    )
    assert "processors or GPUs: ?; abacus." in differences(half)
