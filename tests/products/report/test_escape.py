"""Any text of a user reaches LaTeX so that it is printed as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.products.report.escape import Tex, escaped, typeable


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("a_b & 5 %, #1 $x {y}", r"a\_b \& 5 \%, \#1 $\mathdollar$x \{y\}"),
        ("λ = 2 ± 1", r"$\lambda$ = 2 $\pm$ 1"),
        ("x ≤ y → z", r"x $\le$ y $\to$ z"),
        ("Hervé, Łódź, Ærø", r"Herv\'{e}, [U+0141]\'{o}d\'{z}, \AE{}r\o{}"),
        ("β₂", r"$\beta$2"),
        ("“so” – 5 µm…", r"``so'' -- 5 $\mu$m\ldots{}"),
        ("日", "[U+65E5]"),
        ("a\u200bb", "ab"),
    ],
)
def test_special_characters(text: str, tex: str) -> None:
    assert escaped(text) == tex


def test_what_is_latex_stays() -> None:
    assert escaped(Tex(r"\textbf{x}")) == r"\textbf{x}"
    assert typeable(r"\caption{5 ± 1}") == r"\caption{5 $\pm$ 1}"


@given(st.text(max_size=60))
def test_nothing_but_ascii_is_left(text: str) -> None:
    assert escaped(text).isascii()
