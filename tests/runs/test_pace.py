"""The pace of recorded runs: the most similar decide, whatever else lies there."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.models.counts import multiply_adds_of
from digitpairs.recipe import Recipe, Sharpness
from digitpairs.runs import pace, plan, store
from digitpairs.runs.forecast import forecast
from digitpairs.runs.pace import SAMPLE, estimate, paces, recorded
from digitpairs.runs.plan import PlannedRun
from digitpairs.spec import ModelSpec, RunSpec, Teacher
from digitpairs.study.load import check
from digitpairs.study.schema import Params
from recorded import record

Content = dict[str, Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, even_pace: None) -> None:
    """A folder without any data."""
    monkeypatch.chdir(tmp_path)


def test_time_goes_with_epochs_pairs_and_folds(
    params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    # 3 epochs of training on 200 pairs (thrice a pass forward) and testing on 200: 2,400 passes.
    for run in seeds[:3]:
        record(run, 2.4)
    known = paces(recorded(Path(paths.RUNS)))
    spec = seeds[0].spec
    assert estimate(spec, known) == pytest.approx(2.4)
    assert estimate(replace(spec, epochs=30), known) == pytest.approx(24.0)
    assert estimate(replace(spec, test_pairs=400), known) == pytest.approx(3.0)
    # Half of 200 to train on and half to test on: 400 passes an epoch.
    fold = replace(spec, test_pairs=None, folds=2, fold=0)
    assert estimate(fold, known) == pytest.approx(1.2)


def test_one_slow_first_run_tells_no_time(seeds: list[PlannedRun]) -> None:
    """It paid for torch to start and for kernels to be compiled."""
    spec = seeds[0].spec
    first, others = (spec, 500.0), [(replace(spec, seed=seed), 2.0) for seed in (1, 2)]
    assert paces([first]) == paces([first, others[0]]) == {}
    known = paces([first, *others])
    assert estimate(spec, known) == estimate(spec, paces([others[0]] * 3))


def test_without_records_a_run_takes_as_long_as_on_the_machine_that_is_shipped(
    seeds: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = pace.Shipped("abacus", {pace.ANY: (1.0, 1.0), "mlp": (0.5, 1e-6)})
    monkeypatch.setattr(pace, "shipped", lambda: machine)
    spec = replace(seeds[0].spec, batch_size=20)
    passes = spec.epochs * (3 * 200 + 200)
    adds = 392 * 200 + 200 * 100 + 100 * 2
    assert estimate(spec, {}) == pytest.approx(0.5 * passes / 20 + 1e-6 * passes * adds)
    other = replace(spec, model=ModelSpec("siamese_mlp", (8,)))
    assert estimate(other, {}) > 1e6  # a family that was not measured goes by any


def test_what_is_shipped_knows_the_families_of_the_study() -> None:
    content = json.loads(pace.SHIPPED.read_text())
    families = {"mlp", "convnet", "siamese_mlp", "siamese_convnet", pace.ANY}
    assert content["families"].keys() == families
    assert all(sum(costs) > 0 for costs in content["families"].values())


def test_a_run_on_a_gpu_tells_no_pace_of_a_cpu(seeds: list[PlannedRun]) -> None:
    path = record(seeds[0], 4.0)
    content = json.loads(path.read_text())
    assert len(list(recorded(paths.RUNS))) == 1
    for kind, told in (("cpu", 1), ("cuda", 0)):
        content["provenance"]["kind"] = kind
        resign(path, dict(content))
        assert len(list(recorded(paths.RUNS))) == told


def test_a_run_that_is_over_at_once_tells_no_pace(
    seeds: list[PlannedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(seeds[0], 4.0)
    ((_, found),) = recorded(paths.RUNS)
    expected = 4.0 / found
    monkeypatch.setattr(pace, "SHORTEST", expected * 0.99)
    assert list(recorded(paths.RUNS))
    monkeypatch.setattr(pace, "SHORTEST", expected * 1.01)
    assert not list(recorded(paths.RUNS))


def test_the_most_similar_records_decide(seeds: list[PlannedRun]) -> None:
    mlp = seeds[0].spec
    siamese = replace(mlp, model=ModelSpec("siamese_mlp", (150, 100)))
    auxiliary = replace(siamese, aux_weight=1.0)
    smaller = replace(siamese, batch_size=10)
    recorded = [(mlp, 1.0), (siamese, 2.0), (auxiliary, 3.0), (smaller, 4.0)]
    known = paces(recorded * 3)
    passes = 3 * 4 * 200
    siamese_adds = 2 * (196 * 150 + 150 * 100 + 100 * 10) + 20 * 100 + 100 * 2
    for spec, times in recorded[1:]:
        assert estimate(spec, known) == pytest.approx(times * 1e-9 * passes * siamese_adds)
    # Another loss weight is the same work; another batch size is like both that are known.
    assert estimate(replace(auxiliary, aux_weight=5.0), known) == estimate(auxiliary, known)
    between = estimate(replace(siamese, batch_size=20), known)
    assert between == pytest.approx(3e-9 * passes * siamese_adds)
    # Another net of the family, then one of no family on record.
    other = replace(mlp, model=ModelSpec("mlp", (10,)))
    assert estimate(other, known) == pytest.approx(1e-9 * passes * (392 * 10 + 10 * 2))
    convnet = replace(mlp, model=ModelSpec("convnet", (10,), (4,)))
    adds = 12 * 12 * 9 * 2 * 4 + 6 * 6 * 4 * 10 + 10 * 2
    assert estimate(convnet, known) == pytest.approx(2.5e-9 * passes * adds)


def test_records_of_other_code_decide_only_where_there_are_no_others(
    seeds: list[PlannedRun],
) -> None:
    spec = seeds[0].spec
    slow, fast = (replace(spec, code="old"), 9.0), (replace(spec, batch_size=10), 1.0)
    both, old = paces([slow, fast] * 3), paces([slow] * 3)
    assert estimate(spec, old) == pytest.approx(9 * estimate(spec, both))


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
    content.pop("checksum", None)
    path.write_text(json.dumps(content | {"checksum": store.digest(content)}))


@pytest.mark.parametrize(
    "damage", [truncate, falsify, empty, binary, stop_at_once, of_another_version]
)
def test_a_record_that_cannot_be_used_tells_no_time(
    damage: Callable[[Path], None], params: Params, source: Source, seeds: list[PlannedRun]
) -> None:
    record(seeds[0], 1.0)
    damage(record(seeds[1], 4.0))
    ((spec, times),) = recorded(paths.RUNS)
    assert spec == seeds[0].spec
    assert estimate(spec, paces([(spec, times)] * 3)) == pytest.approx(1.0)


def test_a_bounded_number_of_records_is_read(
    small: Content, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    small["training"]["seeds"] = 9
    params, read = check(small), []
    monkeypatch.setattr(store, "read", lambda path, spec: read.append(path))
    for run in plan.evaluation_runs(params, source, {})[:17]:  # of mlp all, of faster all but one
        record(run, 1.0)
    forecast(params, source, None, 2)
    assert len(read) == 2 * SAMPLE


def test_work_counts_second_gradients_and_what_teachers_look_at(mlp_run: RunSpec) -> None:
    net = ModelSpec("siamese_mlp", (8,))
    plain = replace(mlp_run, model=net)
    sharp = replace(plain, recipe=Recipe(sharpness=Sharpness(0.1)))
    epochs, trained, tested = 4, 60, 40
    products = multiply_adds_of(net)
    assert pace.work(plain, epochs) == (
        epochs * (3 * trained + tested) / 20,
        epochs * (3 * trained + tested) * products,
    )
    assert pace.work(sharp, epochs) == (
        epochs * (6 * trained + tested) / 20,
        epochs * (6 * trained + tested) * products,
    )
    large = ModelSpec("siamese_mlp", (30,))
    teachers = (Teacher(net, 1e-3, 2, 20, copies=2), Teacher(large, 1e-3, 9, 20))
    batches, counted = pace.work(replace(plain, teachers=teachers), epochs)
    assert batches == epochs * (3 * trained + tested + 3 * trained) / 20
    looks = 2 * products + multiply_adds_of(large)
    assert counted == epochs * ((3 * trained + tested) * products + trained * looks)
