"""Digests of plain data and dataclasses, and what of the code a fingerprint sees."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpairs import identity
from digitpairs.errors import UserError
from digitpairs.identity import PACKAGE, check_unchanged, digest, essence, essentials, fingerprint

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


@dataclass(frozen=True)
class Part:
    size: int
    options: tuple[int, ...] = ()


@dataclass(frozen=True)
class Whole:
    part: Part
    rate: float
    name: str | None = None


def test_what_holds_its_default_is_not_essential() -> None:
    assert essentials(Whole(Part(3), 0.5)) == {"part": {"size": 3}, "rate": 0.5}
    assert essentials((Part(3), (Part(4, (1,)), 5))) == (
        {"size": 3},
        ({"size": 4, "options": (1,)}, 5),
    )
    whole = Whole(Part(3, (1,)), 0.5, "a")
    assert essentials(whole) == {"part": {"size": 3, "options": (1,)}, "rate": 0.5, "name": "a"}


FILE = PACKAGE / "training/loop.py"  # where imports are followed from


def essence_of(code: str) -> Any:
    return essence(ast.parse(code), FILE)


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


KERNELS = PACKAGE / "training/engines/kernels.py"
ENGINES = "digitpairs.training.engines"


@pytest.mark.parametrize(
    "code",
    [
        f"from {ENGINES} import kernels\nkernels.pool()",
        f"from {ENGINES} import kernels as loops\nloops.pool()",
        f"import {ENGINES}.kernels as loops\nloops.pool()",
        "from .engines import kernels\nkernels.pool()",
        "from ..training.engines import kernels\nkernels.pool()",
        f"import {ENGINES}.plain as plain, {ENGINES}.kernels as loops\nloops.pool()",
    ],
)
def test_an_import_of_a_module_is_known_by_where_it_leads(code: str) -> None:
    body, used = essence_of(code)
    assert body == essence_of(f"from {ENGINES} import kernels\nkernels.pool()")[0]
    assert used == [KERNELS]


@pytest.mark.parametrize(
    "code",
    [
        f"from {ENGINES}.kernels import pool\npool()",
        f"from {ENGINES}.kernels import pool as end\nend()",
        "from .engines.kernels import adam, pool\npool()",
    ],
)
def test_an_import_from_a_module_is_known_by_where_it_leads(code: str) -> None:
    body, used = essence_of(code)
    assert body == essence_of(f"from {ENGINES}.kernels import pool\npool()")[0]
    assert used == [KERNELS]


def test_an_import_inside_a_function_is_like_one_at_the_top() -> None:
    line = f"from {ENGINES} import kernels"
    inside = essence_of(f"def f():\n    {line}\n    kernels.pool()")
    assert inside == essence_of(f"{line}\ndef f():\n    kernels.pool()")


def test_names_that_are_swapped_are_told_apart() -> None:
    line = "from digitpairs.models import convnet as one, mlp as other\none.branch(other.branch())"
    (body, used), (swapped_body, swapped) = map(
        essence_of, (line, line.replace("convnet as one, mlp", "mlp as one, convnet"))
    )
    assert body == swapped_body
    assert used == swapped[::-1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            f"from {ENGINES}.kernels import pool\npool()",
            f"from {ENGINES}.kernels import adam\nadam()",
        ),
        ("from numpy import sum\nsum()", "from numpy import mean as sum\nsum()"),
        ("import numpy as np\nnp.sum()", "import torch as np\nnp.sum()"),
        (f"import {ENGINES}.kernels\n", ""),  # nothing of its own to call it by
    ],
)
def test_what_is_imported_counts(old: str, new: str) -> None:
    assert essence_of(old) != essence_of(new)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package of two folders in place of this one; nothing of it is remembered."""
    monkeypatch.setattr(identity, "PACKAGE", tmp_path)
    for file in ("one/a.py", "one/b.py", "one/deep/c.py", "two/a.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(f"x = {file!r}")
    return tmp_path


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    fingerprint.cache_clear()
    identity.module_digest.cache_clear()


def test_a_fingerprint_is_of_folders_and_files(package: Path) -> None:
    places = [("one",), ("one/a.py",), ("two",), ("one", "two"), ("one/a.py", "two")]
    assert len({fingerprint(*some) for some in places}) == len(places)
    assert fingerprint("two", "one", "one/a.py") == fingerprint("one", "two")


def test_a_fingerprint_leaves_out_a_folder(package: Path) -> None:
    assert fingerprint("one", without=("one/deep",)) == fingerprint("one/a.py", "one/b.py")
    assert fingerprint("one") != fingerprint("one/a.py", "one/b.py")
    both = fingerprint("one", "two", without=("one/deep", "two"))
    assert both == fingerprint("one/a.py", "one/b.py", "two")


@pytest.mark.parametrize("place", ["one/deep/c.py", "one/deep"])
def test_a_place_that_is_named_is_in_though_its_folder_is_left_out(
    place: str, package: Path
) -> None:
    assert fingerprint("one", place, without=("one/deep",)) == fingerprint("one")


@pytest.mark.parametrize("place", ["one/gone.py", "gone"])
def test_a_place_that_is_not_there_has_no_fingerprint(place: str, package: Path) -> None:
    with pytest.raises(UserError, match=f"{place}: this code is named"):
        fingerprint("one", place)


def test_a_file_of_words_alone_is_no_code(package: Path) -> None:
    before = fingerprint("one")
    (package / "one/deep/d.py").write_text('"""Words."""\n')
    (package / "one/__init__.py").touch()
    fingerprint.cache_clear()
    assert fingerprint("one") == before


def test_code_that_was_edited_since_is_seen_though_fingerprints_are_remembered(
    package: Path,
) -> None:
    code = fingerprint("one")
    check_unchanged(code, lambda: fingerprint("one"))
    (package / "one/a.py").write_text("x = 3")
    assert fingerprint("one") == code  # remembered
    with pytest.raises(UserError, match="edited while this job started"):
        check_unchanged(code, lambda: fingerprint("one"))
