"""Differences from the first variant are those of equal seeds."""

import numpy as np
import pandas as pd
import pytest

from collected import run
from digitpairs.products.numbers.differences import by_reference, differences
from digitpairs.products.numbers.statistics import summarise


def results(**accuracies: list[float]) -> pd.DataFrame:
    """Variants with an accuracy over many pairs for each seed; NaN where one diverged."""
    parts = [
        run("mlp", seed, [0.5], "diverged" if np.isnan(value) else "finished").assign(
            variant=name, many_pairs_accuracy=value
        )
        for name, values in accuracies.items()
        for seed, value in enumerate(values)
    ]
    return pd.concat(parts, ignore_index=True)


def test_seeds_are_paired() -> None:
    """Their spread is large, that of the differences is none."""
    found = differences(results(b=[0.2, 0.5, 0.8], a=[0.3, 0.6, 0.9]))
    assert list(found) == ["a"]
    assert (found["a"].seeds, found["a"].missing, found["a"].remark) == (3, 0, "")
    assert found["a"].of.mean == pytest.approx(0.1)
    assert found["a"].of.high - found["a"].of.low == pytest.approx(0.0, abs=1e-9)


def test_the_interval_is_that_of_the_differences() -> None:
    found = differences(results(first=[0.5, 0.5, 0.5], second=[0.6, 0.4, 0.8]))
    assert found["second"].of == summarise(np.array([0.6, 0.4, 0.8]) - 0.5)


@pytest.mark.parametrize("which", [0, 1])
def test_a_seed_that_diverged_in_either_counts_in_neither(which: int) -> None:
    values = {"first": [0.5, 0.6, 0.7], "second": [0.6, 0.8, 0.9]}
    values[list(values)[which]][0] = np.nan
    found = differences(results(**values))
    assert (found["second"].seeds, found["second"].missing) == (2, 1)
    assert found["second"].remark == "2 seeds"
    assert found["second"].of.mean == pytest.approx(0.2)


@pytest.mark.parametrize("references", [["c"], ["a", "c"]])
def test_a_variant_differs_from_the_reference_before_it(references: list[str]) -> None:
    values = {"a": [0.1, 0.2], "b": [0.4, 0.5], "c": [0.6, 0.7], "d": [0.8, 0.9], "e": [0.5, 0.6]}
    found = differences(results(**values), references)
    panels = by_reference(results(**values), references)
    assert {name: list(panel) for name, panel in panels.items()} == {"a": ["b"], "c": ["d", "e"]}
    assert [one.of.mean for one in found.values()] == pytest.approx([0.3, 0.2, -0.1])


def test_a_seed_that_one_of_the_two_does_not_have_is_missing() -> None:
    found = differences(results(first=[0.5, 0.6, 0.7], second=[0.6], third=[0.7, 0.7, 0.7]))
    assert [one.remark for one in found.values()] == ["1 seed", ""]


def test_a_reference_may_have_nothing_after_it() -> None:
    assert by_reference(results(a=[0.1, 0.2])) == {"a": {}}
    assert list(by_reference(results(a=[0.1], b=[0.2], c=[0.3]), ["b"])["a"]) == []
