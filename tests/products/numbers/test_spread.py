"""A budget of variance: against numbers by hand, scipy and simulated truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from digitpairs import paths
from digitpairs.products.numbers.spread import (
    PROCESSOR,
    SEEDS,
    TEST_PAIRS,
    WORDS,
    budget,
    references,
    seeds_needed,
)
from varied import WEIGHTS, WHOLE, of_seeds, results


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where results of other processors may lie: none yet."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / paths.PROCESSORS
    file.parent.mkdir(parents=True)
    return file


def test_variants_after_a_net_are_its_parts() -> None:
    assert references(results()) == {
        "net": {"net_pairs": "pairs", "net_weights": "weights"},
        "other": {"other_order": "order"},
    }


def test_standard_deviations_and_shares_by_hand() -> None:
    found = budget(results())
    of = found[found["variant"] == "net"].set_index("source")
    assert of.index.to_list() == [SEEDS, "pairs", TEST_PAIRS, "weights"]  # as WORDS has them
    assert of["std"][SEEDS] == pytest.approx(0.02)
    assert of["std"]["pairs"] == pytest.approx(0.01)
    assert of["std"]["weights"] == pytest.approx(np.std(WEIGHTS, ddof=1))
    assert of["share"].to_dict() == pytest.approx(
        {SEEDS: 1, "pairs": 0.25, "weights": 0.75, TEST_PAIRS: of["std"][TEST_PAIRS] ** 2 / 4e-4}
    )
    assert of["many_std"][SEEDS] == pytest.approx(0.01)
    many = np.array(WHOLE) / 2
    assert of["std"][TEST_PAIRS] == pytest.approx((many * (1 - many)).mean() ** 0.5 / 1000**0.5)


def test_the_interval_of_a_standard_deviation_is_by_chi_squared() -> None:
    row = budget(results()).iloc[0]
    expected = [0.02 * (2 / stats.chi2.ppf(end, 2)) ** 0.5 for end in (0.975, 0.025)]
    assert [row["low"], row["high"]] == pytest.approx(expected)


def test_the_spread_for_the_test_pairs_is_that_of_simulated_test_sets() -> None:
    draw = np.random.default_rng(3)
    accuracies = draw.binomial(1000, 0.86, 4000) / 1000
    frame = of_seeds("net", [0.86, 0.86]).assign(many_pairs_accuracy=0.86)
    found = budget(frame).set_index("source")
    assert found["std"][TEST_PAIRS] == pytest.approx(accuracies.std(), rel=0.05)


def known(path: Path, **changes: object) -> None:
    row = {
        "variant": "any",
        "family": "mlp",
        "channels": "",
        "hidden": "200-100",
        "shared": False,
        "aux_weight": 0.0,
        "learning_rate": 1e-4,
    }
    rows = [row | changes | {"final_spread": spread} for spread in (0.001, 0.003, None)]
    pd.DataFrame(rows).to_csv(path, index=False)


def test_another_processor_is_the_furthest_of_those_with_this_net(elsewhere: Path) -> None:
    known(elsewhere)
    found = budget(results()).set_index(["variant", "source"])
    assert found["std"]["net", PROCESSOR] == pytest.approx(0.003)
    assert found["share"]["net", PROCESSOR] == pytest.approx(0.003**2 / 4e-4)


@pytest.mark.parametrize("change", [{"hidden": "200-50"}, {"learning_rate": 1e-3}])
def test_nothing_is_said_of_a_processor_that_trained_another_net(
    elsewhere: Path, change: dict[str, object]
) -> None:
    known(elsewhere, **change)
    assert PROCESSOR not in set(budget(results())["source"])


def test_without_other_processors_nothing_is_said_of_them() -> None:
    assert PROCESSOR not in set(budget(results())["source"])


def test_seeds_needed_are_those_of_simulated_studies() -> None:
    """So many seeds find the difference in about 80 of 100 studies, one fewer in less."""
    count, draw = seeds_needed(0.015, 0.01), np.random.default_rng(5)
    assert 30 < count < 40
    power = {}
    for seeds in (count - 6, count):
        one, two = (draw.normal(mean, 0.015, (20_000, seeds)) for mean in (0.0, 0.01))
        power[seeds] = np.mean(stats.ttest_ind(one, two, axis=1).pvalue < 0.05)
    assert power[count] == pytest.approx(0.8, abs=0.02)
    assert power[count - 6] < 0.76


def test_a_smaller_difference_takes_more_seeds() -> None:
    assert seeds_needed(0.01, 0.02) < seeds_needed(0.01, 0.01) < seeds_needed(0.02, 0.01)
    assert seeds_needed(0.0001, 0.1) == 2


def test_every_source_has_words() -> None:
    assert {"pairs", "weights", "order", SEEDS, TEST_PAIRS, PROCESSOR} == WORDS.keys()
