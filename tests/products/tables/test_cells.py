"""Cells in LaTeX and in Markdown."""

import pytest

from digitpairs.products.numbers.differences import Difference
from digitpairs.products.numbers.statistics import summarise
from digitpairs.products.tables.cells import Cell, difference, model, plain, plus_minus, rate


@pytest.mark.parametrize(
    ("value", "latex", "markdown"),
    [
        (1e-4, "$10^{-4}$", "10<sup>-4</sup>"),
        (5e-3, r"$5 \times 10^{-3}$", "5 × 10<sup>-3</sup>"),
        (1.0, "$10^{0}$", "10<sup>0</sup>"),
        (2.5e-3, r"$2.5 \times 10^{-3}$", "2.5 × 10<sup>-3</sup>"),
    ],
)
def test_learning_rates_are_written_as_in_the_paper(
    value: float, latex: str, markdown: str
) -> None:
    assert rate(value) == Cell(latex, markdown)


def test_accuracies_have_three_digits_and_no_zero_before_the_point() -> None:
    assert plus_minus(0.8501, 0.0707) == Cell(r"$.850 \pm .071$", ".850 ± .071")
    assert plus_minus(1.0, 0.0) == Cell(r"$1.000 \pm .000$", "1.000 ± .000")
    assert plus_minus(0.85, float("nan")) == Cell("$.850$", ".850")
    assert plus_minus(float("nan"), float("nan")) == Cell("--", "–")


def test_differences_have_an_interval_and_the_seeds_where_some_are_missing() -> None:
    gains = summarise([0.1, 0.3])
    assert difference(Difference(2, 0, gains)) == Cell(
        "$+0.2000 [-1.0706, +1.4706]$", r"+0.2000 \[−1.0706, +1.4706\]"
    )
    assert difference(Difference(2, 1, gains)) == Cell(
        "$+0.2000 [-1.0706, +1.4706]$, 2 seeds", r"+0.2000 \[−1.0706, +1.4706\], 2 seeds"
    )


def test_a_difference_of_one_seed_has_no_interval() -> None:
    assert difference(Difference(1, 0, summarise([-0.1]))) == Cell("$-0.1000$", "−0.1000")
    assert difference(Difference(1, 2, summarise([-0.1]))).markdown == "−0.1000, 1 seed"
    assert difference(Difference(0, 3, summarise([]))) == Cell("--", "–")


def test_text_is_printed_as_it_is() -> None:
    assert plain("aux_weight & 5% of λ").latex == r"aux\_weight \& 5\% of $\lambda$"
    assert plain(r"a|b *c* _d_ \ <e> [f] `g`").markdown == (
        r"a\|b \*c\* \_d\_ \\ \<e\> \[f\] \`g\`"
    )


@pytest.mark.parametrize(
    ("label", "latex", "markdown"),
    [
        ("MLP", "MLP", "MLP"),
        ("MLP, selected", "MLP$^*$", r"MLP\*"),
        ("MLP, also selected", "MLP, also $^*$", r"MLP, also \*"),
        ("WS, λ = 1, selected", r"WS, $\lambda$ = 1$^*$", r"WS, λ = 1\*"),
        ("a_b, also selected", r"a\_b, also $^*$", r"a\_b, also \*"),
        ("selected nets", "selected nets", "selected nets"),
    ],
)
def test_a_star_marks_the_winner_of_the_search(label: str, latex: str, markdown: str) -> None:
    assert model(label) == Cell(latex, markdown)
