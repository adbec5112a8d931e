"""When jobs end: as by hand."""

import pytest

from digitpairs.runs.timetable import Job, ends


def test_the_most_urgent_goes_first() -> None:
    jobs = [Job("a", 5.0, 1), Job("b", 2.0, 3), Job("c", 2.0, 2)]
    assert ends(jobs, 1) == {"b": 2.0, "c": 4.0, "a": 9.0}
    assert ends(jobs, 2) == {"b": 2.0, "c": 2.0, "a": 7.0}
    assert ends(jobs, 3) == {"b": 2.0, "c": 2.0, "a": 5.0}


def test_equally_urgent_jobs_keep_their_order() -> None:
    assert list(ends([Job("b", 1.0), Job("a", 1.0), Job("c", 1.0)], 1)) == ["b", "a", "c"]


def test_what_waits_starts_when_all_that_it_needs_has_ended() -> None:
    jobs = [
        Job("x", 4.0),
        Job("win", 1.0, 9, ["one", "two"]),
        Job("one", 2.0, 5),
        Job("two", 3.0, 4),
    ]
    assert ends(jobs, 2) == {"one": 2.0, "two": 3.0, "win": 4.0, "x": 6.0}
    assert ends(jobs, 1) == {"one": 2.0, "two": 5.0, "win": 6.0, "x": 10.0}


def test_nothing_ends_at_no_time() -> None:
    assert ends([], 4) == {}


def test_jobs_that_wait_for_one_another_are_refused() -> None:
    with pytest.raises(ValueError, match="a, b"):
        ends([Job("a", 1.0, needs=["b"]), Job("b", 1.0, needs=["a"])], 2)
