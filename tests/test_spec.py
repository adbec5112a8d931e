"""A run is its spec: digests, recipes, the fingerprint of the training code."""

import ast
import importlib.util
import re
import shutil
from dataclasses import asdict, fields, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import digitpairs
from digitpairs.identity import digest, essence, fingerprint
from digitpairs.spec import TRAINING_MODULES, ModelSpec, RunSpec

PACKAGE = Path(digitpairs.__file__).parent

OTHER_VALUES: dict[str, Any] = {
    "model": ModelSpec("mlp", (9,)),
    "learning_rate": 2e-3,
    "aux_weight": 1.0,
    "epochs": 3,
    "batch_size": 21,
    "batchnorm": "frozen_after_first_epoch",
    "shuffle": False,
    "train_pairs": 61,
    "test_pairs": 41,
    "digits": "mnist-0123456789ab",
    "code": "1" * 20,
    "folds": 5,
}
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
)

CODE = '''
RATE = 1e-4


def step(weights: list[float], gradient: list[float]) -> list[float]:
    """Take a step."""
    return [w - RATE * g for w, g in zip(weights, gradient)]
'''


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(), plain, max_size=4))
def test_digest_does_not_depend_on_the_order_of_keys(value: dict[str, Any]) -> None:
    assert digest(value) == digest(reordered(value))


@given(st.lists(st.integers(), min_size=2, unique=True))
def test_digest_depends_on_the_order_of_a_list(value: list[int]) -> None:
    assert digest(value) != digest(value[::-1])


def test_digest_is_twenty_hexadecimal_digits() -> None:
    assert re.fullmatch("[0-9a-f]{20}", digest({}))


def test_digest_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest(float("nan"))


def test_other_values_name_every_field_but_seed_and_fold() -> None:
    assert OTHER_VALUES.keys() | {"seed", "fold"} == {field.name for field in fields(RunSpec)}


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_recipe_changes_with_every_field_but_seed_and_fold(name: str, mlp_run: RunSpec) -> None:
    changed = replace(mlp_run, **{name: OTHER_VALUES[name]})
    assert changed.recipe != mlp_run.recipe
    assert changed.member == mlp_run.member


@pytest.mark.parametrize(
    "model",
    [
        ModelSpec("siamese_mlp", (8,)),
        ModelSpec("mlp", (8, 8)),
        ModelSpec("mlp", (8,), (4,)),
        ModelSpec("mlp", (8,), shared=True),
    ],
)
def test_recipe_changes_with_every_part_of_the_model(model: ModelSpec, mlp_run: RunSpec) -> None:
    assert replace(mlp_run, model=model).recipe != mlp_run.recipe


def test_seed_and_fold_change_the_member_not_the_recipe(mlp_run: RunSpec) -> None:
    runs = [replace(mlp_run, seed=seed, folds=5, fold=f) for seed in (0, 1) for f in range(5)]
    assert len({run.recipe for run in runs}) == 1
    assert len({run.member for run in runs}) == len(runs)


def test_member_names_seed_and_fold(mlp_run: RunSpec) -> None:
    assert replace(mlp_run, seed=7).member == "seed-7"
    assert replace(mlp_run, seed=7, folds=5, fold=0).member == "seed-7-fold-0"


def test_run_spec_is_hashable_and_plain(mlp_run: RunSpec) -> None:
    assert hash(mlp_run) == hash(replace(mlp_run))
    assert digest(asdict(mlp_run)) == digest(asdict(replace(mlp_run)))


