"""Params are read from a file, and whatever is wrong gets a line that names the key."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from contents import (
    LEAVES,
    MISSING,
    QUICK,
    SECTIONS,
    Key,
    junk,
    problems,
    section_at,
    with_value,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digitpairs.errors import ParamsError
from digitpairs.study.load import check, load
from digitpairs.study.schema import Params
from project import ROOT

Outcome = Params | str
Read = Callable[[str | bytes], Outcome]

TEXT = (ROOT / "params.quick.yaml").read_text(encoding="utf-8")
LINES = TEXT.splitlines()
# Lines of a key and its value, such as `  epochs: 3`.
VALUED = [number for number, line in enumerate(LINES) if re.match(r" +[a-z_]+: [^ #]", line)]
few = settings(max_examples=60)


def keys(value: Any) -> Any:
    """The structure of nested mappings; lists and leaves left out."""
    return {key: keys(item) for key, item in value.items()} if isinstance(value, dict) else None


def test_both_params_files_have_the_same_keys_but_for_variants_and_groups_left_out(
    full_params: Params, paper_params: Params
) -> None:
    full, quick = keys(yaml.safe_load((ROOT / "params.yaml").read_text())), keys(QUICK)
    for name in full_params.search.grids.keys() - paper_params.search.grids.keys():
        del full["search"]["grids"][name]
    for name in full_params.studies.keys() - paper_params.studies.keys():
        del full["studies"][name]
    assert full["variants"].items() > quick["variants"].items()
    assert full | {"variants": None} == quick | {"variants": None}


def test_params_say_what_the_file_says(full_params: Params) -> None:
    assert full_params.training.seeds == 15
    assert full_params.search.grids["siamese_convnet"].learning_rate[-1] == 1e-2
    assert full_params.studies["table3"].kind == "accuracies"


def test_checked_params_check_again(quick_params: Params) -> None:
    assert check(quick_params.model_dump()) == quick_params


@pytest.mark.parametrize(("text", "rate"), [("1e-4", 1e-4), ("1.0e-4", 1e-4), ("1", 1.0)])
def test_numbers_are_read_as_people_write_them(tmp_path: Path, text: str, rate: float) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(with_value(("variants", "mlp", "learning_rate"), "RATE")))
    path.write_text(path.read_text().replace("RATE", text))
    assert load(path).variants["mlp"].learning_rate == rate


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"absent\.yaml: no such file; give one with --params"):
        load(tmp_path / "absent.yaml")


UNKNOWN_KEYS: list[tuple[Key, str]] = [
    (("trainings",), "training"),
    (("training", "epoch"), "epochs"),
    (("data", "sources"), "source"),
    (("search", "fold"), "folds"),
    (("search", "grids", "mlp", "hiden"), "hidden"),
    (("variants", "mlp", "leaning_rate"), "learning_rate"),
    (("studies", "figure3", "variant"), "variants"),
    (("execution", "thread"), "threads"),
]


@pytest.mark.parametrize(("path", "nearest"), UNKNOWN_KEYS)
def test_an_unknown_key_is_named_with_the_nearest_and_all_known(path: Key, nearest: str) -> None:
    (line,) = problems(with_value(path, 1))
    assert line.startswith(f"{'.'.join(map(str, path))}: unknown key; did you mean {nearest}?")
    assert all(key in line for key in section_at(path[:-1]))


def test_a_key_like_no_other_gets_no_suggestion() -> None:
    (line,) = problems(with_value(("data", "zzz"), 1))
    assert "did you mean" not in line
    assert "known: source, folder" in line


def test_keys_that_are_no_text_are_refused() -> None:
    (line,) = problems(with_value(("training", 1), 2))
    assert line == "training.1: 1: Keys should be strings"


@pytest.mark.parametrize(
    "path",
    [
        ("data", "source"),
        ("pairs",),
        ("training", "seeds"),
        ("search", "grids"),
        ("search", "grids", "mlp", "hidden"),
        ("studies", "figure3", "kind"),
        ("execution", "device"),
    ],
)
def test_a_missing_key_is_named(path: Key) -> None:
    assert f"{'.'.join(map(str, path))}: missing; it has to be set" in problems(
        with_value(path, MISSING)
    )


def test_everything_wrong_is_said_at_once() -> None:
    content = with_value(("training", "epochs"), 0)
    content["training"]["seed"] = 3
    content["variants"]["mlp"]["learning_rate"] = "fast"
    assert [line.split(":")[0] for line in problems(content)] == [
        "training.epochs",
        "training.seed",
        "variants.mlp.learning_rate",
    ]


def test_of_many_things_wrong_the_first_are_listed() -> None:
    extra = {f"key{number}": 0 for number in range(1_030)}
    lines = problems(with_value(("training",), QUICK["training"] | extra))
    assert lines[0].startswith("training.key0: unknown key")
    assert len(lines) == 21
    assert lines[-1] == "and 1,010 more"


@pytest.mark.parametrize("content", [None, [], "params", 3])
def test_params_that_are_no_mapping_are_refused(content: Any) -> None:
    (line,) = problems(content)
    assert line.startswith(f"params: {content!r}: ")


def refused_or_sound(content: Any) -> None:
    """Whatever the content: Params, or a message."""
    try:
        assert isinstance(check(content), Params)
    except ParamsError as error:
        assert str(error).startswith("params that cannot be used:\n  ")


@given(st.sampled_from(LEAVES), junk)
def test_junk_in_place_of_a_value_never_ends_in_a_traceback(path: Key, value: Any) -> None:
    refused_or_sound(with_value(path, value))


@given(st.sampled_from(SECTIONS), junk)
def test_junk_in_place_of_a_section_never_ends_in_a_traceback(path: Key, value: Any) -> None:
    refused_or_sound(with_value(path, value))


@given(st.sampled_from(SECTIONS), st.text(), junk)
def test_a_key_too_many_never_ends_in_a_traceback(path: Key, key: str, value: Any) -> None:
    section = section_at(path)
    is_mapping = isinstance(section, dict)
    refused_or_sound(with_value(path, section | {key: value} if is_mapping else MISSING))


@given(junk)
def test_junk_in_place_of_all_params_is_refused(value: Any) -> None:
    with pytest.raises(ParamsError, match="params that cannot be used"):
        check(value)


# The same of files, in which more can be wrong.


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Load a file of these bytes: the Params, or the message that they cannot be used."""
    path = tmp_path_factory.mktemp("hostile") / "params.yaml"

    def outcome(content: str | bytes) -> Outcome:
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        try:
            params = load(path)
        except ParamsError as error:
            message = str(error)
            assert all(line.isprintable() for line in message.split("\n"))
            assert max(map(len, message.split("\n"))) < 800 and message.count("\n") < 25
            return message
        assert isinstance(params, Params)
        return params

    return outcome


