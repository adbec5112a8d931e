"""Renders a table of LaTeX cells in LaTeX (booktabs) and in Markdown."""

import re
from collections.abc import Sequence

import pandas as pd

MARKDOWN = r"[\\`*_<>\[\]|&#~$]"  # what Markdown and the README's marks would take for their own


def latex(frame: pd.DataFrame, name: str, text: str, note: str | None) -> str:
    """Render a float that compiles in a plain article with booktabs."""
    bold = rf" \textbf{{{sentence(note)}}}" if note else ""
    aligned = "".join("l" if column in ("Model", "Sizes", "lr") else "r" for column in frame)
    table = frame.style.hide(axis="index").to_latex(
        hrules=True,
        column_format=f"@{{}}{aligned}@{{}}",
        position="ht",
        position_float="centering",
        caption=escaped(text) + bold,
        label=f"tab:{name}",
    )
    # Small enough for the text width of an article.
    small = "\\medskip\n\\footnotesize\n\\setlength{\\tabcolsep}{4pt}\n"
    return str(table).replace(r"\begin{tabular}", small + r"\begin{tabular}")


def markdown(frame: pd.DataFrame, text: str, note: str | None) -> str:
    """Render the same table for the README."""
    frame = frame.replace(r"\$\^\*\$", r"\\*", regex=True)
    plain = frame.map(lambda cell: cell.replace("$", "").replace(r"\pm", "±").replace("--", "–"))
    plain = plain.replace(
        {r"\\lambda": "λ", r"\\times": "×", r"10\^\{(-?\d+)\}": r"10<sup>\1</sup>"}, regex=True
    )
    lines = [row(plain.columns), row(["---"] * len(plain.columns)), *map(row, plain.to_numpy())]
    bold = f" **{sentence(note)}**" if note else ""
    return re.sub(MARKDOWN, r"\\\g<0>", text) + bold + "\n\n" + "\n".join(lines) + "\n"


def row(cells: Sequence[str]) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def escaped(text: str) -> str:
    """Write plain text so that LaTeX prints it as it is."""
    special = {char: f"\\{char}" for char in "&%$#_{}"}
    special |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
    special |= {"λ": r"$\lambda$", "±": r"$\pm$", "≤": r"$\le$"}
    return "".join(special.get(char, char) for char in text)


def sentence(note: str | None) -> str:
    """Write the note on the digits as a sentence; nothing where they are full MNIST."""
    return f"{note[0].upper()}{note[1:]}." if note else ""
