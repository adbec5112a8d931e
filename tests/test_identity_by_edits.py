"""Which edits of the code make runs and pairs anew: real edits of a copy of the package."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from added import LINEAR
from digitpairs.identity import PACKAGE
from project import ROOT

# Where runs lie: one of each family by the paper's recipe, a ConvStack, and two of other recipes.
PROBE = """
import json, sys
from dataclasses import replace
from pathlib import Path
from digitpairs.digits.source import Source
from digitpairs.models.registry import family_of
from digitpairs.recipe import Augmentation, Recipe, Sharpness
from digitpairs.runs.plan import evaluation_runs
from digitpairs.study.load import check
from digitpairs.study.yamlfile import read

content = read(Path(sys.argv[1]))
stack = {"layers": [{"channels": 4, "padding": "same"}, {"channels": 4}]}
content["variants"]["stack"] = {"family": "convstack", "options": stack, "learning_rate": 1e-3}
runs = evaluation_runs(check(content), Source("mnist", "0123456789ab"), {})
places = {run.spec.model.family: run.path for run in runs}
swapped = Recipe(augmentation=Augmentation(swap=0.5))
mlp = next(run.spec for run in runs if run.spec.model.family == "mlp")
code = family_of(mlp.model).code(swapped)
places["swapped"] = replace(mlp, recipe=swapped, code=code).path
sharp = Recipe(sharpness=Sharpness(0.1))
places["sharp"] = replace(mlp, recipe=sharp, code=family_of(mlp.model).code(sharp)).path
print(json.dumps({**places, "pairs": runs[0].pairs}))
"""
MLPS = {"mlp", "siamese_mlp", "swapped", "sharp"}
CONVNETS = {"convnet", "siamese_convnet"}
STACK, SWAPPED, SHARP = {"convstack"}, {"swapped"}, {"sharp"}
RUNS = MLPS | CONVNETS | STACK
EVERYTHING = RUNS | {"pairs"}
HASHED = ("pairs", "training", "models", "digits")

Edit = Callable[[Path], object]


def python(package: Path, code: str, *arguments: object, cwd: Path = ROOT) -> str:
    """Run code that imports this copy of the package."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        cwd=cwd,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    ).stdout


def places(package: Path) -> dict[str, str]:
    """Where the package keeps a run of each family, and a pair set."""
    return dict(json.loads(python(package, PROBE, ROOT / "params.quick.yaml")))


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = places(copied(tmp_path_factory.mktemp("unedited")))
    assert found.keys() == EVERYTHING
    return found


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, the test's own to edit."""
    return copied(tmp_path)


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(PACKAGE, folder / PACKAGE.name))


def modules(package: Path, *folders: str) -> Iterator[Path]:
    for folder in folders or (".",):
        yield from sorted((package / folder).rglob("*.py"))


def rewrite(file: Path, change: Callable[[str], str]) -> None:
    """Edit a file, and see that it was edited."""
    old = file.read_text(encoding="utf-8")
    new = change(old)
    assert new != old, file
    file.write_text(new, encoding="utf-8")


def put(file: str, old: str, new: str) -> Edit:
    """Replace some text of a file."""
    return lambda package: rewrite(package / file, lambda text: text.replace(old, new))


def put_everywhere(package: Path, old: str, new: str) -> None:
    """Replace a word, such as a module's path, in all files."""
    pattern = re.compile(rf"(?<![\w.]){re.escape(old)}(?!\w)")
    files = [file for file in modules(package) if pattern.search(file.read_text(encoding="utf-8"))]
    assert files
    for file in files:
        rewrite(file, lambda text: pattern.sub(new, text))


