"""YAML is read as plain data, and whatever else it holds is refused with line and key."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from digitpairs.errors import ParamsError
from digitpairs.study import yamlfile
from project import ROOT


@pytest.mark.parametrize("name", ["params.yaml", "params.quick.yaml"])
def test_the_files_here_say_what_any_reader_finds_in_them(name):
    assert yamlfile.read(ROOT / name) == yaml.safe_load((ROOT / name).read_text())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("12", 12), ("-3", -3), ("0", 0), ("0.5", 0.5), ("1.0e-4", 1e-4), (".5", 0.5)],
        *[("true", True), ("False", False), ("~", None), ("null", None), ("", None)],
        # Text, in YAML 1.2; PyYAML alone takes these for true, 8, 90, 1000 and a date.
        *[(text, text) for text in ("yes", "010", "1:30", "1_000", "2001-01-01")],
        ("1" * 5000, "1" * 5000),
        ("[1, {a: b}]", [1, {"a": "b"}]),
    ],
)
def test_values_mean_what_they_mean_in_yaml_1_2(text, value):
    assert yamlfile.parse(f"key: {text}", "file") == {"key": value}


REFUSED = [
    ("a:\n  b: 1\n  c: 2\n  b: 3", r"line 4: a\.b: this key is given twice"),
    ("a: [{b: 1, b: 1}]", r"line 1: a\.0\.b: this key is given twice"),
    ("a: 1\nb: &x 2", r"line 2: b: & and \* are not allowed; write the value out, or use `base`"),
    ("a: *x", r"line 1: a: & and \* are not allowed"),
    ("&x a: 1", r"line 1: & and \* are not allowed"),
    ("a: {<<: {b: 1}}", r"line 1: a: << is not allowed"),
    ("a: !!python/object/apply:os.system [ls]", r"a: '!!python/object/apply:os\.system': tags"),
    ("a: !!str 1", r"a: '!!str': tags are not allowed"),
    ("a: !mine 1", r"a: '!mine': tags are not allowed"),
    ("a: ! 1", r"a: '!': tags are not allowed"),
    ("!!map {a: 1}", r"line 1: '!!map': tags are not allowed"),
    ("1: a", r"line 1: 1: a key has to be text; put it in quotes"),
    ("a: {null: 1}", r"line 1: a\.null: a key has to be text"),
    ("true: a", r"line 1: true: a key has to be text"),
    ("? [1]\n: a", r"line 1: a key has to be text, not a list or mapping"),
    ("a: 1\n---\nb: 1", r"line 2: cannot be read as YAML: expected a single document"),
    ("a: [", r"line 1: cannot be read as YAML: .*expected the node content"),
    ("a: b: c", r"line 1: cannot be read as YAML: mapping values are not allowed here"),
    ("\ta: 1", r"line 1: cannot be read as YAML: .*cannot start any token"),
    ("a: 1\nb: \x00", r"line 2: cannot be read as YAML: '\\x00': this character is not allowed"),
    ("a: 1\nb: \x1b[2J", r"line 2: cannot be read as YAML: '\\x1b': this character"),
    ("%YAML 9.1\n---\na: 1", r"line 1: cannot be read as YAML: found incompatible YAML"),
    ("a: " + "[" * 50_000, r"line 1: a\.0.*: is nested more than 20 levels deep"),
    ("a: " + "{a: " * 3_000, r"line 1: a\.a.*: is nested more than 20 levels deep"),
    ("- " * 3_000, r"line 1: 0.*: is nested more than 20 levels deep"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_not_plain_data_is_refused(text, message):
    with pytest.raises(ParamsError, match=f"^file, {message}|^file, line .*{message}") as caught:
        yamlfile.parse(text, "file")
    assert str(caught.value).isprintable() and len(str(caught.value)) < 500


def test_no_text_is_multiplied():
    """Billion laughs: each line is the one before, nine times."""
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(ParamsError, match="line 1: a0: & and"):
        yamlfile.parse("\n".join(lines), "file")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "None: has to be a mapping"),
        (b"- 1", r"\[1\]: has to be a mapping"),
        (b"text", "'text': has to be a mapping"),
        (b"a: 1\nb: \xff", "line 2: cannot be read: this is not UTF-8"),
        ("a: 1".encode("utf-16"), "line 1: cannot be read: this is not UTF-8"),
        (b"# " + b"x" * 200_000, "is larger than 200,000 bytes"),
    ],
)
def test_a_file_of_anything_else_is_named(tmp_path, content, message):
    (tmp_path / "params.yaml").write_bytes(content)
    with pytest.raises(ParamsError, match=rf"params\.yaml.*{message}"):
        yamlfile.read(tmp_path / "params.yaml")


def test_a_folder_a_device_and_nothing_are_named(tmp_path):
    with pytest.raises(ParamsError, match=r"cannot be read: .*Is a directory"):
        yamlfile.read(tmp_path)
    with pytest.raises(ParamsError, match="/dev/zero: is larger than"):
        yamlfile.read(Path("/dev/zero"))
    with pytest.raises(ParamsError, match=r"absent\.yaml: no such file"):
        yamlfile.read(tmp_path / "absent.yaml")
    with pytest.raises(ParamsError, match="cannot be read: embedded null byte"):
        yamlfile.read(Path("a\0b"))


# What reads a file as code or as objects.
UNSAFE_MODULES = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
UNSAFE_CALLS = {
    *("torch.load", "torch.save", "eval", "exec", "yaml.load", "yaml.load_all"),
    *("yaml.full_load", "yaml.unsafe_load", "yaml.dump"),
    *("pd.read_pickle", "np.save"),
}


def unsafe(source):
    """List the modules and calls in Python source that are not for files from elsewhere."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names if name.name in UNSAFE_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module in UNSAFE_MODULES:
            found.append(node.module)
        elif isinstance(node, ast.Call):
            found += [ast.unparse(node.func)] if ast.unparse(node.func) in UNSAFE_CALLS else []
            found += [key.arg for key in node.keywords if key.arg == "allow_pickle"]
    return found


def test_what_is_unsafe_is_seen():
    assert unsafe("import pickle") == unsafe("from pickle import load") == ["pickle"]
    assert unsafe("torch.load(x, weights_only=True)") == ["torch.load"]
    assert unsafe("np.load(x, allow_pickle=True)") == ["allow_pickle"]


def test_no_file_is_read_as_code_or_objects():
    modules = sorted((ROOT / "src").rglob("*.py"))
    rules = [ROOT / "Snakefile", *sorted((ROOT / "workflow").rglob("*.smk"))]
    assert len(modules) > 50 and len(rules) > 1
    assert [path for path in modules if unsafe(path.read_text())] == []
    words = re.compile(rf"\b({'|'.join(UNSAFE_MODULES)})\b|torch\.(load|save)|yaml\.load")
    # Snakemake's own way to read a config file runs Python in it.
    assert [path.name for path in rules if words.search(path.read_text())] == []
    assert [path for path in rules if re.search("^configfile:", path.read_text(), re.M)] == []
