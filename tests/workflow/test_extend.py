"""The recipes of docs/extend.md, word for word: files and edits as they stand there, then run."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import ROOT, Project, start

pytestmark = pytest.mark.workflow

TEXT = (ROOT / "docs/extend.md").read_text(encoding="utf-8")
FILES = re.findall(r"^`(src/\S+\.py)`:\n\n```python\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL)
EDITS = re.findall(r"`(src/\S+\.py)`:\n\n```diff\n@@\n(.*?)```", TEXT, re.DOTALL)
PARAMS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = re.findall(r"^    snakemake (\S+)$", TEXT, re.MULTILINE)
CODES = (
    "from digitpairs.models.registry import FAMILIES; from digitpairs.recipe import BY_THE_PAPER; "
    "print([FAMILIES[name].code(BY_THE_PAPER) for name in list(FAMILIES)[:5]])"
)


def apply(project: Project, file: str, edit: str) -> None:
    """Make an edit as a diff shows it."""
    lines = edit.splitlines(keepends=True)
    before = "".join(line[1:] or "\n" for line in lines if line[0] in " -")
    after = "".join(line[1:] or "\n" for line in lines if line[0] in " +")
    path = project.root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, (file, before)
    path.write_text(text.replace(before, after), encoding="utf-8")


def quick(content: dict[str, Any]) -> None:
    """The quick params with one seed less, and what the page merges."""
    content.clear()
    content |= yaml.safe_load((ROOT / "params.quick.yaml").read_text(encoding="utf-8"))
    content["training"]["seeds"] = 2
    for more in map(yaml.safe_load, PARAMS):
        for section, entries in more.items():
            content[section] |= entries


def test_each_recipe_works_as_it_stands(tmp_path: Path) -> None:
    project = start(tmp_path)
    before = project.run("python", "-c", CODES)
    for file, text in FILES:
        (project.root / file).write_text(text, encoding="utf-8")
    for file, edit in EDITS:
        apply(project, file, edit)
    project.edit(quick)
    (project.root / "claims.yaml").unlink()  # these are of other variants
    assert project.run("python", "-c", CODES) == before  # nothing of the paper's is trained again

    printed = project.snakemake(*COMMANDS)
    for name in ("careful", "rows", "signs"):
        assert f"{name} seed-1: accuracy" in printed
    made = {path.name for path in (project.root / "reports/figures").iterdir()}
    assert {"care.pdf", "spread.pdf"} <= made


def test_recipes_are_short() -> None:
    sections = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    assert len(sections) == 5
    for section in sections:
        blocks = re.findall(r"```(?:python|yaml|diff)\n(.*?)```", section, re.DOTALL)
        assert blocks
        assert all(len(block.splitlines()) <= 23 for block in blocks)