def move_a_module(package: Path) -> None:
    folder = package / "training/deeper"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Deeper."""\n')
    (package / "training/measures.py").rename(folder / "measures.py")
    put_everywhere(package, "digitpairs.training.measures", "digitpairs.training.deeper.measures")


def rename_a_module(package: Path) -> None:
    (package / "training/engines/kernels.py").rename(package / "training/engines/loops.py")
    put_everywhere(
        package, "digitpairs.training.engines.kernels", "digitpairs.training.engines.loops"
    )
    file = package / "training/engines/fast_convnet.py"
    rewrite(file, lambda text: re.sub(r"\bkernels\b", "loops", text))


def rename_a_net(package: Path) -> None:
    (package / "models/convnet.py").rename(package / "models/convolutional_net.py")
    put("models/registry.py", '"convnet.py"', '"convolutional_net.py"')(package)


def rename_an_import(package: Path) -> None:
    file = package / "training/engines/fast_convnet.py"
    rewrite(file, lambda text: re.sub(r"\bkernels\.", "loops.", text))
    rewrite(
        file, lambda text: text.replace("first_layer, kernels", "first_layer, kernels as loops")
    )


def rename_an_imported_function(package: Path) -> None:
    file = package / "training/loop.py"
    rewrite(file, lambda text: re.sub(r"\bevaluate\(", "measured(", text))
    rewrite(file, lambda text: text.replace("import evaluate\n", "import evaluate as measured\n"))


def import_by_full_path(package: Path) -> None:
    old = "from digitpairs.training.engines import first_layer, kernels\n"
    new = "".join(
        f"import digitpairs.training.engines.{name} as {name}\n"
        for name in ("first_layer", "kernels")
    )
    put("training/engines/fast_convnet.py", old, new)(package)


def import_relatively(package: Path) -> None:
    put("training/optimizers/adam.py", "from digitpairs.training.cuda ", "from ..cuda ")(package)
    file = "training/engines/fast_convnet.py"
    put(file, "from digitpairs.training.engines import", "from . import")(package)
    put(file, "from digitpairs.models.nets", "from ...models.nets")(package)


def import_inside_a_function(package: Path) -> None:
    imported = "from digitpairs.training.measures import evaluate\n"
    start = '    """Train with torch\'s own generators as they are."""\n'
    put("training/loop.py", imported, "")(package)
    put("training/loop.py", start, f"{start}    {imported}")(package)


def import_in_another_order(package: Path) -> None:
    line = "from digitpairs.pairs.draw import for_run\n"
    last = "from digitpairs.training.measures import evaluate\n"
    put("training/loop.py", line, "")(package)
    put("training/loop.py", last, last + line)(package)


def reformat_everything(package: Path) -> None:
    """Without comments, in one style that is not ours."""
    for file in modules(package):
        if text := file.read_text(encoding="utf-8"):
            file.write_text(ast.unparse(ast.parse(text)) + "\n# the end\n", encoding="utf-8")


def describe_otherwise(package: Path) -> None:
    """Other docstrings and annotations in all that is hashed."""
    for file in modules(package, *HASHED):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.Module() | ast.ClassDef() | ast.FunctionDef() if ast.get_docstring(node):
                    node.body[0] = ast.Expr(ast.Constant("Other words."))
            if isinstance(node, ast.FunctionDef):
                node.returns = None
                for argument in node.args.args:
                    argument.annotation = ast.Name("object")
        file.write_text(ast.unparse(tree), encoding="utf-8")


def add_a_net(package: Path) -> None:
    lenet = (
        (package / "models/convnet.py")
        .read_text(encoding="utf-8")
        .replace("linear_layers(", "linear_layers(2 * ")
    )
    (package / "models/lenet.py").write_text(lenet)
    add_to_registry('"lenet": Family("LeNet", "lenet.py", sizes=CONVOLUTIONAL)')(package)


def add_a_net_of_any_modules(package: Path) -> None:
    (package / "models/linear.py").write_text(LINEAR, encoding="utf-8")
    add_to_registry('"linear": Family("Linear", "linear.py")')(package)


def add_to_registry(line: str) -> Edit:
    return put("models/registry.py", "FAMILIES = {\n", f"FAMILIES = {{\n    {line},\n")


