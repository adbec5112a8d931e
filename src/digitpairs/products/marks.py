"""Puts text between the marks of a page, such as `<!-- table3 -->` and `<!-- /table3 -->`."""

from collections.abc import Mapping
from pathlib import Path

from digitpairs import paths
from digitpairs.files import write_text


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


def fill_readme(readme: Path) -> None:
    """Put the Markdown tables of the report between their marks."""
    tables = sorted(paths.TABLES.glob("*.md"))
    fill(readme, {table.stem: table.read_text(encoding="utf-8") for table in tables})
