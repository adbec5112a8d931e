"""Params files broken in every way: a short message that names the key, never a traceback."""

import os
import re
import subprocess
from copy import deepcopy

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_params import QUICK, junk, leaves, sections, with_value

from digitpairs.errors import ParamsError
from digitpairs.pipeline import handover
from digitpairs.study.kinds import FIXED_FIGURES
from digitpairs.study.load import check, load
from digitpairs.study.schema import Params
from project import ROOT

TEXT = (ROOT / "params.quick.yaml").read_text()
LINES = TEXT.splitlines()
# Lines of a key and its value, such as `  epochs: 3`.
VALUED = [number for number, line in enumerate(LINES) if re.match(r" +[a-z_]+: [^ #]", line)]
few = settings(max_examples=60)


def number_at(path):
    value = QUICK
    for key in path:
        value = value[key]
    return isinstance(value, (int, float)) and not isinstance(value, bool)


NAMES = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,20}", fullmatch=True)
NUMBERS = [path for path in leaves(QUICK) if number_at(path)]


@pytest.fixture(scope="session")
def read(tmp_path_factory):
    """Load a file of these bytes: the Params, or the message that they cannot be used."""
    path = tmp_path_factory.mktemp("hostile") / "params.yaml"

    def outcome(content):
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


def dumped(content):
    return yaml.dump(content, sort_keys=False)  # with tags and anchors where it comes to them


@few
@given(st.sampled_from([*leaves(QUICK), *sections]), junk)
@example(("training", "epochs"), "x" * 100_000)
@example(("training", "epochs"), list(range(10_000)))
@example(("training",), {str(number): number for number in range(10_000)})
@example(("studies", "figure1", "variants"), ["m" * 1000] * 1000)
def test_junk_in_any_place(read, path, value):
    read(dumped(with_value(path, value)))


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
def test_a_number_that_is_none_or_out_of_bounds_is_named(read, path, wrong):
    text = dumped(with_value(path, "WRONG")).replace("WRONG", wrong)
    assert f"  {'.'.join(map(str, path))}: " in read(text)


@few
@given(st.sampled_from(sections), st.text())
@example(("training",), "epochs\n")
@example(("training",), "x" * 50_000)
@example(("variants",), "../../evil")
@example(("variants",), "x" * 65)
@example(("studies",), "a/b")
@example(("studies",), "..")
@example(("studies",), "/etc/passwd")
@example(("studies",), "-rf")
@example(("studies",), "A\0")
def test_a_key_too_many_is_named(read, path, key):
    section = deepcopy(QUICK)
    for step in path:
        section = section[step]
    if isinstance(section, list) or key in section:
        return
    message = read(dumped(with_value(path, section | {key: {"base": "mlp"}})))
    place = ".".join(map(str, path))
    if isinstance(message, Params):
        assert path == ("variants",) and re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", key)
    else:
        assert place in message
        assert len(key) > 60 or key in message or repr(key) in message


@pytest.mark.parametrize("name", FIXED_FIGURES)
def test_no_study_shares_its_files_with_another_product(name):
    study = QUICK["studies"]["figure1"]
    with pytest.raises(ParamsError, match=f"studies.{name}: this name is taken"):
        check(with_value(("studies", name), study))


