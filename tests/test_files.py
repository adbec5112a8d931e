"""Files that appear whole or not at all, with the rights that the umask leaves, in UTF-8."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitpairs.files import check_room, set_aside, write_text, written_whole
from project import ROOT


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_written_whole_holds_what_was_written(tmp_path: Path) -> None:
    write_text(tmp_path / "new" / "note.txt", "é\n")
    assert (tmp_path / "new" / "note.txt").read_bytes() == "é\n".encode()
    assert names(tmp_path / "new") == ["note.txt"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), written_whole(tmp_path / "note.txt") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert names(tmp_path) == []


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    write_text(tmp_path / "note.txt", "old")
    with pytest.raises(KeyboardInterrupt), written_whole(tmp_path / "note.txt") as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert names(tmp_path) == ["note.txt"]
    assert (tmp_path / "note.txt").read_text() == "old"


def test_a_file_is_replaced_not_written_through_its_links(tmp_path: Path) -> None:
    write_text(tmp_path / "cached.txt", "old")
    os.link(tmp_path / "cached.txt", tmp_path / "hard.txt")
    (tmp_path / "soft.txt").symlink_to("cached.txt")
    for name in ("hard.txt", "soft.txt"):
        write_text(tmp_path / name, "new")
        assert (tmp_path / name).read_text() == "new"
    assert (tmp_path / "cached.txt").read_text() == "old"


@pytest.fixture
def umask() -> Iterator[None]:
    """Leave the umask as it was."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(
    ("mask", "rights"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600), (0o000, 0o666)]
)
def test_a_file_has_the_rights_that_the_umask_leaves(
    mask: int, rights: int, tmp_path: Path
) -> None:
    os.umask(mask)
    write_text(tmp_path / "new.txt", "new")
    (tmp_path / "old.txt").touch(0o400)
    write_text(tmp_path / "old.txt", "new")
    for name in ("new.txt", "old.txt"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == rights
    assert os.umask(0o022) == mask  # and no thread ever saw another


def test_what_a_kill_leaves_is_hidden_and_keeps_the_ending(tmp_path: Path) -> None:
    with written_whole(tmp_path / "figure.svg") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".~figure-")
        assert temporary.suffix == ".svg"
        assert temporary.exists()
        temporary.write_bytes(b"")


def test_two_writers_of_a_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    with written_whole(path) as one, written_whole(path) as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert path.read_bytes() == b"one"  # the one that ended last
    assert names(tmp_path) == ["note.txt"]


def test_an_error_of_the_disk_names_the_file_that_was_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"file/note\.txt") as raised:
        write_text(tmp_path / "file" / "note.txt", "new")
    assert raised.value.filename == str(tmp_path / "file" / "note.txt")


def test_room_is_checked_without_a_trace(tmp_path: Path) -> None:
    check_room(tmp_path / "new")
    assert names(tmp_path / "new") == []
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        check_room(tmp_path / "file")


def test_what_is_set_aside_takes_the_first_free_name(tmp_path: Path) -> None:
    for text in ("first", "second", "third"):
        (tmp_path / "x.json").write_bytes(text.encode())
        set_aside(tmp_path / "x.json")
    assert names(tmp_path) == ["x.json.2.bad", "x.json.3.bad", "x.json.bad"]


# A call that opens a file, with its arguments.
CALL = re.compile(
    r"(\.(?:read|write)_text|(?<!os\.)(?<!Image\.)\bopen)(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))"
)


def in_the_locales_encoding(code: str) -> list[str]:
    """List the calls that read or write text as the locale says. `open` is one without a "b"."""
    return [
        name + arguments
        for name, arguments in CALL.findall(code)
        if "encoding=" not in arguments
        and not (name.endswith("open") and re.search(r"""["']\w*b\w*["']""", arguments))
    ]


SOURCES = [ROOT / "Snakefile", *(ROOT / "profiles").rglob("*.yaml")]
SOURCES += [
    file
    for folder in ("src", "workflow", "benchmarks")
    for ending in ("py", "smk")
    for file in (ROOT / folder).rglob(f"*.{ending}")
]


def test_text_is_read_and_written_as_utf_8() -> None:
    """Whatever the locale: a cluster's nodes may have another than the machine that submits."""
    found = {
        str(file.relative_to(ROOT)): in_the_locales_encoding(file.read_text(encoding="utf-8"))
        for file in SOURCES
    }
    assert {file: calls for file, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("path.read_text()", True),
        ('path.write_text("b")', True),
        ('path.open("w")', True),
        ("open(path)", True),
        ('path.read_text(encoding="utf-8")', False),
        ('path.write_text("b", encoding="utf-8")', False),
        ('path.write_text(\n    dump(list(x)),\n    encoding="utf-8",\n)', False),
        ("path.write_text(\n    dump(list(x)),\n)", True),
        ('path.open("wb")', False),
        ('open(path, "rb")', False),
        ('open(path, encoding="utf-8")', False),
        ("os.open(path, os.O_CREAT, 0o666)", False),
        ("Image.open(path)", False),
        ("write_text(path, text)", False),  # our own
    ],
)
def test_calls_in_the_locales_encoding_are_found(code: str, is_found: bool) -> None:
    assert bool(in_the_locales_encoding(code)) == is_found
