"""The task of all nets: the user's images, and a question that is known by its answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contents import Content, problems, with_value

from digitpairs.digits.source import Source
from digitpairs.runs import plan
from digitpairs.spec import PAPERS_TASK, Task
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from digitpairs.study.task import table_of, task_of
from digitpairs.study.variants import resolve

TARGET = ("pairs", "target")
OWN = {"name": "shapes", "images": "shapes", "side": 20, "classes": 3, "channels": 3}
LESS = "/".join("0" * (row + 1) + "1" * (9 - row) for row in range(10))
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a question of the user's; its name in params."""
    monkeypatch.chdir(tmp_path)
    table_of.cache_clear()

    def write(body: str, file: str = "mine.py", name: str = "ask") -> str:
        Path(file).write_text(f"def {name}(first, second):\n    {body}\n")
        return f"{file}:{name}"

    return write


def asking(target: str) -> Params:
    return check(with_value(TARGET, target))


def own(**change: Any) -> Content:
    """The quick params, of images of the user's own."""
    content = with_value(TARGET, "lesser_or_equal")
    content["data"] = {"source": "own", "folder": None, "own": OWN | change}
    content["search"] |= {"min_parameters": 1, "max_parameters": 10_000_000}
    return content


def run_paths(params: Params, source: Source) -> list[str]:
    runs = [*plan.search_runs(params, source), *plan.evaluation_runs(params, source, {})]
    return [path for run in runs for path in (run.path, run.pairs)]


def test_the_papers_task_is_what_params_ask_without_saying(quick_params: Params) -> None:
    assert task_of(quick_params) == PAPERS_TASK
    assert resolve(quick_params, "siamese_convnet_shared").model.task == PAPERS_TASK


@pytest.mark.parametrize("target", ["lesser_or_equal", "same_class"])
def test_own_images_and_the_question_make_the_task(target: str) -> None:
    content = own()
    content["pairs"]["target"] = target
    params = check(content)
    task = Task(side=20, channels=3, classes=3, target=target)
    assert task_of(params) == task
    assert {resolve(params, name).model.task for name in params.variants} == {task}
    runs = plan.search_runs(params, Source("shapes", "0" * 12))
    assert {run.spec.model.task for run in runs} == {task}


def test_a_question_is_asked_of_all_classes_of_the_images(write: Write) -> None:
    content = own()
    content["pairs"]["target"] = write("return first == 0 or second > first")
    params = check(content)
    assert task_of(params).target == "111/001/000"
    assert resolve(params, "mlp").model.task.target == "111/001/000"


def test_numpys_true_is_true(write: Write) -> None:
    target = write("import numpy; return numpy.bool_(first < second)")
    assert task_of(asking(target)).target == LESS


@pytest.mark.parametrize(
    ("body", "name"), [("first <= second", "lesser_or_equal"), ("first == second", "same_class")]
)
def test_a_question_that_has_a_name_goes_by_it(write: Write, body: str, name: str) -> None:
    assert task_of(asking(write(f"return {body}"))).target == name


def test_a_run_is_known_by_the_answers_and_not_by_the_functions_name(
    write: Write, source: Source
) -> None:
    one = asking(write("return first <= second"))
    other = asking(write("return not second < first", "theirs.py", "other"))
    assert one.pairs.target != other.pairs.target
    assert run_paths(one, source) == run_paths(other, source)
    different = asking(write("return first < second", "less.py"))
    assert set(run_paths(different, source)).isdisjoint(run_paths(one, source))


def test_another_question_is_another_run(quick_params: Params, source: Source) -> None:
    same = run_paths(asking("same_class"), source)
    assert set(same).isdisjoint(run_paths(quick_params, source))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return first - second", "returned 0; let it return True or False"),
        ("return None", "returned None; let it return True or False"),
        ("return int(first == second)", "returned 1; let it return True or False"),
        ("return 1 / second", "fails on two classes: ZeroDivisionError("),
        ("return undefined", "fails on two classes: NameError("),
        ("return True", "answers True to all classes; ask what can differ"),
        ("return first > 100", "answers False to all classes; ask what can differ"),
        ("return first <", "cannot be imported: SyntaxError("),
    ],
)
def test_a_function_that_is_no_question_gets_one_line(
    write: Write, body: str, message: str
) -> None:
    target = write(body)
    (line,) = problems(with_value(TARGET, target))
    assert line.startswith(f"pairs.target: {target!r}: {message}")