def essence_of(code: str) -> Any:
    return essence(ast.parse(code))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RATE = 1e-4", "RATE = 1e-4  # Adam's"),
        ("RATE = 1e-4", "# Adam's\nRATE = (\n    1e-4\n)\n\n\n"),
        ("RATE = 1e-4", "RATE = 0.0001"),
        ("RATE = 1e-4", '"""Steps."""\nRATE = 1e-4'),
        ("Take a step.", "Descend."),
        ('    """Take a step."""\n', ""),
        ("weights: list[float]", "weights"),
        ("gradient: list[float]", "gradient: object"),
        (" -> list[float]", ""),
        ("    return [", "    return [  # w'\n        "),
    ],
)
def test_fingerprint_ignores_what_changes_no_result(old: str, new: str) -> None:
    assert old in CODE
    assert essence_of(CODE.replace(old, new)) == essence_of(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1e-4", "1e-3"),
        ("w - RATE", "w + RATE"),
        ("RATE * g", "g"),
        ("zip(weights, gradient)", "zip(gradient, weights)"),
        ("zip(weights, gradient)", "zip(weights, gradient, strict=True)"),
        ("gradient: list[float])", "gradient: list[float] = ())"),
        ("    return ", "    "),
        ("def step", "@cache\ndef step"),
        ("RATE = 1e-4", "RATE = '1e-4'"),
        ("RATE = 1e-4", "RATE = None"),
        ("RATE = 1e-4", "RATE = 1e-4\nRATE = 1e-4"),
    ],
)
def test_fingerprint_changes_with_code(old: str, new: str) -> None:
    assert old in CODE
    assert essence_of(CODE.replace(old, new)) != essence_of(CODE)


@pytest.mark.parametrize(("one", "other"), [("1", "True"), ("1", "1.0"), ("'a'", "b'a'")])
def test_fingerprint_tells_equal_looking_constants_apart(one: str, other: str) -> None:
    assert essence_of(f"x = {one}") != essence_of(f"x = {other}")


def test_fingerprint_keeps_a_string_that_is_used() -> None:
    assert essence_of("x = 'adam'") != essence_of("x = 'sgd'")


def copied_package(folder: Path) -> Path:
    return Path(shutil.copytree(PACKAGE, folder / "digitpairs"))


def copied_spec(package: Path) -> ModuleType:
    """Import a copy's spec.py, which fingerprints the modules beside it."""
    description = importlib.util.spec_from_file_location("copied_spec", package / "spec.py")
    assert description is not None and description.loader is not None
    module = importlib.util.module_from_spec(description)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "copied_spec", module)  # dataclasses look there
        description.loader.exec_module(module)
    return module


def edit(package: Path, old: str, new: str) -> None:
    """Change a piece of code in whichever module holds it."""
    (module,) = [path for path in package.glob("*.py") if old in path.read_text()]
    module.write_text(module.read_text().replace(old, new))


def test_the_same_code_elsewhere_has_the_same_fingerprint(tmp_path: Path) -> None:
    copied = copied_spec(copied_package(tmp_path))
    assert copied.fingerprint(*TRAINING_MODULES) == fingerprint(*TRAINING_MODULES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BETA1, BETA2, EPSILON = 0.9, 0.999", "BETA1, BETA2, EPSILON = 0.8, 0.999"),
        ("twice(twice(d0 - d2)) + far", "twice(twice(d0 - d2)) - far"),
        ('">I', '"<I'),
        ("nn.Conv2d(inputs, size, 3)", "nn.Conv2d(inputs, size, 3, bias=False)"),
        ("FULL_SCALE = 4 * 255", "FULL_SCALE = 255"),
        ("HEAD_HIDDEN = 100", "HEAD_HIDDEN = 50"),
        ("train_set.take(rows), train_set.take(held_out)", "train_set, test_set"),
    ],
)
def test_fingerprint_covers_what_determines_a_run(tmp_path: Path, old: str, new: str) -> None:
    package = copied_package(tmp_path)
    edit(package, old, new)
    copied = copied_spec(package)
    assert copied.fingerprint(*copied.TRAINING_MODULES) != fingerprint(*TRAINING_MODULES)


def test_fingerprint_leaves_out_what_only_reports(tmp_path: Path) -> None:
    package = copied_package(tmp_path)
    (package / "cli.py").write_text("")
    copied = copied_spec(package)
    assert copied.fingerprint(*copied.TRAINING_MODULES) == fingerprint(*TRAINING_MODULES)
