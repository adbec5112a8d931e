"""A folder that is named holds MNIST, and what lies in `data/raw` agrees, or nothing runs."""

import gzip
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from digitpairs.digits import choice, fetch, folder
from digitpairs.digits.choice import VARIABLE, named_folder, notice
from digitpairs.digits.own import OwnImages
from digitpairs.digits.source import SourceError

Files = dict[str, bytes]
Put = Callable[..., Path]
TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw"


@pytest.fixture
def good(tmp_path: Path, mnist: Files, put: Put) -> Path:
    """A folder of what is taken for MNIST."""
    return put(tmp_path / "good", mnist)


@pytest.fixture(params=["data.folder", VARIABLE])
def ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, raw: Path) -> Callable:
    """Name a folder by the params or by the variable, for a source."""

    def ask(path: Path, source: str = "auto") -> Path | None:
        if request.param == "data.folder":
            return named_folder(source, str(path), raw)
        monkeypatch.setenv(VARIABLE, str(path))
        return named_folder(source, None, raw)

    ask.key = request.param  # type: ignore[attr-defined]
    return ask


def holds(raw: Path, name: str, good: Path) -> None:
    """Let `raw` hold MNIST, or the embedded digits."""
    fetch.fetch(raw, "folder" if name == "mnist" else name, good, print)


@pytest.mark.parametrize("source", ["auto", "folder"])
@pytest.mark.parametrize("held", ["mnist", None])
def test_a_folder_of_mnist_is_taken(
    ask: Callable, raw: Path, good: Path, source: str, held: str | None
) -> None:
    if held:
        holds(raw, held, good)
    assert ask(good, source) == good


@pytest.mark.parametrize("source", ["auto", "folder"])
@pytest.mark.parametrize("held", ["mnist", "embedded", None])
@pytest.mark.parametrize(
    ("bad", "wrong"),
    [
        ("nowhere", "no such folder"),
        ("lacking", f"lacks {TRAIN_LABELS}"),
        ("others", f"{TRAIN_IMAGES} has MD5 .*, expected .*: not the known file"),
        ("damaged", rf"cannot read {TRAIN_IMAGES}\.gz: .*"),
    ],
)
def test_a_named_folder_without_mnist_is_an_error_that_says_all(
    tmp_path: Path,
    mnist: Files,
    embedded: Files,
    good: Path,
    put: Put,
    ask: Callable,
    raw: Path,
    held: str | None,
    source: str,
    bad: str,
    wrong: str,
) -> None:
    if held:
        holds(raw, held, good)
    put(tmp_path / "others", embedded)
    put(tmp_path / "lacking", {name: mnist[name] for name in mnist if name != TRAIN_LABELS})
    packed = put(tmp_path / "damaged", mnist, packed=True) / f"{TRAIN_IMAGES}.gz"
    packed.write_bytes(packed.read_bytes()[:-20])

    path = tmp_path / bad
    unset = {VARIABLE: f"unset {VARIABLE}", "data.folder": "set data.folder to null"}[ask.key]
    keep = {
        "mnist": f" to keep full MNIST in {raw}",
        "embedded": f" to keep the 5,000 embedded digits in {raw}",
        None: "",
    }[held]
    message = (
        f"{ask.key}: '{path}': {wrong}; name the folder of MNIST's four files, gzipped or not, "
        f"or {unset}{keep}"
    )
    with pytest.raises(SourceError, match=f"^{message}$"):
        ask(path, source)


def test_mnist_beside_embedded_digits_is_an_error_with_the_command_that_ends_it(
    tmp_path: Path, good: Path, ask: Callable
) -> None:
    raw = tmp_path / "raw"
    holds(raw, "embedded", good)
    with pytest.raises(SourceError) as caught:
        ask(good)
    message = str(caught.value)
    assert message.startswith(
        f"{ask.key}: '{good}': is full MNIST, but {raw} holds the 5,000 embedded digits; "
    )
    (command,) = re.findall("`(.*)`", message)
    subprocess.run(command, shell=True, check=True, cwd="/")
    assert not raw.exists()
    assert ask(good) == good