def add_a_field_to_runs(package: Path) -> None:
    old = "    fold: int | None = None\n"
    put("spec.py", old, f"{old}    momentum: float = 0.9\n    augment: tuple[str, ...] = ()\n")(
        package
    )


def add_a_field_to_models(package: Path) -> None:
    old = "    shared: bool = False\n"
    put("spec.py", old, f"{old}    dropout: float | None = None\n")(package)


UNCHANGED: list[Edit] = [
    move_a_module,
    rename_a_module,
    rename_a_net,
    rename_an_import,
    rename_an_imported_function,
    import_by_full_path,
    import_relatively,
    import_inside_a_function,
    import_in_another_order,
    reformat_everything,
    describe_otherwise,
    add_a_net,
    add_a_net_of_any_modules,
    add_a_field_to_runs,
    add_a_field_to_models,
]


@pytest.mark.parametrize("edit", UNCHANGED)
def test_an_edit_that_changes_no_result_makes_nothing_anew(
    edit: Edit, package: Path, before: dict[str, str]
) -> None:
    edit(package)
    found = places(package)
    assert {name: found[name] for name in before} == before


@pytest.mark.parametrize(
    ("file", "old", "new", "anew"),
    [
        ("models/convnet.py", "[*layers, FLATTEN,", "[*layers, FLATTEN, FLATTEN,", CONVNETS),
        ("models/mlp.py", "[FLATTEN,", "[FLATTEN, FLATTEN,", MLPS),
        ("models/convstack.py", "* side * side", "* side**2", STACK),
        ("models/convstack.py", "residual adds an earlier", "residual adds the earlier", set()),
        ("models/build.py", "if family.sizes", "if not family.takes", RUNS),
        ("models/layers.py", '"MaxPool2d", (2,)', '"AvgPool2d", (2,)', RUNS),
        ("models/architecture.py", "HEAD = (100,)", "HEAD = (50,)", RUNS),
        ("models/nets.py", "torch.cat([first, second]", "torch.cat([second, first]", RUNS),
        (
            "models/registry.py",
            '"MLP", "mlp.py"',
            '"MLP", "mlp.py", siamese=True',
            {"mlp", "swapped", "sharp"},
        ),
        ("training/loop.py", "(total / feed.count)", "(total / steps_per_epoch)", RUNS),
        ("training/optimizers/adam.py", "v[r, i] * b2", "v[r, i] * b1", RUNS),
        ("training/optimizer.py", "torch.zeros_like", "torch.ones_like", RUNS),
        ("training/schedule.py", "(step + 1) / steps", "step / steps", RUNS),
        (
            "training/streams.py",
            "INIT_STREAM, SHUFFLE_STREAM,",
            "SHUFFLE_STREAM, INIT_STREAM,",
            RUNS,
        ),
        ("training/engines/first_layer.py", "twice(d0 - d2)) + far", "twice(d0 - d2)) - far", RUNS),
        ("pairs/sizes.py", "4 * 255", "255", EVERYTHING),
        ("pairs/draw.py", "[seed, PARTS.index(part)]", "[PARTS.index(part), seed]", EVERYTHING),
        ("pairs/draw.py", "train_set.take(held_out)", "train_set", EVERYTHING),
        ("digits/idx.py", ">{dimensions}I", "<{dimensions}I", EVERYTHING),
        ("digits/idx.py", '"test": "t10k"', '"test": "train"', EVERYTHING),
        ("pairs/draw.py", "draw(pools[part]", 'draw(pools["train"]', EVERYTHING),
        ("models/architecture.py", "1 if spec.shared else 2", "1 if spec.shared else 1 + 1", RUNS),
        ("training/cuda/adam.py", "1 - beta1", "beta1", set()),
        ("training/cuda/graphs.py", "WARM_UPS = 3", "WARM_UPS = 2", set()),
        ("runs/block.py", "threads == 1", "threads < 2", set()),
        ("cli/app.py", "no_args_is_help=True", "no_args_is_help=False", set()),
        ("errors.py", "most: int = 80", "most: int = 60", set()),
        ("models/counts.py", "mend models/layers.py", "look at models/layers.py", set()),
        ("runs/provenance.py", "numba and Winograd", "Winograd and numba", set()),
        ("products/labels.py", "import", "import json\nimport", set()),
    ],
)
def test_an_edit_makes_anew_what_it_may_change(
    file: str, old: str, new: str, anew: set[str], package: Path, before: dict[str, str]
) -> None:
    rewrite(package / file, lambda text: text.replace(old, new, 1))
    found = places(package)
    assert {name for name in before if found[name] != before[name]} == anew


