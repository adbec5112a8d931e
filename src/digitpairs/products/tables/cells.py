"""Cells of tables, each in LaTeX and in Markdown."""

import re
from typing import NamedTuple

import pandas as pd

from digitpairs.products.labels import ALSO_WON, WON
from digitpairs.products.numbers.differences import Difference

MARKS = r"[\\`*_<>\[\]|&#~$]"  # what Markdown and the README's marks would take for their own


class Cell(NamedTuple):
    """What a cell says, as each format writes it."""

    latex: str
    markdown: str


EMPTY = Cell("", "")
DASH = Cell("--", "–")


def plain(text: str) -> Cell:
    """Write text so that it is printed as it is."""
    return Cell(latex_of(text), markdown_of(text))


def latex_of(text: str) -> str:
    """Write plain text so that LaTeX prints it as it is."""
    special = {char: f"\\{char}" for char in "&%#_{}"}
    special["$"] = r"$\mathdollar$"  # \$ may be of a font that microtype cannot stretch
    special |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
    special |= {"λ": r"$\lambda$", "±": r"$\pm$", "≤": r"$\le$", "−": "$-$", "–": "--"}
    return "".join(special.get(char, char) for char in text)


def markdown_of(text: str) -> str:
    """Write plain text so that Markdown prints it as it is."""
    return re.sub(MARKS, r"\\\g<0>", text)


def model(label: str) -> Cell:
    """Name a variant; a star marks the search's winner."""
    for ending, mark in ((ALSO_WON, ", also "), (WON, "")):
        if label.endswith(ending):
            name = plain(label.removesuffix(ending))
            return Cell(f"{name.latex}{mark}$^*$", rf"{name.markdown}{mark}\*")
    return plain(label)


def rate(value: float) -> Cell:
    """Write a learning rate as the paper does: 1e-4 is 10 to the power of -4."""
    mantissa, exponent = f"{value:.6e}".split("e")
    factor, power = f"{float(mantissa):g}", int(exponent)
    if factor == "1":
        return Cell(f"$10^{{{power}}}$", f"10<sup>{power}</sup>")
    return Cell(rf"${factor} \times 10^{{{power}}}$", f"{factor} × 10<sup>{power}</sup>")


def difference(one: Difference) -> Cell:
    """Write a mean difference and, of two seeds or more, its interval; a dash without a seed.

    How many seeds it is of is written where some are missing.
    """
    if not one.seeds:
        return DASH
    return interval(one.of.mean, one.of.low, one.of.high, one.remark)


def interval(mean: float, low: float, high: float, remark: str = "", places: int = 4) -> Cell:
    """Write a difference and, where there is one, its interval; then a remark."""
    if pd.isna(mean):
        return DASH
    first, *both = (f"{round(value, places) + 0:+.{places}f}" for value in (mean, low, high))
    ends = "" if pd.isna(low) else f" [{', '.join(both)}]"
    text, more = f"{first}{ends}", f", {remark}" if remark else ""
    in_markdown = text.replace("[", r"\[").replace("]", r"\]").replace("-", "−")
    return Cell(f"${text}${more}", f"{in_markdown}{more}")


def between(mean: float, low: float, high: float) -> Cell:
    """Write an accuracy with its interval: .9911 [.9899, .9922]; a dash where there is none."""
    if pd.isna(mean):
        return DASH
    first, *ends = (f"{value:.4f}".removeprefix("0") for value in (mean, low, high))
    text = first if pd.isna(low) else f"{first} [{', '.join(ends)}]"
    return Cell(f"${text}$", text.replace("[", r"\[").replace("]", r"\]"))


def p_value(p: float) -> Cell:
    """Write a p value; a dash where there is none."""
    if pd.isna(p):
        return DASH
    text = "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")
    return Cell(f"${text}$", text.replace("<", r"\<"))


def accuracy(value: float) -> Cell:
    """Write an accuracy, or a difference that may be: .015."""
    text = f"{value:g}".removeprefix("0")
    return Cell(f"${text}$", text)


def plus_minus(mean: float, std: float) -> Cell:
    """Write mean and std as the paper does; a dash where there is none."""
    if pd.isna(mean):
        return DASH
    numbers = [f"{value:.3f}".removeprefix("0") for value in (mean, std) if not pd.isna(value)]
    return Cell("$" + r" \pm ".join(numbers) + "$", " ± ".join(numbers))
