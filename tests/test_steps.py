"""What steps depend on, and that DVC is told the same."""

import ast
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from digitpairs import steps
from digitpairs.params import Section, check, load, schema
from digitpairs.spec import TRAINING_MODULES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/digitpairs"
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


def test_a_product_is_made_until_its_plan_changes(tmp_path):
    params = load(ROOT / "params.yaml")
    content = params.model_dump()
    content["studies"]["figure3"]["title"] = "Another"
    other = check(content)
    plan, made = steps.plan_step(params, "figure-figure3", tmp_path)
    assert not made
    left = steps.made_from("figure-figure3", tmp_path)
    left.parent.mkdir()
    shutil.copy(plan, left)
    assert steps.plan_step(params, "figure-figure3", tmp_path) == (plan, True)
    assert steps.plan_step(other, "figure-figure3", tmp_path)[1] is False
    assert steps.plan_step(params, "figure-figure3", tmp_path) == (plan, True)


def test_jobs_under_way_keep_their_params(tmp_path):
    params = load(ROOT / "params.yaml")
    content = params.model_dump()
    content["training"]["epochs"] = 7
    first, second = (steps.write_params(one, tmp_path) for one in (params, check(content)))
    assert first != second
    assert load(first) == params


def imports(module):
    """Modules of the package that a module imports, anywhere in its text."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "digitpairs":
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("digitpairs."):
            found.add(node.module.split(".")[1])
    return found


def closure(modules, without=frozenset()):
    """Modules with all that they import."""
    seen, queue = set(), list(modules)
    while queue:
        module = queue.pop()
        if module not in seen | without:
            seen.add(module)
            queue += imports(module)
    return seen


# Checked when it reads, or how files are written: none of it can change a product.
NEUTRAL = {"errors", "files", "params", "conflicts", "mnist"}


@pytest.mark.parametrize(
    ("entry", "listed"),
    [
        (("training",), (*TRAINING_MODULES, "spec")),
        (("results",), steps.COLLECTING),
        (("figures", "architecture", "plotting", "labels"), steps.DRAWING),
        (("tables",), steps.TABLE_MODULES),
        (("metrics",), (*steps.METRIC_MODULES, "variants", "spec", "sizes", "plan")),
    ],
)
def test_steps_depend_on_all_code_that_they_run(entry, listed):
    assert closure(entry, without=NEUTRAL) <= set(listed)


def test_the_numeric_core_imports_little():
    """It has to run on a bare GPU node: torch, numpy, pyarrow, pandas, standard library."""
    allowed = {"torch", "numpy", "pyarrow", "pandas", "digitpairs", "mlxtend"}
    for module in closure(["mnist", "pairs", "models", "training", "store"]):
        tree = ast.parse((PACKAGE / f"{module}.py").read_text())
        for node in ast.walk(tree):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            roots = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names)
            assert roots <= allowed, module


def test_blocks_cover_all_members_in_order():
    assert steps.blocks(range(7), 3) == [[0, 1, 2], [3, 4, 5], [6]]


def test_the_schema_is_that_of_the_params_model():
    committed = (ROOT / "workflow/schemas/params.schema.json").read_text()
    assert committed == schema(), "run `digitpairs schema > workflow/schemas/params.schema.json`"


def test_every_param_has_a_comment_where_it_first_stands():
    lines = (ROOT / "params.yaml").read_text().splitlines()
    fields = {key for model in Section.__subclasses__() for key in model.model_fields}
    for field in sorted(fields):
        first = next(n for n, line in enumerate(lines) if re.match(rf" *{field}:", line))
        comment_above = lines[first - 1].lstrip().startswith(f"# {field}")
        assert "#" in lines[first] or comment_above, field
