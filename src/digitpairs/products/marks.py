"""Puts text between the marks of a page, such as `<!-- table3 -->` and `<!-- /table3 -->`.

A number within a line stands between `<!--=NAME-->` and `<!--/-->`.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from digitpairs import paths
from digitpairs.files import write_text
from digitpairs.products.numbers.quoted import quoted, read
from digitpairs.products.tables import verdicts
from digitpairs.study.schema import Params

# Which show the committed report.
PAGES = (Path("README.md"), Path("docs/results.md"), Path("docs/beyond.md"))


def fill(page: Path, parts: Mapping[str, str]) -> list[str]:
    """Put each part between the marks of its name; list the parts whose marks the page lacks."""
    text, missing = page.read_text(encoding="utf-8"), []
    for name, content in parts.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if start not in text or end not in text:
            missing.append(name)
            continue
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = f"{before}{start}\n{content.strip()}\n\n{end}{after}"
    write_text(page, text)
    return missing


def fill_numbers(page: Path, number: Callable[[str], str]) -> None:
    """Put each number between its marks."""
    text = page.read_text(encoding="utf-8")
    marks = re.compile(r"(<!--=([^>]+)-->).*?(<!--/-->)")
    write_text(page, marks.sub(lambda found: found[1] + number(found[2]) + found[3], text))


def fill_page(page: Path, params: Params) -> None:
    """Put the report's tables between their marks, and its figures between those of `NAME.png`.

    `verdicts` are those of the claims, in short.
    """
    tables, figures = sorted(paths.TABLES.glob("*.md")), sorted(paths.FIGURES.glob("*.png"))
    parts = {table.stem: table.read_text(encoding="utf-8") for table in tables}
    for figure in figures:
        place = Path(os.path.relpath(figure, page.parent)).as_posix()
        parts[figure.name] = f"![{figure.stem.replace('_', ' ')}]({place})"
    if params.claims:
        found = pd.read_csv(paths.metric("claims.csv"))
        parts["verdicts"] = verdicts.markdown(found, params.claims)
    fill(page, parts)
    reports = read(params)
    fill_numbers(page, lambda name: quoted(reports, name))
