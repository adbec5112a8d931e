"""What a run would do: counts per study, shared runs once, times from similar recorded runs."""

from pathlib import Path
from typing import Any

import pytest

import searched
from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.runs import store, workers
from digitpairs.runs.forecast import NO_DIGITS, NO_WINNERS, OLD_WINNERS, Forecast, Line, forecast
from digitpairs.runs.forecast_text import describe
from digitpairs.runs.pace import estimate, paces, recorded
from digitpairs.runs.plan import PlannedRun, evaluation_runs
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from recorded import ALL, FASTER, PUBLISHED, record

Content = dict[str, Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, even_pace: None) -> None:
    """A folder without any data."""
    monkeypatch.chdir(tmp_path)


def counts(result: Forecast) -> dict[str, tuple[int, int]]:
    """Runs planned and missing of each line."""
    return {line.name: (line.planned, line.missing) for line in result.lines}


def time_of(result: Forecast, name: str) -> float:
    (line,) = [line for line in result.lines if line.name == name]
    return line.seconds


def test_an_empty_store_misses_every_run(params: Params, source: Source) -> None:
    result = forecast(params, source, None, 2)
    assert counts(result) == {
        "search mlp": (6, 6),
        "both": (6, 6),
        "winner": (3, 3),
        "in no study": (3, 3),
        ALL: (15, 15),
    }
    assert result.notes == [NO_WINNERS]


def test_records_are_counted_where_their_runs_are_shown(
    params: Params, source: Source, folds: list[PlannedRun], seeds: list[PlannedRun]
) -> None:
    for run in [*folds[:4], *seeds[:2], seeds[3]]:
        record(run, 1.0)
    assert counts(forecast(params, source, None, 2)) == {
        "search mlp": (6, 2),
        "both": (6, 3),
        "winner": (3, 1),
        "in no study": (3, 3),
        ALL: (15, 8),
    }


def test_a_line_for_no_study_is_there_for_runs_that_none_shows_alone(
    small: Content, source: Source
) -> None:
    small["studies"]["both"]["variants"].append("lonely")
    assert "in no study" not in counts(forecast(check(small), source, None, 2))


def test_a_winner_that_was_published_shares_its_runs(params: Params, source: Source) -> None:
    found = counts(forecast(params, source, {"mlp": PUBLISHED}, 2))
    assert (found["winner"], found[ALL]) == ((3, 3), (15, 15))


def test_a_study_of_a_published_winner_alone_shows_the_published_runs(
    small: Content, source: Source
) -> None:
    small["studies"]["winner"]["variants"] = ["mlp_selected"]
    params = check(small)
    assert counts(forecast(params, source, {"mlp": PUBLISHED}, 2))["winner"] == (3, 3)
    assert counts(forecast(params, source, None, 2))["winner"] == (0, 0)


def test_another_winner_has_runs_of_its_own(params: Params, source: Source) -> None:
    found = counts(forecast(params, source, {"mlp": FASTER}, 2))
    assert (found["winner"], found[ALL]) == ((6, 6), (18, 18))


def test_a_winner_that_equals_another_variant_shares_its_runs(
    params: Params, source: Source
) -> None:
    found = counts(forecast(params, source, {"mlp": PUBLISHED | {"learning_rate": 5e-3}}, 2))
    assert (found["winner"], found[ALL]) == ((6, 6), (15, 15))


def test_winners_of_a_search_that_has_to_go_on_may_change(
    params: Params, source: Source, folds: list[PlannedRun]
) -> None:
    assert forecast(params, source, {"mlp": FASTER}, 2).notes == [OLD_WINNERS]
    for run in folds:
        record(run, 1.0)
    assert forecast(params, source, {"mlp": FASTER}, 2).notes == []