def test_embedded_digits_do_not_replace_mnist_unless_its_folder_is_removed(
    raw: Path, good: Path
) -> None:
    holds(raw, "mnist", good)
    with pytest.raises(SourceError) as caught:
        named_folder("embedded", None, raw)
    command = f"rm -r {raw}"
    assert str(caught.value) == (
        f"data.source: 'embedded': {raw} holds full MNIST; to replace it: `{command}`, then the "
        "same command; to keep it: set data.source to auto"
    )
    subprocess.run(command, shell=True, check=True)
    assert named_folder("embedded", None, raw) is None


SHAPES = OwnImages(name="shapes", images="", side=28, classes=10)


@pytest.fixture
def own(tmp_path: Path, mnist: Files, put: Put) -> OwnImages:
    """Images of the user's own, in MNIST's format."""
    return replace(SHAPES, images=str(put(tmp_path / "own", mnist)))


@pytest.mark.parametrize(
    ("source", "held", "said", "keep"),
    [
        ("own", "mnist", "full MNIST", "auto"),
        ("own", "embedded", "the 5,000 embedded digits", "embedded"),
        ("auto", "own", "the images shapes", "own"),
        ("folder", "own", "the images shapes", "own"),
        ("torchvision", "own", "the images shapes", "own"),
        ("embedded", "own", "the images shapes", "own"),
    ],
)
def test_images_of_another_kind_are_replaced_only_where_their_folder_is_removed(
    raw: Path, good: Path, own: OwnImages, source: str, held: str, said: str, keep: str
) -> None:
    if held == "own":
        fetch.fetch(raw, "own", None, print, own)
    else:
        holds(raw, held, good)
    before = choice.lies_in(raw)
    folder = str(good) if source == "folder" else None
    with pytest.raises(SourceError) as caught:
        named_folder(source, folder, raw)
    assert str(caught.value) == (
        f"data.source: {source!r}: {raw} holds {said}; to replace it: `rm -r {raw}`, then the same "
        f"command; to keep it: set data.source to {keep}"
    )
    assert choice.lies_in(raw) == before
    subprocess.run(f"rm -r {raw}", shell=True, check=True)
    assert named_folder(source, folder, raw) == (good if folder else None)


def test_own_images_are_kept_where_they_are_asked_for(raw: Path, own: OwnImages) -> None:
    assert named_folder("own", None, raw) is None
    fetch.fetch(raw, "own", None, print, own)
    assert named_folder("own", None, raw) is None
    assert choice.lies_in(raw) == "shapes"
    assert notice("own", None, raw) is None


def test_the_command_is_right_wherever_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a place").mkdir()
    monkeypatch.chdir(tmp_path / "a place")
    assert choice.removal(Path("data/raw")) == f"rm -r '{tmp_path}/a place/data/raw'"


def test_the_variable_goes_before_the_params(
    tmp_path: Path, raw: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(good))
    assert named_folder("auto", "/nowhere", raw) == good
    monkeypatch.setenv(VARIABLE, "")
    assert named_folder("auto", str(good), raw) == good


@pytest.mark.parametrize(
    ("source", "held"),
    [
        *(("torchvision", held) for held in ("mnist", "embedded", None)),
        *(("embedded", held) for held in ("embedded", None)),
    ],
)
def test_other_sources_take_no_folder(
    monkeypatch: pytest.MonkeyPatch, raw: Path, good: Path, source: str, held: str | None
) -> None:
    if held:
        holds(raw, held, good)
    monkeypatch.setenv(VARIABLE, "/nowhere")
    assert named_folder(source, None, raw) is None


