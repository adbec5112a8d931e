"""What steps depend on, and that DVC is told the same."""

import ast
import copy
import sys

import pytest
import yaml

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.errors import ParamsError
from digitpairs.identity import CORE, essentials
from digitpairs.pipeline import report_steps, steps
from digitpairs.pipeline.step import (
    COLLECTING,
    COMPILING,
    COUNTING,
    DESCRIBING,
    DRAWING,
    REPORTING,
    SELECTING,
    TABULATING,
    stamp_path,
)
from digitpairs.study.kinds import known_kinds
from digitpairs.study.load import check, load
from digitpairs.study.schema import Params
from digitpairs.study.variants import resolve
from project import ROOT

PACKAGE = ROOT / "src/digitpairs"
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
FIGURE_FILES = [f"products/figures/{kind}.py" for kind in known_kinds("figure")]
TABLE_FILES = [f"products/tables/{kind}.py" for kind in known_kinds("table")]
QUICK = load(ROOT / "params.quick.yaml")
SOURCE = Source("mnist", "0123456789ab")
WINNERS = {
    "mlp": {"model": {"family": "mlp", "hidden": [350, 100]}, "learning_rate": 1e-3},
    "siamese_mlp": {
        "model": {"family": "siamese_mlp", "hidden": [150, 100]},
        "learning_rate": 5e-3,
    },
}


def graph(params):
    """All steps, once the digits are there and the search is won."""
    data = steps.data_steps(params, steps.all_runs_with(params, SOURCE, WINNERS))
    return data | report_steps.report_steps(params, SOURCE, WINNERS)


def stage_of(name):
    """The DVC stage that asks Snakemake for a step."""
    return {
        "digits": "mnist",
        "pairs": "pairs",
        "search": "search",
        "select": "search",
        "evaluation": "evaluate",
        "weights": "model",
        "model": "model",
    }.get(name, "evaluate" if name.startswith("variant-") else "report")


def listed(stage, *keys):
    """Paths that a stage lists under these keys, whatever is said of each."""
    entries = [entry for key in keys for entry in STAGES[stage].get(key, [])]
    return {path for entry in entries for path in (entry if isinstance(entry, dict) else [entry])}


def covered(path, places):
    """Whether a path, or a folder that it lies in, is listed."""
    return any(path == entry or path.startswith(f"{entry}/") for entry in places)


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
        case ("pairs", "target"), _:
            yield "same_class"
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
        case ("model", "variant") | ("page", "nets"), _:
            yield "mlp" if path[0] == "model" else ["mlp"]
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
        case ("claims",), dict():
            yield {name: claim for name, claim in value.items() if name != "cap"}
        case ("claims", _, "says" | "source"), str():
            yield f"{value}!"
        case ("claims", _, "margin" | "at_least"), float():
            yield value + 0.01
        case ("claims", _, "measure"), "final_accuracy":
            yield "best_accuracy"
        case ("claims", _, "direction"), "equal":
            yield "below"
        case ("claims", _, "compare", _), list():
            yield ["mlp_selected" if "selected" in str(value[0]) else "siamese_mlp_shared"]
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
        if old is None or new is None or (old.digest, old.outputs) != (new.digest, new.outputs):
            tracked = [key.replace(".", "/") for key in STAGES[stage_of(name)]["params"]]
            # The claims are a file of their own.
            tracked += [file.removesuffix(".yaml") for file in listed(stage_of(name), "deps")]
            assert covered(path.replace(".", "/"), tracked), name


def test_there_is_an_edit_of_every_kind_of_param():
    sections = {path.split(".")[0] for path, _ in EDITS}
    assert sections == set(QUICK.model_dump()) - {"execution", "shown"}
    for section in ("pairs", "training"):
        keys = {path for path, _ in EDITS}
        assert {f"{section}.{key}" for key in getattr(QUICK, section).model_dump()} <= keys


@pytest.mark.parametrize("path", [path for path, _ in EDITS if not path.startswith("data")])
def test_every_such_edit_changes_some_step(path):
    edited = dict(EDITS)[path]
    before, after = graph(QUICK), graph(edited)
    plans = [{name: step.digest for name, step in one.items()} for one in (before, after)]
    # None of the quick studies shows repeats.
    harmless = {"search.min_parameters", "search.max_parameters", "search.repeats"}
    assert plans[0] != plans[1] or path in harmless


@pytest.mark.parametrize("name", graph(QUICK))
def test_dvc_depends_on_the_code_and_the_files_that_a_step_depends_on(name):
    step, stage = graph(QUICK)[name], stage_of(name)
    deps, outs = listed(stage, "deps"), listed(stage, "outs", "metrics", "plots")
    trains = CORE if name == "search" or name.startswith("variant-") else ()
    code = [f"src/digitpairs/{place}" for place in (*step.code, *trains)]
    assert [place for place in code if not covered(place, deps)] == []
    assert [path for path in step.inputs if not covered(path, deps | outs)] == []
    stamp = str(stamp_path(name))
    made = [path for path in (*step.outputs, stamp) if not covered(path, outs)]
    assert made == ([paths.REPORT] if name == "pdf" else [])  # it is not made where LaTeX is not


@pytest.mark.parametrize("stage", STAGES)
def test_dvc_deletes_nothing_before_snakemake_has_judged_it(stage):
    outs = [out for key in ("outs", "metrics", "plots") for out in STAGES[stage].get(key, [])]
    assert all(options["persist"] for out in outs for options in out.values())