@pytest.mark.parametrize(
    ("file", "anew"),
    [
        ("training/optimizers/adam.py", RUNS),
        ("training/optimizers/sgd.py", set()),
        ("training/schedules/constant.py", RUNS),
        ("training/schedules/cosine.py", set()),
        ("training/preprocessing/none.py", RUNS),
        ("training/augment/swap.py", SWAPPED),
        ("training/augment/blend.py", set()),
        ("training/methods/sharpness.py", SHARP),
        ("training/methods/averaging.py", set()),
        ("training/methods/distillation.py", set()),
    ],
)
def test_a_part_of_a_recipe_trains_the_runs_anew_that_name_it(
    file: str, anew: set[str], package: Path, before: dict[str, str]
) -> None:
    rewrite(package / file, lambda text: f"{text}\nADDED = 1\n")
    found = places(package)
    assert {name for name in before if found[name] != before[name]} == anew


def test_a_part_that_is_not_there_plans_nothing(package: Path) -> None:
    (package / "training/augment/swap.py").unlink()
    with pytest.raises(subprocess.CalledProcessError):
        places(package)


def test_an_import_that_leads_elsewhere_trains_everything_again(package: Path) -> None:
    """To a function of the same name, which was there before."""
    engines = package / "training/engines"
    shutil.copy(engines / "kernels.py", engines / "newer.py")
    put("training/engines/newer.py", "distance * distance", "distance")(package)
    old = places(package)
    old_import, new_import = "first_layer, kernels\n", "first_layer, newer as kernels\n"
    put("training/engines/fast_convnet.py", old_import, new_import)(package)
    new = places(package)
    assert {name for name in old if new[name] != old[name]} == RUNS


KEEP = """
from dataclasses import asdict
from pathlib import Path
from digitpairs.runs import collect, store
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import ModelSpec, RunSpec

spec = RunSpec(ModelSpec("mlp", (8,)), 1e-3, 0.0, 2, 20, "standard", True, 60, 40, "d", "c", 0)
record = {
    "status": "finished",
    "epochs": {name: [0.25, 0.5] for name in collect.ANSWER_MEASURES},
    "provenance": {"device": "abacus"},
}
run = PlannedRun("mlp", spec, "pairs.parquet")
"""
WRITE = f"""{KEEP}
store.write(Path(spec.path), spec, record)
collect.write(collect.collect([run], [record]), "data/results/variants/mlp.parquet")
"""
READ = f"""{KEEP}
from digitpairs.runs.restore import restore

assert "augment" in asdict(spec) and "dropout" in asdict(spec.model)
assert store.read(Path(spec.path), spec)["epochs"] == record["epochs"]
assert collect.read(["data/results/variants/mlp.parquet"])["run"][0] == f"{{spec.group}}/seed-0"
Path(spec.path).unlink()
restore(print)
assert store.read(Path(spec.path), spec)["epochs"] == record["epochs"]
"""


def test_records_from_before_a_new_field_are_read_and_put_back(
    package: Path, tmp_path: Path
) -> None:
    python(package, WRITE, cwd=tmp_path)
    add_a_field_to_runs(package)
    add_a_field_to_models(package)
    assert "1 runs put back" in python(package, READ, cwd=tmp_path)
