"""Two variants compared in a terminal."""

import pandas as pd
import pytest

from claimed import BETTER, LIKE, MLP, of_seeds
from collected import run
from digitpairs.errors import UserError
from digitpairs.products.numbers.evidence import paired
from digitpairs.products.terminal.compare import compared, comparison, points
from terminals import shown, terminal, words

LABELS = {"convnet": "ConvNet", "mlp": "MLP, λ"}


def results(*parts: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)


def printed(
    ours: list[float], width: int = 120, encoding: str = "utf-8", margin: float = 0.005
) -> list[str]:
    console = terminal(width, encoding)
    both = results(of_seeds("convnet", ours), of_seeds("mlp", MLP))
    found = compared(both, "convnet", "mlp", margin)
    return shown(console, comparison(console, found, LABELS, margin)).splitlines()


def test_differences_are_those_of_the_first_less_the_second_seed_by_seed() -> None:
    final = [accuracy - 0.03 for accuracy in BETTER]
    both = results(of_seeds("mlp", MLP), of_seeds("convnet", BETTER, final))
    found = compared(both, "convnet", "mlp", 0.005)
    assert list(found) == ["best_accuracy", "final_accuracy", "many_pairs_accuracy"]
    better = [one - other for one, other in zip(BETTER, MLP, strict=True)]
    assert found["best_accuracy"].effect == pytest.approx(paired(better, 0.005).effect)
    assert found["best_accuracy"].p == 2 / 2**8
    assert found["final_accuracy"].effect == pytest.approx(found["best_accuracy"].effect - 0.03)
    assert compared(both, "mlp", "convnet", 0.005)["best_accuracy"].effect < -0.04


def test_seeds_are_paired_by_number_and_those_that_one_lacks_are_left_out() -> None:
    ours = of_seeds("convnet", BETTER)
    later = results(of_seeds("mlp", MLP[:3]), *(run("mlp", s, [0.1]) for s in (20, 21)))
    found = compared(results(ours, later), "convnet", "mlp", 0.005)
    assert found["best_accuracy"].seeds == 3
    assert found["best_accuracy"].effect == pytest.approx(0.05)


def test_two_seeds_are_needed() -> None:
    ours = of_seeds("convnet", BETTER[:2])
    assert compared(results(ours, of_seeds("mlp", MLP[:2])), "convnet", "mlp", 0.1)
    for theirs, said in (
        (of_seeds("mlp", MLP[:1]), "1 common seed;"),
        (results(of_seeds("mlp", MLP[:1]), run("mlp", 1, [0.4], "diverged")), "1 common seed;"),
        (run("mlp", 7, [0.5]), "0 common seeds;"),
    ):
        with pytest.raises(UserError, match=said):
            compared(results(ours, theirs), "convnet", "mlp", 0.1)


def test_it_says_what_is_compared_and_what_comes_of_it() -> None:
    lines = printed(BETTER)
    assert lines[:2] == ["convnet (ConvNet)", "against mlp (MLP, λ)"]
    assert lines[3].split() == ["Measure", "Difference", "p", "Equivalent"]
    assert lines[5].startswith("Best epoch   +5.12 [+")
    assert lines[5].endswith(".008  not shown, 1.000")
    assert {len(line) for line in lines[3:8]} == {len(lines[3])}
    said = words(" ".join(lines[9:]))
    assert "over 8 common seeds" in said and "p: exact permutation test" in said
    assert "less than 0.5 points" in said


def test_what_is_shown_to_be_within_the_margin_is_equivalent() -> None:
    assert "yes, < .001" in printed(LIKE)[5]
    assert "not shown, " in printed(LIKE, margin=0.0002)[5]


def test_with_more_seeds_than_can_be_flipped_in_all_ways_p_is_not_called_exact() -> None:
    many = {"convnet": [*BETTER, *BETTER, *BETTER], "mlp": [*MLP, *MLP, *MLP]}
    both = results(*(of_seeds(name, values) for name, values in many.items()))
    console = terminal()
    found = compared(both, "convnet", "mlp", 0.005)
    text = shown(console, comparison(console, found, LABELS, 0.005))
    assert "p: permutation test" in words(text)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_row_wraps_in_60_columns(encoding: str) -> None:
    worse = [accuracy - 0.3 for accuracy in BETTER]
    lines = printed(worse, 60, encoding)
    assert max(map(len, lines)) <= 60
    assert len(lines[5:8]) == 3 and all(line.endswith("1.000") for line in lines[5:8])


def test_a_measure_that_no_run_has_is_a_dash() -> None:
    console = terminal()
    both = results(of_seeds("convnet", BETTER), of_seeds("mlp", MLP))
    found = compared(both.assign(many_pairs_accuracy=float("nan")), "convnet", "mlp", 0.005)
    lines = shown(console, comparison(console, found, LABELS, 0.005)).splitlines()
    assert lines[7].split() == ["Many", "pairs", "–", "–", "–"]


def test_zero_has_no_sign() -> None:
    assert [points(value) for value in (0.0123, -0.0123, 0.0, -0.00004)] == [
        *("+1.23", "−1.23"),
        *("0.00", "0.00"),
    ]
