"""What the documents promise: short lines, links that lead somewhere, every column named."""

import re
from pathlib import Path

import pytest

from project import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "data/README.md", *sorted((ROOT / "docs").glob("*.md"))]
TABLES = sorted((ROOT / "reports").glob("*/*.csv"))


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert [target for target in inside if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_prose_fits_into_100_columns(document: Path) -> None:
    """But for tables, and for what is put between marks."""
    text = document.read_text(encoding="utf-8")
    prose = re.sub(r"<!-- (\S+) -->.*?<!-- /\1 -->", "", text, flags=re.DOTALL)
    lines = [line for line in prose.splitlines() if not line.startswith(("|", "!["))]
    assert [line for line in lines if len(line) > 100] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 110


@pytest.mark.parametrize("table", TABLES, ids=names(TABLES))
def test_the_glossary_names_every_column(table: Path) -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    columns = table.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert [column for column in columns if f"`{column}`" not in glossary] == []
