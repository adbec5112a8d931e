"""Functions that params name: found, or refused in a line that says what was looked for."""

from pathlib import Path

import pytest

from digitpairs.errors import UserError
from digitpairs.outside import FORM, function


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a file of the user's."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("number = 3\ndef double(n):\n    return 2 * n\n")
    return tmp_path


def test_a_function_is_found_in_a_file_or_a_package(folder: Path) -> None:
    assert function("mine.py:double")(4) == 8
    assert function(f"{folder}/mine.py:double")(4) == 8
    assert function("math:gcd")(4, 6) == 2
    assert function("os.path:basename")("a/b") == "b"


def test_a_file_is_read_as_it_is_and_not_as_it_was() -> None:
    assert function("mine.py:double")(4) == 8
    Path("mine.py").write_text("def double(n):\n    return n + n + 1\n")
    assert function("mine.py:double")(4) == 9


def test_a_file_may_hold_dataclasses() -> None:
    """They look for the names of their module in sys.modules."""
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n\n@dataclass\n"
    Path("mine.py").write_text(
        f"{text}class One:\n    n: int\n\ndef one(n):\n    return One(n).n\n"
    )
    assert function("mine.py:one")(5) == 5


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("double", f"no function; {FORM}"),
        ("", f"no function; {FORM}"),
        (":double", f"no function; {FORM}"),
        ("mine.py:", f"no function; {FORM}"),
        ("mine.py:triple", f"mine.py has no 'triple'; {FORM}"),
        ("math:nothing", f"math has no 'nothing'; {FORM}"),
        ("mine.py:number", f"is no function; {FORM}"),
        ("yours.py:double", "no such file"),
        ("no_such_package:f", "cannot be imported: ModuleNotFoundError("),
        ("broken.py:f", "cannot be imported: SyntaxError("),
        ("raises.py:f", "cannot be imported: AttributeError("),
        ("script.py:f", "cannot be imported: SystemExit("),
        ("..:f", "cannot be imported: TypeError("),
        ("a\0b.py:f", "no such file"),
    ],
)
def test_what_is_no_function_gets_one_line(named: str, message: str) -> None:
    Path("broken.py").write_text("def f(:\n")
    Path("script.py").write_text("import sys\nsys.exit(3)\n")
    Path("raises.py").write_text("import math\nmath.nothing\ndef f(): pass\n")
    with pytest.raises(UserError) as caught:
        function(named)
    found = str(caught.value)
    assert found.startswith(message)
    assert found.isprintable()