def test_nothing_named_is_right_unless_the_source_is_a_folder(raw: Path, good: Path) -> None:
    assert named_folder("auto", None, raw) is None
    message = r"^data\.source: 'folder': no folder is named; set data\.folder or DIGITPAIRS_MNIST"
    with pytest.raises(SourceError, match=message):
        named_folder("folder", None, raw)
    holds(raw, "embedded", good)
    assert named_folder("auto", None, raw) is None
    with pytest.raises(SourceError, match=message):
        named_folder("folder", None, raw)
    holds(raw, "mnist", good)
    assert named_folder("folder", None, raw) is None


@pytest.mark.parametrize("name", ["DIGITPAIRS_MINST", "DIGIT_PAIRS_MNIST", "digitpairs_mnist"])
def test_a_mistyped_variable_is_an_error_where_nothing_else_is_named(
    monkeypatch: pytest.MonkeyPatch, raw: Path, good: Path, name: str
) -> None:
    monkeypatch.setenv(name, str(good))
    with pytest.raises(SourceError, match=f"^{name}: unknown .*; did you mean {VARIABLE}"):
        named_folder("auto", None, raw)
    assert named_folder("embedded", None, raw) is None
    assert named_folder("auto", str(good), raw) == good
    holds(raw, "mnist", good)
    assert named_folder("auto", None, raw) is None


def test_the_other_variable_is_no_mistyped_one(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITPAIRS_PARAMS", "params.yaml")
    assert named_folder("auto", None, raw) is None


@pytest.mark.parametrize("packed", [False, True])
def test_where_mnist_lies_in_raw_the_images_are_not_read(
    tmp_path: Path,
    mnist: Files,
    raw: Path,
    good: Path,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
    packed: bool,
) -> None:
    place = put(tmp_path / "folder", mnist, packed)
    holds(raw, "mnist", good)
    read, names = folder.read, []

    def noted(of: Path, name: str) -> bytes:
        names.append(name)
        return read(of, name)

    monkeypatch.setattr(folder, "read", noted)
    assert named_folder("auto", str(place), raw) == place
    assert names == [TRAIN_LABELS, "t10k-labels-idx1-ubyte"]


def test_mnist_that_a_look_does_not_know_is_read(
    tmp_path: Path, mnist: Files, raw: Path, good: Path, put: Put
) -> None:
    """A gzipped file of two members ends with the size of the last."""
    holds(raw, "mnist", good)
    place = put(tmp_path / "folder", mnist, packed=True)
    images = mnist[TRAIN_IMAGES]
    members = gzip.compress(images[:1000], 1) + gzip.compress(images[1000:], 1)
    (place / f"{TRAIN_IMAGES}.gz").write_bytes(members)
    assert not folder.seems_mnist(place)
    assert named_folder("auto", str(place), raw) == place


def test_embedded_digits_are_noticed(
    raw: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert notice("embedded", None, raw) == (
        "Digits: the 5,000 embedded digits, not full MNIST (data.source: embedded)"
    )
    assert str(notice("auto", None, raw)).startswith(f"Digits: none in {raw} yet and no folder")
    assert notice("torchvision", None, raw) is None
    assert notice("auto", str(good), raw) is None

    holds(raw, "embedded", good)
    warning = str(notice("auto", None, raw))
    assert warning.startswith(f"WARNING: {raw} holds the 5,000 EMBEDDED digits, not full MNIST. ")
    assert f"`rm -r {raw}`, then the same command" in warning
    assert "\n" not in warning

    shutil.rmtree(raw)
    holds(raw, "mnist", good)
    assert notice("auto", None, raw) is None
    monkeypatch.setenv(VARIABLE, str(good))
    assert notice("auto", None, raw) is None


def test_real_mnist_is_checked_in_less_than_a_tenth_of_a_second(
    tmp_path: Path, raw: Path, mnist_folder: Path
) -> None:
    """Counted in bytes that are read, since another process may take the time."""
    holds(raw, "mnist", mnist_folder)
    count = 0
    read = folder.read

    def counted(of: Path, name: str) -> bytes:
        nonlocal count
        content = read(of, name)
        count += len(content)
        return content

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "read", counted)
        assert named_folder("auto", str(mnist_folder), raw) == mnist_folder
    assert count < 100_000