def test_a_function_of_one_class_is_refused(write: Write) -> None:
    write("return True")
    Path("one.py").write_text("def ask(first): return True\n")
    (line,) = problems(with_value(TARGET, "one.py:ask"))
    assert line.startswith("pairs.target: 'one.py:ask': fails on two classes: TypeError(")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("mine.py:nothing", "mine.py has no 'nothing'"),
        ("yours.py:ask", "no such file"),
        ("no_such_package:ask", "cannot be imported: ModuleNotFoundError("),
        ("same_digit", "String should match pattern"),
        ("", "String should match pattern"),
        (3, "Input should be a valid string"),
        (None, "Input should be a valid string"),
    ],
)
def test_a_question_that_is_not_there_gets_one_line(
    write: Write, target: Any, message: str
) -> None:
    write("return True")
    (line,) = problems(with_value(TARGET, target))
    assert line.startswith(f"pairs.target: {target!r}: {message}")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"name": "mnist"}, "data.own.name: mnist: is taken; choose another"),
        ({"name": "embedded"}, "data.own.name: embedded: is taken; choose another"),
        ({"name": "own"}, "data.own.name: own: is taken; choose another"),
        ({"name": "../x"}, "data.own.name: '../x': String should match pattern"),
        ({"side": 3}, "data.own.side: 3: Input should be greater than or equal to 4"),
        ({"classes": 1}, "data.own.classes: 1: Input should be greater than or equal to 2"),
        ({"channels": 2}, "data.own.channels: 2: Input should be 1 or 3"),
        ({"window": 0}, "data.own.window: 0: Input should be greater than or equal to 1"),
        ({"white": 0}, "data.own.white: 0: Input should be greater than 0"),
        ({"test_share": 0}, "data.own.test_share: 0: Input should be greater than 0"),
        ({"test_share": 1}, "data.own.test_share: 1: Input should be less than 1"),
        ({"checksum": "abc"}, "data.own.checksum: 'abc': String should match pattern"),
        ({"images": ""}, "data.own.images: '': String should have at least 1 character"),
        ({"images": "a\0b"}, "data.own.images: 'a\\x00b': String should match pattern"),
        ({"sides": 4}, "data.own.sides: unknown key; did you mean side?"),
    ],
)
def test_what_is_said_of_own_images_is_checked(change: Content, line: str) -> None:
    (found,) = problems(own(**change))
    assert found.startswith(line)


def test_own_images_and_their_source_go_together() -> None:
    content = own()
    content["data"]["source"] = "embedded"
    (line,) = problems(content)
    assert line.startswith("data.own: shapes: is not read where data.source is embedded; leave own")
    del content["data"]["own"]
    content["data"]["source"] = "own"
    (line,) = problems(content)
    assert line.startswith("data.own: missing; say of your images at least name, images, side and")
    content["data"] |= {"own": OWN, "folder": "/some/where"}
    (line,) = problems(content)
    assert line.startswith("data.folder: '/some/where': is not read where data.source is own")


@pytest.mark.parametrize("missing", ["name", "images", "side", "classes"])
def test_what_has_to_be_said_of_own_images_is_named(missing: str) -> None:
    content = own()
    content["data"]["own"] = {key: value for key, value in OWN.items() if key != missing}
    assert problems(content) == [f"data.own.{missing}: missing; it has to be set"]


def test_images_have_room_for_as_many_conv_layers_as_variants_and_grids_say() -> None:
    """Two take a side of 8 to 3 and then nowhere; three take one of 22 to 10, 4 and 1."""
    content = own(side=8)
    for variant in content["variants"].values():
        if "channels" in variant:
            variant["channels"] = [8]
    (line, *more) = problems(content)
    left = "images of 8x8 pixels leave no pixel after so many conv layers; choose fewer"
    assert line.startswith("search.grids.convnet")
    assert left in line
    assert [left in other for other in more if "siamese_convnet" in other] == [True]

    content = own(side=8)
    content["variants"]["convnet"]["channels"] = [8, 8]
    assert f"variants.convnet.channels: [8, 8]: {left}" in problems(content)
    content = own(side=22)
    content["variants"]["new"] = {"base": "convnet", "channels": [8, 8, 8]}
    assert resolve(check(content), "new").model.channels == (8, 8, 8)
    content["variants"]["new"]["channels"] = [8] * 4
    assert problems(content) == [
        "variants.new.channels: [8, 8, 8, 8]: " + left.replace("8x8", "22x22")
    ]


def test_a_stack_that_is_too_deep_for_small_images_is_named() -> None:
    layers = [{"channels": 4, "pool": "max"}] * 2
    content = with_value(
        ("variants", "stack"),
        {"family": "convstack", "options": {"layers": layers}, "learning_rate": 1e-3},
    )
    assert check(content).variants["stack"]
    content["data"] = {"source": "own", "folder": None, "own": OWN | {"side": 6}}
    lines = problems(content)
    assert any(line.startswith("variants.stack.options.layers.1") for line in lines)
