"""What a run would do: counts per study, shared runs once, times from similar recorded runs."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import nn
from typer.testing import CliRunner

from digitpairs import paths
from digitpairs.cli import app
from digitpairs.digits.source import Source
from digitpairs.models.nets import build
from digitpairs.runs import forecast, plan, store
from digitpairs.runs.forecast import Forecast, Line, forecast
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import ModelSpec
from digitpairs.study.load import check
from digitpairs.study.schema import Params

Content = dict[str, Any]
PUBLISHED = {"channels": [], "hidden": [200, 100], "learning_rate": 1e-4}
FASTER = PUBLISHED | {"learning_rate": 1e-3}
ALL = "all, shared runs once"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without any data."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(content: Content) -> Content:
    """A search of 3 rates on 2 folds; 3 seeds of 3 variants; no study shows runs of `lonely`."""
    grid = {"hidden": [[190], [100]], "learning_rate": [1e-4, 1e-3, 1e-2]}
    content["search"]["grids"] = {"mlp": grid}
    content["variants"] = {
        "mlp": {"family": "mlp", "hidden": [200, 100], "learning_rate": 1e-4},
        "faster": {"base": "mlp", "learning_rate": 5e-3},
        "lonely": {"base": "mlp", "learning_rate": 1e-2},
    }
    content["studies"] = {
        "drawing": {"kind": "architecture", "title": "Net", "variants": ["lonely"]},
        "both": {"kind": "box", "title": "Both", "variants": ["mlp", "faster"]},
        "winner": {"kind": "accuracies", "title": "Won", "variants": ["mlp", "mlp_selected"]},
    }
    return content


@pytest.fixture
def params(small: Content) -> Params:
    return check(small)


@pytest.fixture
def folds(params: Params, source: Source) -> list[PlannedRun]:
    return plan.search_runs(params, source)


@pytest.fixture
def seeds(params: Params, source: Source) -> list[PlannedRun]:
    """Those of mlp, then of faster, then of lonely."""
    return plan.evaluation_runs(params, source, {})


def record(run: PlannedRun, seconds: float | None, epochs: int | None = None) -> Path:
    """Write a record that took so long, as if restored where that is None."""
    times = {} if seconds is None else {"seconds": seconds, "cpu_seconds": seconds / 2}
    content = {
        "status": "finished",
        "epochs": {"train_loss": [0.5] * (epochs or run.spec.epochs)},
        "provenance": {"device": "abacus", **times},
    }
    store.write(Path(run.path), run.spec, content)
    return Path(run.path)


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
    assert result.notes == [fc.NO_WINNERS]


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
    assert forecast(params, source, {"mlp": FASTER}, 2).notes == [fc.OLD_WINNERS]
    for run in folds:
        record(run, 1.0)
    assert forecast(params, source, {"mlp": FASTER}, 2).notes == []


def test_without_digits_every_run_is_missing_but_times_are_known(
    params: Params, folds: list[PlannedRun], seeds: list[PlannedRun]
) -> None:
    for run in [*folds, *seeds]:
        record(run, 2.0)
    result = forecast(params, None, None, 2)
    assert counts(result)[ALL] == (15, 15)
    assert result.notes == [fc.NO_DIGITS, fc.NO_WINNERS]
    assert time_of(result, ALL) == pytest.approx(15 * 2.0)
    assert forecast(params, None, {"mlp": PUBLISHED}, 2).notes == [fc.NO_DIGITS]


def test_the_same_net_takes_the_median_of_its_records(
    params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    for run, seconds in zip(seeds, [9.0, 2.0, 3.0], strict=False):
        record(run, seconds)
    result = forecast(params, source, None, 2)
    # Another learning rate costs the same: 3 seeds of `faster`, 3 of `lonely`.
    assert time_of(result, "both") == pytest.approx(3 * 3.0)
    assert time_of(result, "winner") == 0
    assert time_of(result, "in no study") == pytest.approx(3 * 3.0)
    assert result.rough == 6  # the folds, of other nets


def test_time_goes_with_epochs_pairs_and_folds(
    params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    # 3 epochs of training on 200 pairs (thrice a pass forward) and testing on 200: 2,400 passes.
    record(seeds[0], 2.4)
    known = fc.paces(fc.recorded(Path(paths.RUNS)))
    spec = seeds[0].spec
    assert fc.estimate(spec, known) == pytest.approx(2.4)
    assert fc.estimate(replace(spec, epochs=30), known) == pytest.approx(24.0)
    assert fc.estimate(replace(spec, test_pairs=400), known) == pytest.approx(3.0)
    # Half of 200 to train on and half to test on: 400 passes an epoch.
    fold = replace(spec, test_pairs=None, folds=2, fold=0)
    assert fc.estimate(fold, known) == pytest.approx(1.2)


def test_the_most_similar_records_decide(seeds: list[PlannedRun]) -> None:
    mlp = seeds[0].spec
    siamese = replace(mlp, model=ModelSpec("siamese_mlp", (150, 100)))
    auxiliary = replace(siamese, aux_weight=1.0)
    smaller = replace(siamese, batch_size=10)
    recorded = [(mlp, 1e-9), (siamese, 2e-9), (auxiliary, 3e-9), (smaller, 4e-9)]
    known = fc.paces(recorded)
    passes = 3 * 4 * 200
    siamese_adds = 2 * (196 * 150 + 150 * 100 + 100 * 10) + 20 * 100 + 100 * 2
    for spec, pace in recorded[1:]:
        assert fc.estimate(spec, known) == pytest.approx(pace * passes * siamese_adds)
    # Another loss weight is the same work; another batch size is like both that are known.
    assert fc.estimate(replace(auxiliary, aux_weight=5.0), known) == fc.estimate(auxiliary, known)
    between = fc.estimate(replace(siamese, batch_size=20), known)
    assert between == pytest.approx(3e-9 * passes * siamese_adds)
    # Another net of the family, then one of no family on record.
    other = replace(mlp, model=ModelSpec("mlp", (10,)))
    assert fc.estimate(other, known) == pytest.approx(1e-9 * passes * (392 * 10 + 10 * 2))
    convnet = replace(mlp, model=ModelSpec("convnet", (10,), (4,)))
    adds = 12 * 12 * 9 * 2 * 4 + 6 * 6 * 4 * 10 + 10 * 2
    assert fc.estimate(convnet, known) == pytest.approx(2.5e-9 * passes * adds)


def test_records_of_other_code_decide_only_where_there_are_no_others(
    seeds: list[PlannedRun],
) -> None:
    spec = seeds[0].spec
    slow, fast = (replace(spec, code="old"), 9e-9), (replace(spec, batch_size=10), 1e-9)
    both, old = fc.paces([slow, fast]), fc.paces([slow])
    assert fc.estimate(spec, old) == pytest.approx(9 * fc.estimate(spec, both))


@pytest.mark.parametrize(
    "model",
    [
        ModelSpec("mlp", (20, 10)),
        ModelSpec("convnet", (10,), (6, 4)),
        ModelSpec("siamese_mlp", (20,), shared=True),
        ModelSpec("siamese_convnet", (10,), (5,)),
        ModelSpec("siamese_convnet", (10,), (6, 4), shared=True),
    ],
)
def test_multiply_adds_are_those_of_the_torch_modules(model: ModelSpec) -> None:
    seen = 0

    def count(module: nn.Module, _: Any, output: torch.Tensor) -> None:
        nonlocal seen
        assert isinstance(module, nn.Conv2d | nn.Linear)
        seen += output.numel() * module.weight[0].numel()

    net = build(model)
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    net.eval()(torch.zeros(1, 2, 14, 14))
    assert fc.multiply_adds(model) == seen


def test_nothing_recorded_is_unknown_not_invented(params: Params, source: Source) -> None:
    result = forecast(params, source, None, 2)
    assert all(math.isnan(line.seconds) for line in result.lines)
    assert "unknown: no record has one" in fc.describe(result)


def test_records_without_times_are_cached_but_tell_no_time(
    params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    record(seeds[0], None)
    result = forecast(params, source, None, 2)
    assert counts(result)[ALL] == (15, 14)
    assert math.isnan(result.wall)
    record(seeds[1], 4.0)
    assert time_of(forecast(params, source, None, 2), "winner") == pytest.approx(4.0)


def truncate(path: Path) -> None:
    path.write_text(path.read_text()[:200])


def falsify(path: Path) -> None:
    path.write_text(path.read_text().replace('"seconds": 4.0', '"seconds": 400.0'))


def empty(path: Path) -> None:
    path.write_text("[]")


def binary(path: Path) -> None:
    path.write_bytes(b"\xff\x00")


def stop_at_once(path: Path) -> None:
    content = json.loads(path.read_text())
    content["epochs"]["train_loss"] = []
    resign(path, content)


def of_another_version(path: Path) -> None:
    content = json.loads(path.read_text())
    content["spec"]["optimizer"] = "sgd"
    resign(path, content)


def resign(path: Path, content: Content) -> None:
    del content["checksum"]
    path.write_text(json.dumps(content | {"checksum": store.digest(content)}))


@pytest.mark.parametrize(
    "damage", [truncate, falsify, empty, binary, stop_at_once, of_another_version]
)
def test_a_record_that_cannot_be_used_tells_no_time(
    damage: Callable[[Path], None], params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    record(seeds[0], 1.0)
    damage(record(seeds[1], 4.0))
    result = forecast(params, source, None, 2)
    assert counts(result)["winner"] == (3, 1)
    assert time_of(result, "winner") == pytest.approx(1.0)


def test_a_run_that_diverged_took_its_time_for_fewer_epochs(
    params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    record(seeds[0], 1.0, epochs=1)
    assert time_of(forecast(params, source, None, 2), "winner") == pytest.approx(2 * 3.0)


def test_a_bounded_number_of_records_is_read(
    small: Content, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    small["training"]["seeds"] = 9
    params, read = check(small), []
    monkeypatch.setattr(store, "read", lambda path, spec: read.append(path))
    for run in plan.evaluation_runs(params, source, {})[:17]:  # of mlp all, of faster all but one
        record(run, 1.0)
    forecast(params, source, None, 2)
    assert len(read) == 2 * fc.SAMPLE


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
    assert "Nothing to train." in fc.describe(result)


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
    monkeypatch.setattr(fc, "START", start)
    small["execution"] = {"runs_per_job": runs_per_job, "device": "cpu", "threads": threads}
    small["execution"]["jobs_per_gpu"] = 1
    for run in [*folds, *seeds[:3]]:
        record(run, 1.0)
    result = forecast(check(small), source, {"mlp": PUBLISHED}, cores)
    assert result.wall == pytest.approx(wall)
    assert result.jobs == {1: 6, 2: 3, 3: 2}[runs_per_job]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (3599, "1 h 0 min"),
        (5040, "1 h 24 min"),
        (math.nan, "unknown"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert fc.duration(seconds) == text


def test_the_command_needs_no_digits_and_no_winners(small: Content) -> None:
    Path("params.yaml").write_text(yaml.safe_dump(small))
    result = CliRunner().invoke(app, ["plan", "--cores", "1"], catch_exceptions=False)
    assert result.exit_code == 0
    assert fc.NO_DIGITS in result.output
    assert fc.NO_WINNERS in result.output
    assert [line.split()[-4:] for line in result.output.splitlines() if line.startswith(ALL)] == [
        ["15", "0", "15", "unknown"]
    ]


def test_the_command_shows_what_lies_there(
    small: Content, source: Source, folds: list[PlannedRun], seeds: list[PlannedRun]
) -> None:
    Path("other.yaml").write_text(yaml.safe_dump(small))
    Path("data/raw").mkdir(parents=True)
    Path("data/raw/source.json").write_text(
        json.dumps({"source": source.name, "checksum": source.checksum})
    )
    Path("data/results").mkdir()
    Path("data/results/selected.json").write_text(json.dumps({"mlp": PUBLISHED}))
    for run in [*folds, *seeds[:-1]]:
        record(run, 80.0)
    result = CliRunner().invoke(
        app, ["plan", "--params", "other.yaml", "--cores", "1"], catch_exceptions=False
    )
    assert result.output.splitlines() == [
        "                          runs   cached  missing   on one core",
        "search mlp                   6        6        0             -",
        "both                         6        6        0             -",
        "winner                       3        3        0             -",
        "in no study                  3        2        1         1 min",
        "all, shared runs once       15       14        1         1 min",
        "",
        "To train: 1 run in 1 job, about 1 min on 1 core at the pace of the recorded runs, with "
        "the start of the jobs.",
    ]


@pytest.mark.parametrize("text", ["training: 7", "{", "", "- 1", "search: {folds: two}"])
def test_bad_params_get_a_message(text: str) -> None:
    Path("params.yaml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", "from digitpairs.cli import main; main()", "plan"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_the_command_starts_without_torch() -> None:
    code = (
        "import sys, digitpairs.cli, digitpairs.forecast; "
        "sys.exit(bool({'torch', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_evaluation_waits_for_the_search(
    small: Content,
    source: Source,
    folds: list[PlannedRun],
    seeds: list[PlannedRun],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fc, "START", 0.0)
    small["execution"] = {"runs_per_job": 100, "device": "cpu", "threads": 1, "jobs_per_gpu": 1}
    for run in [*folds[1:], *seeds[1:]]:
        record(run, 1.0)
    result = forecast(check(small), source, {"mlp": PUBLISHED}, 8)
    times = [
        fc.estimate(run.spec, fc.paces(fc.recorded(Path("data/runs"))))
        for run in (folds[0], seeds[0])
    ]
    assert result.wall == pytest.approx(sum(times))
