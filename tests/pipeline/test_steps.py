"""What steps depend on, and that DVC is told the same."""

import ast
import copy
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.errors import ParamsError
from digitpairs.pipeline import handover, stamps, steps
from digitpairs.runs import blockfile
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import TRAINING_MODULES
from digitpairs.study.load import check, load
from digitpairs.study.schema import Section, schema
from project import ROOT

PACKAGE = ROOT / "src/digitpairs"
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
QUICK = load(ROOT / "params.quick.yaml")
SOURCE = Source("mnist", "0123456789ab")
WINNERS = {
    "mlp": {"hidden": [350, 100], "channels": [], "learning_rate": 1e-3},
    "siamese_mlp": {"hidden": [150, 100], "channels": [], "learning_rate": 5e-3},
}


def graph(params):
    """All steps, once the digits are there and the search is won."""
    data = steps.data_steps(params, SOURCE, WINNERS)
    return data | steps.report_steps(params, SOURCE)


def stage_of(name):
    """The DVC stage that asks Snakemake for a step."""
    return {
        "digits": "mnist",
        "pairs": "pairs",
        "search": "search",
        "select": "search",
        "evaluation": "evaluate",
    }.get(name, "report")


def paths(stage, *keys):
    """Paths that a stage lists under these keys, whatever is said of each."""
    listed = [entry for key in keys for entry in STAGES[stage].get(key, [])]
    return {path for entry in listed for path in (entry if isinstance(entry, dict) else [entry])}


def covered(path, listed):
    """Whether a path, or a folder that it lies in, is listed."""
    return any(path == entry or path.startswith(f"{entry}/") for entry in listed)


def leaves(content, path=()):
    """Every key's path and value."""
    yield path, content
    if isinstance(content, dict):
        for key, value in content.items():
            yield from leaves(value, (*path, key))


def others(path, value):
    """Other values that the params may have at a path."""
    match path, value:
        case _, bool():
            yield not value
        case (_, "seed"), _:
            yield value + 1
        case (("pairs" | "training" | "search"), _), int():
            yield value + 1
        case _, "standard":
            yield "frozen_after_first_epoch"
        case ("data", "source"), _:
            yield "torchvision"
        case ("data", "folder"), _:
            yield "/elsewhere"
        case (*_, "learning_rate"), float():
            yield value * 3
        case (*_, "learning_rate"), list():
            yield [*value, 0.5]
        case (*_, "aux_weight"), float():
            yield value + 3
        case ("variants", _, "hidden"), list():
            yield [size + 1 for size in value]
        case ("variants",), dict():
            yield value | {"new": {"base": "mlp", "learning_rate": 0.25}}
        case ("studies",), dict():
            yield value | {"new": {"kind": "box", "title": "New", "variants": ["mlp"]}}
            yield {name: study for name, study in value.items() if name != "figure3"}
        case (*_, "title"), str():
            yield f"{value}!"
        case ("studies", _, "variants"), list():
            yield value[:-1]
        case ("search", "grids"), dict():
            yield {family: grid for family, grid in value.items() if family != "mlp"}


def edits():
    """Every way in which one of the quick params can be another, as params."""
    content = QUICK.model_dump(exclude_none=True)
    for path, value in leaves(content):
        for other in others(path, value):
            edited = copy.deepcopy(content)
            section = edited
            for key in path[:-1]:
                section = section[key]
            section[path[-1]] = other
            edited["data"].setdefault("folder", None)
            try:
                yield ".".join(path), check(edited)
            except ParamsError:  # a sweep with a single weight, a budget that nothing fits
                continue


EDITS = list(edits())


@pytest.mark.parametrize(("path", "edited"), EDITS, ids=[path for path, _ in EDITS])
def test_dvc_tracks_every_param_that_changes_a_step(path, edited):
    before, after = graph(QUICK), graph(edited)
    assert before.keys() | after.keys() >= {"digits", "tidy"}
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old is None or new is None or (old.plan, old.outputs) != (new.plan, new.outputs):
            tracked = [key.replace(".", "/") for key in STAGES[stage_of(name)]["params"]]
            assert covered(path.replace(".", "/"), tracked), name


def test_there_is_an_edit_of_every_kind_of_param():
    sections = {path.split(".")[0] for path, _ in EDITS}
    assert sections == set(QUICK.model_dump()) - {"execution"}
    for section in ("pairs", "training"):
        keys = {path for path, _ in EDITS}
        assert {f"{section}.{key}" for key in getattr(QUICK, section).model_dump()} <= keys


@pytest.mark.parametrize("path", [path for path, _ in EDITS if not path.startswith("data")])
def test_every_such_edit_changes_some_step(path):
    edited = dict(EDITS)[path]
    before, after = graph(QUICK), graph(edited)
    plans = [{name: step.plan for name, step in one.items()} for one in (before, after)]
    harmless = {"search.min_parameters", "search.max_parameters"}
    assert plans[0] != plans[1] or path in harmless