@pytest.fixture
def grouped(small: Content) -> Params:
    """The same params, and a group: a study of a grid's winner beside its base."""
    grid = {"base": "mlp", "learning_rate": [1e-3, 2e-3]}
    small["search"]["grids"]["rates"] = grid
    study = {"kind": "forest", "title": "Mine", "variants": ["mlp", "rates_selected"]}
    small["studies"]["mine"] = study | {"group": "extra"}
    return check(small)


def test_what_a_group_alone_needs_is_not_counted_by_default(
    params: Params, grouped: Params, source: Source
) -> None:
    assert counts(forecast(grouped, source, None, 2)) == counts(forecast(params, source, None, 2))


def test_a_group_counts_what_its_studies_show_and_its_search(
    grouped: Params, source: Source
) -> None:
    result = forecast(grouped, source, {"mlp": PUBLISHED}, 2, "extra")
    folds = grouped.search.folds * 2
    assert counts(result) == {
        "search rates": (folds, folds),
        "mine": (3, 3),
        ALL: (folds + 3, folds + 3),
    }
    assert result.notes == [NO_WINNERS]
    result = forecast(grouped, source, {"rates": FASTER}, 2, "extra")
    assert (counts(result)["mine"], result.notes) == ((6, 6), [OLD_WINNERS])


def test_a_group_that_shows_a_common_winner_needs_the_common_search(
    small: Content, source: Source
) -> None:
    study = {"kind": "forest", "title": "Mine", "variants": ["faster", "mlp_selected"]}
    small["studies"]["mine"] = study | {"group": "extra"}
    found = counts(forecast(check(small), source, {"mlp": PUBLISHED}, 2, "extra"))
    assert found == {"search mlp": (6, 6), "mine": (6, 6), ALL: (12, 12)}


def test_weights_are_missing_only_where_a_student_needs_them(source: Source) -> None:
    """As in a clone: its records are restored, and none has weights beside it."""
    small = searched.content()
    shown = {"kind": "limits", "title": "Left", "group": "further"}
    small["studies"]["left"] = {**shown, "variants": ["stack", "student"]}
    params = check(small)
    seeds = params.training.seeds
    runs = [run for run in evaluation_runs(params, source, {}) if run.name in shown_by(params)]
    for run in runs:
        record(run, 1.0)
    assert counts(forecast(params, source, {}, 2, "further"))["left"] == (2 * seeds, 0)
    Path(runs[-1].path).unlink()
    missing = 1 + 2  # a student, and its two teachers, of which one has a record
    assert counts(forecast(params, source, {}, 2, "further"))["left"] == (2 * seeds + 1, missing)


def shown_by(params: Params) -> list[str]:
    return params.studies["left"].variants


def test_without_digits_every_run_is_missing_but_times_are_known(
    params: Params, folds: list[PlannedRun], seeds: list[PlannedRun]
) -> None:
    for run in [*folds, *seeds]:
        record(run, 2.0)
    result = forecast(params, None, None, 2)
    assert counts(result)[ALL] == (15, 15)
    assert result.notes == [NO_DIGITS, NO_WINNERS]
    assert time_of(result, ALL) == pytest.approx(15 * 2.0)
    assert forecast(params, None, {"mlp": PUBLISHED}, 2).notes == [NO_DIGITS]


