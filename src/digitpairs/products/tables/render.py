"""Renders a table in LaTeX (booktabs), in Markdown and, from that, as a page of HTML."""

import re
from collections.abc import Iterable
from textwrap import wrap

import pandas as pd

from digitpairs.products.tables.cells import latex_of, markdown_of

# Columns of text; all others hold numbers. Claims are sentences: they are wrapped.
ALIGNED = dict.fromkeys(("Model", "Sizes", "lr", "Verdict", "Paper, in"), "l")
ALIGNED |= {
    "Claim": r"p{.33\textwidth}",
    "Source": r"p{.14\textwidth}",
}
STYLE = (  # of a page of HTML
    "body{font:15px/1.5 system-ui,sans-serif;margin:1.5rem;color:#1e293b;background:#fff}"
    "p,ul{max-width:48rem}ul{padding-left:1.2rem}"
    "table{border-collapse:collapse;margin-top:1rem}"
    "th{text-align:left;border-bottom:2px solid #475569}td{border-bottom:1px solid #e2e8f0}"
    "th,td{padding:.25rem .9rem .25rem 0;vertical-align:top}"
)
WIDTH = 98  # of a line of prose: with an escape at its start it stays under 100 columns


def latex(frame: pd.DataFrame, name: str, text: str, note: str | None) -> str:
    """Render a float that compiles in a plain article with booktabs."""
    bold = rf" \textbf{{{latex_of(sentence(note))}}}" if note else ""
    aligned = "".join(ALIGNED.get(column, "r") for column in frame)
    cells = frame.map(lambda cell: cell.latex)
    table = cells.style.hide(axis="index").to_latex(
        hrules=True,
        column_format=f"@{{}}{aligned}@{{}}",
        position="ht",
        position_float="centering",
        caption=latex_of(text) + bold,
        label=f"tab:{name}",
    )
    # Small enough for the text width of an article.
    small = "\\medskip\n\\footnotesize\n\\setlength{\\tabcolsep}{4pt}\n"
    return str(table).replace(r"\begin{tabular}", small + r"\begin{tabular}")


def markdown(frame: pd.DataFrame, text: str, note: str | None, findings: Iterable[str] = ()) -> str:
    """Render the same table for a page, below a list of what it comes to."""
    bold = f" **{markdown_of(sentence(note))}**" if note else ""
    cells = ((cell.markdown for cell in row) for row in frame.to_numpy())
    lines = [row(frame.columns), row(["---"] * len(frame.columns)), *map(row, cells)]
    found = [line for finding in findings for line in item(markdown_of(finding))]
    above = [*found, ""] if found else []
    return "\n".join([*above, *prose(markdown_of(text) + bold), "", *lines]) + "\n"


def html(markdown: str) -> str:
    """Render a table in Markdown as a page that stands alone: Snakemake's report shows it."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark").enable("table").render(markdown)
    head = f'<meta charset="utf-8"><style>{STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}</body></html>\n'


def prose(text: str) -> list[str]:
    """Wrap text; no line begins with what would start a list or a heading."""
    words = " ".join(text.split())
    lines = wrap(words, WIDTH, break_long_words=False, break_on_hyphens=False)
    return [re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", line) for line in lines]


def item(text: str) -> list[str]:
    """An item of a Markdown list."""
    first, *others = prose(text)
    return [f"- {first}", *(f"  {line}" for line in others)]


def row(cells: Iterable[str]) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def sentence(note: str | None) -> str:
    """Write the note on the digits as a sentence; nothing where they are full MNIST."""
    return f"{note[0].upper()}{note[1:]}." if note else ""
