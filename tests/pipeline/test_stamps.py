"""Stamps: whatever happens to a product or its stamp is noticed, and never a reason to crash."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitpairs import identity
from digitpairs.errors import UserError
from digitpairs.identity import fingerprint
from digitpairs.pipeline import stamps
from digitpairs.pipeline.step import Step, stamp_path

Damage = Callable[[Path], object]
CHAIN: Mapping[str, Step] = {
    "mill": Step(("flour", "bran"), (), "fine", ("pairs/sizes.py",)),
    "bakery": Step(("bread",), ("flour",), "180 °C", ("pairs/sizes.py",)),
}


def do(name: str) -> None:
    with stamps.stamped(CHAIN, name):
        for output in CHAIN[name].outputs:
            Path(output).write_text(f"good {output}")


@pytest.fixture(autouse=True)
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both steps, done in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    for name in CHAIN:
        do(name)


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def flip_a_bit(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"o", b"n", 1))


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def put_a_link_to_itself(path: Path) -> None:
    """What even root cannot read."""
    path.unlink()
    path.symlink_to(path)


def write(text: str) -> Damage:
    return lambda path: path.write_text(text)


DAMAGES = [remove, empty, truncate, flip_a_bit, put_a_folder, put_a_link_to_itself]
NO_STAMPS = ["\0", "3", "[]", "{}", '"digest"', '{"digest": 1, "inputs": null, "outputs": null}']


def due() -> list[str]:
    return [name for name in CHAIN if stamps.due(CHAIN, name)]


def test_what_was_done_is_not_due() -> None:
    assert due() == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_product_is_made_again_and_what_was_made_from_it_still_holds(
    damage: Damage,
) -> None:
    damage(Path("flour"))
    assert due() == ["mill"]


@pytest.mark.parametrize("damage", [empty, truncate, flip_a_bit, put_a_folder])
def test_what_is_there_but_not_as_written_is_altered(damage: Damage) -> None:
    damage(Path("flour"))
    assert stamps.altered("mill") == ["flour"]


def test_a_missing_product_is_not_altered() -> None:
    Path("flour").unlink()
    assert stamps.altered("mill") == []


@pytest.mark.parametrize("damage", [*DAMAGES, *map(write, NO_STAMPS)])
def test_a_step_with_a_broken_stamp_is_done_again(damage: Damage) -> None:
    damage(stamp_path("bakery"))
    assert due() == ["bakery"]
    assert stamps.altered("bakery") == []


@pytest.mark.parametrize("at", range(4))
def test_a_stamp_that_a_job_deletes_meanwhile_is_no_error(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that outlived its Snakemake begins its step again: its stamp goes first."""
    read, reads = stamps.read, iter(range(100))
    monkeypatch.setattr(stamps, "read", lambda name: {} if next(reads) >= at else read(name))
    assert stamps.due(CHAIN, "bakery")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_an_edited_byte_of_a_stamp_is_noticed_or_harmless(place: float, byte: int) -> None:
    path = stamp_path("bakery")
    written, meant = path.read_bytes(), stamps.read("bakery")
    edited = bytearray(written)
    edited[int(place * len(edited))] = byte
    path.write_bytes(edited)
    assert due() == ["bakery"] or stamps.read("bakery") == meant
    path.write_bytes(written)


def test_a_step_whose_code_is_edited_under_way_is_not_stamped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote may be of the old code or of the new."""
    code = tmp_path / "package/pairs/sizes.py"
    code.parent.mkdir(parents=True)
    code.write_text("SIDE = 14")
    monkeypatch.setattr(identity, "PACKAGE", tmp_path / "package")
    fingerprint.cache_clear()
    do("bakery")
    with (
        pytest.raises(UserError, match="the code was edited"),
        stamps.stamped(CHAIN, "bakery"),
    ):
        code.write_text("SIDE = 15")
    assert due() == ["mill", "bakery"]
    fingerprint.cache_clear()


def test_a_step_that_takes_other_files_is_due() -> None:
    """As when a variant is gone: all that is left of the inputs is as it was."""
    fewer = {"mill": CHAIN["mill"], "bakery": replace(CHAIN["bakery"], inputs=())}
    assert stamps.due(fewer, "bakery") == "made from other files"


def test_a_step_that_breaks_off_is_due() -> None:
    with pytest.raises(KeyboardInterrupt), stamps.stamped(CHAIN, "bakery"):
        raise KeyboardInterrupt
    assert due() == ["bakery"]


def test_a_step_takes_no_input_that_was_altered() -> None:
    flip_a_bit(Path("flour"))
    with pytest.raises(UserError, match="flour: not what the step that makes it wrote"):
        do("bakery")
    assert due() == ["mill"]
    do("mill")
    do("bakery")
    assert due() == []


def test_a_mark_is_newer_than_all_that_the_step_made(tmp_path: Path) -> None:
    """For Snakemake: the stamp too, which is all that some steps make."""
    mark = stamps.mark(tmp_path, CHAIN, "mill", "a reason")
    made = [*map(Path, CHAIN["mill"].outputs), stamp_path("mill")]
    assert all(path.stat().st_mtime < mark.stat().st_mtime for path in made)