@pytest.mark.parametrize("name", graph(QUICK))
def test_dvc_depends_on_the_code_and_the_files_that_a_step_depends_on(name):
    step, stage = graph(QUICK)[name], stage_of(name)
    deps, outs = paths(stage, "deps"), paths(stage, "outs", "metrics", "plots")
    trains = TRAINING_MODULES if name in ("search", "evaluation") else ()
    assert {f"src/digitpairs/{module}.py" for module in (*step.code, *trains)} <= deps
    assert [path for path in step.inputs if not covered(path, deps | outs)] == []
    stamp = str(stamps.path_of(name))
    assert [path for path in (*step.outputs, stamp) if not covered(path, outs)] == []


@pytest.mark.parametrize("stage", STAGES)
def test_dvc_deletes_nothing_before_snakemake_has_judged_it(stage):
    outs = [out for key in ("outs", "metrics", "plots") for out in STAGES[stage].get(key, [])]
    assert all(said["persist"] for out in outs for said in out.values())


def step_calls():
    """What the rules give to `step`: a name, then paths and (not here) input functions."""
    for rules in (ROOT / "workflow/rules").glob("*.smk"):
        text = rules.read_text()
        for start in (match.start() for match in re.finditer(r"\bstep\((?=\s*\")", text)):
            ends = (start + match.end() for match in re.finditer(r"\)", text[start:]))
            call = next(
                text[start:end]
                for end in ends
                if text[start:end].count("(") == text[start:end].count(")")
            )
            name, *files = ast.parse(call).body[0].value.args
            yield name.value, {file.value for file in files if isinstance(file, ast.Constant)}


def test_the_rules_take_the_files_that_the_stamps_say():
    """Snakemake's inputs and the stamps' are written down apart: they have to be the same."""
    planned, seen = graph(QUICK), set()
    for name, files in step_calls():
        pattern = re.sub(r"{\w+}", "(evaluation|curves|figure.|table.)", name)
        named = {other: step for other, step in planned.items() if re.fullmatch(pattern, other)}
        seen |= named.keys()
        for step in named.values():
            assert files == set(step.inputs) or name == "figure-{study}", name
    assert seen == planned.keys()
    drawn = (paths.SOURCE, *map(paths.metric_path, ("evaluation.csv", "curves.csv")))
    assert planned["figure-figure3"].inputs == drawn  # as study_data in common.smk


def test_execution_settings_are_part_of_no_step():
    content = QUICK.model_dump()
    content["execution"] = {"runs_per_job": 1, "device": "cuda", "threads": 7, "jobs_per_gpu": 2}
    assert graph(check(content)) == graph(QUICK)


def test_jobs_under_way_keep_their_params(tmp_path):
    params = load(ROOT / "params.yaml")
    content = params.model_dump()
    content["training"]["epochs"] = 7
    first, second = (handover.write_params(one, tmp_path) for one in (params, check(content)))
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


# Checked when it reads, how files are written, or which runs there are (their paths say it all):
# none of it can change a product.
NEUTRAL = {"errors", "files", "params", "conflicts", "mnist", "yamlfile", "plan"}


@pytest.mark.parametrize(
    ("entry", "listed"),
    [
        (("training",), (*TRAINING_MODULES, "spec")),
        (("results",), (*steps.COLLECTING, "selection", "variants")),
        (("selection", "results"), (*steps.SELECTING, "variants", "spec", "sizes")),
        (("figures", "architecture", "plotting", "labels"), steps.DRAWING),
        (("tables",), steps.TABLE_MODULES),
        (("metrics",), (*steps.METRIC_MODULES, "variants", "spec", "sizes")),
    ],
)
def test_steps_depend_on_all_code_that_they_run(entry, listed):
    assert closure(entry, without=NEUTRAL) <= set(listed)


def test_the_digits_depend_on_all_code_that_writes_them():
    assert closure(["mnist"], without=NEUTRAL - {"mnist"}) == set(graph(QUICK)["digits"].code)


def test_the_numeric_core_imports_little():
    """It has to run on a bare GPU node: torch, numba, numpy, pyarrow, pandas, standard library."""
    allowed = {"torch", "numpy", "numba", "pyarrow", "pandas", "digitpairs", "mlxtend"}
    for module in closure(["mnist", "pairs", "models", "training", "store"]):
        tree = ast.parse((PACKAGE / f"{module}.py").read_text())
        for node in ast.walk(tree):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            roots = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names)
            assert roots <= allowed, module


@pytest.fixture
def planned(tmp_path, monkeypatch, mlp_run):
    """Five runs of which the second has a record."""
    monkeypatch.chdir(tmp_path)
    runs = [PlannedRun("mlp", replace(mlp_run, seed=seed)) for seed in range(5)]
    Path(runs[1].path).parent.mkdir(parents=True)
    Path(runs[1].path).touch()
    return runs


def test_blocks_list_the_runs_without_a_record_once_and_in_order(planned):
    files = blockfile.write_blocks([*planned, planned[0]], 3, Path("blocks"))
    listed = [file.read_text().split() for file in files]
    assert listed == [[planned[at].path for at in (0, 2, 3)], [planned[4].path]]
    assert blockfile.write_blocks(planned, 3, Path("blocks")) == files


def test_a_block_whose_records_were_lost_is_not_done(planned):
    (first,) = blockfile.write_blocks(planned, 9, Path("blocks"))
    first.with_suffix(paths.DONE).touch()
    assert blockfile.write_blocks(planned, 9, Path("blocks")) == [first]
    assert not first.with_suffix(paths.DONE).exists()


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
