"""Puts text between the marks of a page, such as `<!-- table3 -->` and `<!-- /table3 -->`."""

import os
from collections.abc import Mapping
from pathlib import Path

from digitpairs import paths
from digitpairs.files import write_text

PAGES = (Path("README.md"), Path("docs/results.md"))  # which show the committed report


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


def fill_page(page: Path) -> None:
    """Put the report's tables between their marks, and its figures between those of `NAME.png`."""
    tables, figures = sorted(paths.TABLES.glob("*.md")), sorted(paths.FIGURES.glob("*.png"))
    parts = {table.stem: table.read_text(encoding="utf-8") for table in tables}
    for figure in figures:
        place = Path(os.path.relpath(figure, page.parent)).as_posix()
        parts[figure.name] = f"![{figure.stem.replace('_', ' ')}]({place})"
    fill(page, parts)
