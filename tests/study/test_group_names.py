"""Names that a group of studies cannot have."""

import re

import pytest
from contents import problems, with_value

from digitpairs.study.groups import FOLDERS, RULES
from project import ROOT

STUDY = {"kind": "architecture", "title": "Nets", "variants": ["mlp"]}


def test_the_rules_and_folders_that_there_are_have_their_names() -> None:
    files = [ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    rules = {
        name for text in texts for name in re.findall(r"^ *(?:rule|checkpoint) (\w+):", text, re.M)
    }
    assert rules == set(RULES)
    assert {"data", "docs", "reports", "src", "tests", "workflow"} <= set(FOLDERS)
    assert all((ROOT / name).is_dir() for name in FOLDERS if name != "logs")


@pytest.mark.parametrize("name", [*RULES, *FOLDERS, "params.yaml"])
def test_a_group_has_a_name_of_its_own(name: str) -> None:
    (line,) = problems(with_value(("studies", "other"), {**STUDY, "group": name}))
    assert line.startswith(f"studies.other.group: {name!r}: ")