def test_the_same_net_takes_the_median_of_its_records(
    params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    for run, seconds in zip(seeds, [9.0, 2.0, 3.0], strict=False):
        record(run, seconds)
    result = forecast(params, source, None, 2)
    assert result.here
    # Another learning rate costs the same: 3 seeds of `faster`, 3 of `lonely`.
    assert time_of(result, "both") == pytest.approx(3 * 3.0)
    assert time_of(result, "winner") == 0
    assert time_of(result, "in no study") == pytest.approx(3 * 3.0)
    assert result.rough == 6  # the folds, of other nets


def test_where_nothing_is_recorded_another_machine_tells_the_pace(
    params: Params, source: Source
) -> None:
    result = forecast(params, source, None, 2)
    assert (result.here, result.rough) == (False, 15)
    adds = 392 * 200 + 200 * 100 + 100 * 2
    assert time_of(result, "winner") == pytest.approx(3 * 3 * 800 * adds * 1e-9)
    assert "at another machine's pace" in describe(result)
    assert "Rough: the times are those of abacus. Too few runs are recorded here." in describe(
        result
    )


def test_records_without_times_are_cached_but_tell_no_time(
    params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    record(seeds[0], None)
    result = forecast(params, source, None, 2)
    assert counts(result)[ALL] == (15, 14)
    assert not result.here
    for run in (seeds[1], seeds[3], seeds[6]):  # the same net, whatever its learning rate
        record(run, 4.0)
    assert time_of(forecast(params, source, None, 2), "winner") == pytest.approx(4.0)


def test_a_run_that_diverged_took_its_time_for_fewer_epochs(
    params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    for run in (seeds[0], seeds[3], seeds[6]):
        record(run, 1.0, epochs=1)
    assert time_of(forecast(params, source, None, 2), "winner") == pytest.approx(2 * 3.0)


def test_a_complete_store_is_not_read(
    params: Params,
    source: Source,
    folds: list[PlannedRun],
    seeds: list[PlannedRun],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for run in [*folds, *seeds]:
        record(run, 1.0)
    monkeypatch.delattr(store, "read")
    result = forecast(params, source, {"mlp": PUBLISHED}, 2)
    assert result.lines[-1] == Line(ALL, 15, 0, 0)
    assert "Nothing to train." in describe(result)


@pytest.mark.parametrize(
    ("cores", "runs_per_job", "threads", "start", "wall"),
    [
        (1, 3, 1, 0.0, 6.0),  # all on one core
        (1, 3, 1, 0.5, 7.0),  # and two jobs to start
        (2, 3, 1, 0.5, 3.5),  # a job a core
        (8, 3, 1, 0.5, 3.5),  # no faster than the longest job
        (8, 2, 1, 0.0, 2.0),  # three jobs
        (8, 1, 1, 0.0, 1.0),
        (8, 3, 2, 0.0, 1.5),  # a job trains two runs at once
        (8, 3, 4, 0.0, 1.0),  # no faster than a run
        (1, 3, 4, 0.0, 6.0),  # Snakemake gives a job no more threads than there are cores
    ],
)
def test_wall_time_is_bounded_by_cores_and_by_the_longest_job(
    cores: int,
    runs_per_job: int,
    threads: int,
    start: float,
    wall: float,
    small: Content,
    source: Source,
    folds: list[PlannedRun],
    seeds: list[PlannedRun],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "START", start)
    small["execution"] = {"runs_per_job": runs_per_job, "device": "cpu", "threads": threads}
    small["execution"]["jobs_per_gpu"] = 1
    for run in [*folds, *seeds[:3]]:
        record(run, 1.0)
    result = forecast(check(small), source, {"mlp": PUBLISHED}, cores)
    assert result.wall == pytest.approx(wall)
    assert result.jobs == {1: 6, 2: 3, 3: 2}[runs_per_job]


def test_runs_of_a_winner_wait_for_the_search(
    small: Content,
    source: Source,
    folds: list[PlannedRun],
    seeds: list[PlannedRun],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "START", 0.0)
    small["execution"] = {"runs_per_job": 100, "device": "cpu", "threads": 1, "jobs_per_gpu": 1}
    for run in [*folds[1:], *seeds]:
        record(run, 1.0)
    winners = {"mlp": PUBLISHED | {"learning_rate": 3e-3}}
    result = forecast(check(small), source, winners, 8)
    won = [run for run in evaluation_runs(check(small), source, winners) if "_sel" in run.name]
    known = paces(recorded(paths.RUNS))
    times = [estimate(run.spec, known) for run in (folds[0], *won)]
    assert (len(won), result.jobs) == (3, 2)
    assert result.wall == pytest.approx(sum(times))