BREAKS = {
    "{indent}{key}: {value}\n{line}": "stands twice",
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
def test_yaml_that_is_no_plain_data_is_named_with_line_and_key(read, number, form):
    line = LINES[number]
    key, _, value = line.strip().partition(": ")
    indent = line[: len(line) - len(line.lstrip())]
    broken = form.format(indent=indent, key=key, value=value, line=line)
    message = read("\n".join([*LINES[:number], broken, *LINES[number + 1 :]]))
    at = number + 1 + form.startswith("{line}") + ("twice" in BREAKS[form])
    assert f"params.yaml, line {at}: " in message
    assert BREAKS[form] in message
    assert "{line}\n" in form or f"{key}" in message


@few
@given(st.integers(0, len(TEXT) - 1), st.binary(min_size=1))
@example(40, b"\xff")
@example(40, b"\x00")
@example(0, b"\xef\xbb\xbf")
def test_bytes_put_anywhere(read, place, noise):
    whole = TEXT.encode("utf-8")
    read(whole[:place] + noise + whole[place:])


@few
@given(st.integers(0, len(TEXT) - 1))
def test_a_file_cut_short(read, end):
    read(TEXT[:end])


@few
@given(st.binary())
def test_bytes_that_are_no_params(read, content):
    assert isinstance(read(content), str)


def test_lists_are_counted_before_anything_is_listed(read):
    """A grid of 10 to the 16 configurations."""
    path = ("search", "grids", "mlp", "hidden")
    message = read(dumped(with_value(path, [list(range(1, 101)) for _ in range(8)])))
    assert "search.grids.mlp: makes 10,000,000,000,000,000 configurations" in message


def test_a_variant_shown_twice_is_named(read):
    message = read(dumped(with_value(("studies", "figure1", "variants"), ["mlp", "mlp"])))
    assert "studies.figure1.variants: 'mlp': stands twice" in message


@pytest.mark.parametrize(
    "title", ["", "two\nlines", "\x1b[31m", "\x00", "\u202ereversed", "x" * 101]
)
def test_a_title_is_one_short_printable_line(read, title):
    assert "studies.figure1.title: " in read(
        dumped(with_value(("studies", "figure1", "title"), title))
    )


@pytest.mark.parametrize("folder", ["", "a\0b", "a\nb", "\ud800", "x" * 5000])
def test_a_folder_is_a_path(read, folder):
    assert "data.folder: " in read(dumped(with_value(("data", "folder"), folder)))


@few
@given(
    st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,20}", fullmatch=True), st.text(min_size=1, max_size=100)
)
@example("1e5", "1e5")
@example("010", "yes")
@example("1.5", "2001-01-01")
@example("0x1f", "a: b # c")
def test_what_the_workflow_writes_for_its_jobs_reads_the_same(tmp_path_factory, name, title):
    content = with_value(("variants", name), {"base": "mlp"})
    content["studies"]["figure1"] |= {"title": title, "variants": [name]}
    content["data"]["folder"] = title
    try:
        params = check(content)
    except ParamsError:
        return
    assert load(handover.write_params(params, tmp_path_factory.mktemp("plan"))) == params


# The real command, in a directory where nothing but params.yaml and an old product lies.


def snakemake(directory, *arguments):
    done = subprocess.run(
        ["snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "1", *arguments],
        cwd=directory,
        env={**os.environ, "COLUMNS": "200"},
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout


def contents(directory):
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and ".snakemake" not in path.parts
    }


BROKEN = [
    (
        TEXT.replace("seeds: 3", "seeds: 3\n  seeds: 9"),
        "line 13: training.seeds: this key stands tw",
    ),
    (
        TEXT.replace("seeds: 3", "seeds: !!python/name:os.x 1"),
        "training.seeds: '!!python/name:os.x'",
    ),
    (
        TEXT.replace("seeds: 3", "seeds: '\xff'").encode("latin-1"),
        "line 12: cannot be read: this is",
    ),
    (TEXT.replace("figure1:", "../../figure1:"), "studies.../../figure1: '../../figure1': "),
    (None, "params.yaml: no such file"),
]


@pytest.mark.workflow
@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_snakemake_stops_before_it_makes_or_touches_anything(tmp_path, text, message):
    product = tmp_path / "reports/figures/figure1.pdf"
    product.parent.mkdir(parents=True)
    product.write_text("old")
    if text is not None:
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "params.yaml").write_bytes(content)
    before = contents(tmp_path)
    status, printed = snakemake(tmp_path)
    assert status != 0
    assert message in printed
    assert "Traceback" not in printed and 'File "' not in printed
    assert contents(tmp_path) == before


@pytest.mark.workflow
def test_snakemake_takes_params_set_for_once(tmp_path):
    given = ("--configfile", ROOT / "params.quick.yaml", "--config")
    status, printed = snakemake(tmp_path, "--dry-run", *given, "set=training.epochs=4 seeds=5")
    assert status == 0, printed
    (used,) = (tmp_path / "data/plan").glob("params-*")
    training = load(used).training
    assert (training.epochs, training.seeds) == (4, 5)


@pytest.mark.workflow
def test_snakemake_refuses_what_cannot_be_set(tmp_path):
    given = ("--configfile", ROOT / "params.quick.yaml", "--config")
    status, printed = snakemake(tmp_path, *given, "set=epochs=4")
    assert status != 0
    assert "can be any of training.epochs, search.epochs" in printed
    assert "Traceback" not in printed and 'File "' not in printed
    assert contents(tmp_path) == {}