def test_dvc_hashes_no_file_that_python_or_a_kill_leaves():
    """Stages depend on folders: what lies there beside the code would change their hash."""
    ignored = (ROOT / ".dvcignore").read_text().splitlines()
    assert {"__pycache__/", ".~*", "*.bad"} <= set(ignored)


def test_execution_settings_are_part_of_no_step():
    content = QUICK.model_dump()
    content["execution"] = {"runs_per_job": 1, "device": "cuda", "threads": 7, "jobs_per_gpu": 2}
    assert graph(check(content)) == graph(QUICK)


def test_a_product_depends_on_the_results_of_the_variants_that_it_shows_alone():
    planned, results = graph(QUICK), "data/results/variants"
    shown = [path for path in planned["figure-figure4"].inputs if path.startswith(results)]
    assert shown == [f"{results}/{name}.parquet" for name in QUICK.studies["figure4"].variants]
    assert paths.WINNERS not in planned["figure-figure4"].inputs
    assert paths.WINNERS in planned["table-table1"].inputs


def test_a_table_of_differences_depends_on_the_rates_that_were_tried():
    def planned(kind, rates):
        content = QUICK.model_dump()
        content["studies"]["table1"]["kind"] = kind
        content["search"]["grids"]["mlp"]["learning_rate"] = rates
        return graph(Params.model_validate(content))["table-table1"]

    for kind, depends in (("differences", True), ("accuracies", False)):
        before, after = planned(kind, [1e-4, 1e-3, 5e-3]), planned(kind, [1e-4, 1e-3, 1e-2])
        assert (before.params != after.params) is depends


def test_a_winner_that_is_a_variant_has_no_results_of_its_own():
    mlp = resolve(QUICK, "mlp")
    same = essentials(mlp)
    known = steps.all_runs_with(QUICK, SOURCE, WINNERS | {"mlp": same})
    assert "mlp_selected" not in known.evaluated
    assert "siamese_mlp_selected" in known.evaluated
    inputs = report_steps.inputs_of(QUICK, "table1", WINNERS | {"mlp": same})
    assert inputs.count(paths.variant("mlp")) == 1
    assert paths.variant("mlp_selected") not in inputs


def modules(entries):
    """Modules of the package that these import, with all that those import: paths of files."""
    seen, queue = set(), [PACKAGE / entry for entry in entries]
    while queue:
        file = queue.pop()
        if file in seen or covered(str(file.relative_to(PACKAGE)), NEUTRAL):
            continue
        seen.add(file)
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("digitpairs"):
                module = PACKAGE.joinpath(*node.module.split(".")[1:])
                parts = [module, *(module / alias.name for alias in node.names)]
                queue += [part for part in (p.with_suffix(".py") for p in parts) if part.exists()]
    return {str(file.relative_to(PACKAGE)) for file in seen}


# Checked when it reads, how files are written, which runs there are (their paths say it all), how
# many parameters (each run holds that against torch): none of it can change a product.
NEUTRAL = {
    *("errors.py", "explain.py", "files.py", "paths.py", "identity.py", "spec.py", "recipe.py"),
    *("study", "digits", "runs/plan.py", "runs/sets.py", "pairs/sizes.py"),
    *(f"models/{name}.py" for name in ("layers", "architecture", "mlp", "convnet")),
    *(f"models/{name}.py" for name in ("options", "counts", "measured")),
}


@pytest.mark.parametrize(
    ("entries", "places"),
    [
        (["runs/collect.py"], (*COLLECTING, "models/registry.py")),
        (["search/winners.py"], SELECTING),
        (["products/numbers/make.py"], COUNTING),
        (["products/figures/make.py", *FIGURE_FILES], DRAWING),
        (["products/tables/make.py", *TABLE_FILES], TABULATING),
        (["products/card.py"], DESCRIBING),
        (["products/report/source.py"], REPORTING),
        (["products/report/compiled.py"], COMPILING),
    ],
)
def test_steps_depend_on_all_code_that_they_run(entries, places):
    assert [file for file in modules(entries) if not covered(file, places)] == []


def test_a_run_depends_on_all_code_that_trains_it():
    named = ["training/optimizers/adam.py", "training/schedules/constant.py"]
    used = modules(["training/loop.py", *named]) - {"models/registry.py"}
    used |= {f"models/{name}.py" for name in ("layers", "architecture")}
    assert [file for file in used if not covered(file, CORE)] == []
    left_out = {file for file in used if file.startswith("training/cuda/")}
    assert left_out == {"training/cuda/adam.py", "training/cuda/graphs.py"}


def test_the_numeric_core_imports_little():
    """It has to run on a bare GPU node."""
    allowed = {"torch", "numpy", "numba", "pyarrow", "pydantic", "pydantic_core"}
    allowed.add(PACKAGE.name)
    for module in modules(["training/loop.py", "runs/store.py", "pairs/pairset.py"]):
        for node in ast.walk(ast.parse((PACKAGE / module).read_text())):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            roots = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names)
            assert roots <= allowed, module


def test_digits_are_made_again_where_something_else_is_said_of_own_images():
    content = QUICK.model_dump(exclude_none=True)
    content["search"] |= {"min_parameters": 1, "max_parameters": 10**9}
    own = {"name": "shapes", "images": "shapes", "side": 20, "classes": 10}
    changes = [{}, {"name": "forms"}, {"images": "forms"}, {"window": 2}, {"white": 16.0}]
    digests = []
    for change in changes:
        content["data"] = {"source": "own", "folder": None, "own": own | change}
        digests.append(graph(check(content))["digits"].digest)
    assert len({graph(QUICK)["digits"].digest, *digests}) == 1 + len(changes)