def dumped(content: Any) -> str:
    return str(yaml.dump(content, sort_keys=False))  # with tags and anchors where it needs them


@few
@given(st.sampled_from([*LEAVES, *SECTIONS]), junk)
@example(("training", "epochs"), "x" * 100_000)
@example(("training", "epochs"), list(range(10_000)))
@example(("training",), {str(number): number for number in range(10_000)})
@example(("studies", "figure1", "variants"), ["m" * 1000] * 1000)
def test_junk_in_any_place_of_a_file(read: Read, path: Key, value: Any) -> None:
    read(dumped(with_value(path, value)))


def is_number(path: Key) -> bool:
    value = section_at(path)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


NUMBERS = [path for path in LEAVES if is_number(path)]
WRONG_NUMBERS = st.one_of(
    st.sampled_from([".nan", ".inf", "-.inf", "-1", "-0.5", "true", "[]", "{}", "''", "many"]),
    st.sampled_from(
        ["1" * 30, "1" * 5000, "1e400", "2001-01-01", "0x10", "1:30", "1_0", "x" * 9999]
    ),
    st.text("abcxyz \\", min_size=1).map(lambda text: f"'{text}'"),
    st.integers(min_value=10**12).map(str),
    st.integers(max_value=-1).map(str),
)


@few
@given(st.sampled_from(NUMBERS), WRONG_NUMBERS)
def test_a_number_that_is_none_or_out_of_bounds_is_named(read: Read, path: Key, wrong: str) -> None:
    text = dumped(with_value(path, "WRONG")).replace("WRONG", wrong)
    assert f"  {'.'.join(map(str, path))}: " in str(read(text))


@few
@given(st.sampled_from(SECTIONS), st.text())
@example(("training",), "epochs\n")
@example(("training",), "x" * 50_000)
@example(("variants",), "../../evil")
@example(("variants",), "x" * 65)
@example(("search", "grids"), "a")
@example(("studies",), "a/b")
@example(("studies",), "..")
@example(("studies",), "/etc/passwd")
@example(("studies",), "-rf")
@example(("studies",), "A\0")
def test_a_key_too_many_is_named(read: Read, path: Key, key: str) -> None:
    section = section_at(path)
    if isinstance(section, list) or key in section:
        return
    message = read(dumped(with_value(path, section | {key: {"base": "mlp"}})))
    if isinstance(message, Params):
        assert path in (("variants",), ("search", "grids"))
        assert re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", key)
    else:
        assert ".".join(map(str, path)) in message
        assert len(key) > 60 or key in message or repr(key) in message


BREAKS = {
    "{indent}{key}: {value}\n{line}": "is given twice",
    "{indent}{key}: &a {value}": "& and *",
    "{indent}{key}: *a": "& and *",
    "{indent}{key}: !!python/object/apply:os.system [id]": "!!python/object/apply:os.system",
    "{indent}{key}: !x {value}": "'!x': tags are not allowed",
    "{line}\n{indent}<<: {{}}": "<< is not allowed",
    "{line}\n{indent}1: 2": "a key has to be text",
    "{line}\n{indent}null: 2": "a key has to be text",
    "{indent}{key}: " + "[" * 2000: "levels deep",
}


@few
@given(st.sampled_from(VALUED), st.sampled_from(sorted(BREAKS)))
def test_yaml_that_is_no_plain_data_is_named_with_line_and_key(
    read: Read, number: int, form: str
) -> None:
    line = LINES[number]
    key, _, value = line.strip().partition(": ")
    indent = line[: len(line) - len(line.lstrip())]
    broken = form.format(indent=indent, key=key, value=value, line=line)
    message = str(read("\n".join([*LINES[:number], broken, *LINES[number + 1 :]])))
    below = form.startswith(("{line}", "{indent}{key}: {value}"))
    assert f"params.yaml, line {number + 1 + below}: " in message
    assert BREAKS[form] in message
    assert "{line}\n" in form or key in message


@few
@given(st.integers(0, len(TEXT) - 1), st.binary(min_size=1))
@example(40, b"\xff")
@example(40, b"\x00")
@example(0, b"\xef\xbb\xbf")
def test_bytes_put_anywhere(read: Read, place: int, noise: bytes) -> None:
    whole = TEXT.encode("utf-8")
    read(whole[:place] + noise + whole[place:])


@few
@given(st.integers(0, len(TEXT) - 1))
def test_a_file_cut_short(read: Read, end: int) -> None:
    read(TEXT[:end])


@few
@given(st.binary())
def test_bytes_that_are_no_params(read: Read, content: bytes) -> None:
    assert isinstance(read(content), str)
