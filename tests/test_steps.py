"""What steps depend on, and that DVC is told the same."""

from pathlib import Path

import pytest
import yaml

from digitpairs import steps
from digitpairs.params import check, load, schema
from digitpairs.spec import TRAINING_MODULES

ROOT = Path(__file__).parents[1]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
CODE = {
    "mnist": ("mnist",),
    "pairs": ("pairs",),
    "search": steps.COLLECTING,
    "evaluate": (*TRAINING_MODULES, *steps.COLLECTING),
    "report": (*steps.DRAWING, *steps.TABLE_MODULES, *steps.METRIC_MODULES),
}


@pytest.mark.parametrize("stage", CODE)
def test_dvc_depends_on_the_code_that_the_steps_depend_on(stage):
    wanted = {f"src/digitpairs/{module}.py" for module in CODE[stage]}
    assert wanted <= set(STAGES[stage]["deps"])


def leaves(content, path=()):
    """Every key's path and value."""
    if not isinstance(content, dict):
        yield path, content
        return
    for key, value in content.items():
        yield from leaves(value, (*path, key))


def changed(value):
    """Another value that the params allow."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case "standard":
            return "frozen_after_first_epoch"
    return None


@pytest.mark.parametrize(("step", "stage"), [("search", "search"), ("evaluation", "evaluate")])
def test_dvc_watches_every_param_that_changes_a_step(step, stage):
    params = load(ROOT / "params.yaml")
    watched, before = STAGES[stage]["params"], steps.dependencies(params)[step]
    tried = 0
    for path, value in leaves(params.model_dump()):
        if path[0] in ("variants", "studies") or (other := changed(value)) is None:
            continue
        content = params.model_dump()
        section = content
        for key in path[:-1]:
            section = section[key]
        section[path[-1]] = other
        if steps.dependencies(check(content))[step] != before:
            name = ".".join(path)
            assert any(name == key or name.startswith(f"{key}.") for key in watched), name
            tried += 1
    assert tried


def test_execution_settings_are_part_of_no_step():
    params = load(ROOT / "params.yaml")
    content = params.model_dump()
    content["execution"] = {"runs_per_job": 1, "device": "cuda", "threads": 7}
    assert steps.dependencies(check(content)) == steps.dependencies(params)


def test_plan_files_are_rewritten_only_when_they_change(tmp_path):
    params = load(ROOT / "params.yaml")
    steps.write_plan(params, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    content = params.model_dump()
    content["studies"]["figure3"]["title"] = "Another"
    steps.write_plan(check(content), tmp_path)
    touched = {path.name for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert touched == {"params.yaml", "figure-figure3.json"}


def test_blocks_cover_all_members_in_order():
    assert steps.blocks(range(7), 3) == [[0, 1, 2], [3, 4, 5], [6]]


def test_the_schema_is_that_of_the_params_model():
    committed = (ROOT / "workflow/schemas/params.schema.json").read_text()
    assert committed == schema(), "run `digitpairs schema > workflow/schemas/params.schema.json`"


def test_every_param_has_a_comment():
    lines = (ROOT / "params.yaml").read_text().splitlines()
    sections = ("data:", "pairs:", "training:", "search:", "execution:")
    section = None
    for line in lines:
        if line and not line.startswith((" ", "#")):
            section = line.split("#")[0].strip()
        if section in sections and line.startswith("  ") and not line.startswith("   "):
            assert "#" in line, line
