"""The trials of a strategy: its base, then points of a space."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from contents import Content, problems

from digitpairs import paths
from digitpairs.models.counts import parameters_of
from digitpairs.models.registry import options_in
from digitpairs.recipe import Affine, Averaging, Sharpness
from digitpairs.spec import Setting
from digitpairs.study import space
from digitpairs.study.grid import configurations
from digitpairs.study.searches import Range
from digitpairs.study.space import as_trained, trials
from digitpairs.study.variants import resolve
from searched import GRID, content, searching


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    space.points.cache_clear()


def tried(changes: Content | None = None, **strategy: Any) -> list[Setting]:
    return trials(searching(changes, **strategy), "found")


def test_the_base_comes_first_and_each_trial_once() -> None:
    found = tried()
    assert found[0] == resolve(searching(), "stack")
    assert len(found) == len(set(found)) == 6
    assert configurations(searching())["found"] == found


def test_more_trials_begin_with_the_same_ones() -> None:
    # The sequence is drawn longer; those tried before are paid for.
    assert tried(trials=11)[:6] == tried()


def test_another_seed_tries_others() -> None:
    first, other = tried(), tried(seed=4)
    assert (first[0], len(other)) == (other[0], 6)
    assert not set(first[1:]) & set(other)


def test_values_lie_within_their_ranges_and_lists() -> None:
    found = tried(trials=40)
    rates = [setting.learning_rate for setting in found]
    assert all(1e-3 <= rate <= 1e-1 for rate in rates)
    assert 0.3 < sum(rate < 1e-2 for rate in rates) / 40 < 0.7  # evenly in the logarithm
    affine = [setting.recipe.augmentation.affine or Affine() for setting in found]
    assert all(5 <= one.rotation <= 20 for one in affine)
    assert 0.3 < sum(one.rotation < 12.5 for one in affine) / 40 < 0.7
    channels = {options_in(setting.model).layers[0].channels for setting in found}
    assert channels == {4, 6}


@pytest.mark.parametrize(
    ("choices", "shares", "values"),
    [
        (Range(low=1, high=100, log=True), (0, 0.5, 1), (1, 10, 100)),
        (Range(low=-1, high=3), (0, 0.5, 1), (-1, 1, 3)),
        (Range(low=2, high=4, whole=True), (0, 0.34, 0.67, 0.9999), (2, 3, 4, 4)),
        (Range(low=0, high=1), (0.123456,), (0.123,)),
        (["a", None, {"b": 1}], (0, 0.34, 0.99), ("a", None, {"b": 1})),
    ],
)
def test_a_share_of_the_way_is_a_value(choices: Any, shares: Any, values: Any) -> None:
    found = [space.value(choices, share) for share in shares]
    if isinstance(choices, list):
        assert found == list(values)
    else:
        assert found == pytest.approx(list(values))
        assert {type(one) for one in found} == {int if choices.whole else float}


def test_what_a_list_holds_is_not_shared_by_trials() -> None:
    choices = [{"layers": []}]
    space.value(choices, 0).update(changed=True)
    assert choices == [{"layers": []}]


def test_larger_nets_are_not_tried() -> None:
    small, large = sorted({parameters_of(one.model) for one in tried(trials=20)})
    bounded = tried(trials=6, max_parameters=large - 1)
    assert {parameters_of(one.model) for one in bounded} == {small}
    by_layers = {"space": {"options.layers": [[{"channels": 6, "pool": "max"}]]}}
    rungs = {"name": "random", "rungs": [{}]}
    (base, other) = tried(by_layers, trials=2, **rungs)
    assert parameters_of(other.model) > parameters_of(base.model)


def test_a_base_that_is_too_large_is_not_tried() -> None:
    least = min(parameters_of(one.model) for one in tried())
    grid = {"space": {"options.layers": [[{"channels": c, "pool": "max"}] for c in (1, 2, 3)]}}
    found = tried(grid, name="random", trials=3, rungs=[{}], max_parameters=least - 1)
    assert len(found) == 3
    assert max(parameters_of(one.model) for one in found) < least


def test_a_null_leaves_a_part_of_the_base_out() -> None:
    keys = {"sharpness": [None, {"radius": 0.1}], "averaging": [{"epochs": 2}, None]}
    found = tried({"space": {**GRID["space"], **keys}}, trials=12)
    methods = {(one.recipe.sharpness, one.recipe.averaging) for one in found}
    assert methods == {
        (sharpness, averaging)
        for sharpness in (None, Sharpness(0.1))
        for averaging in (None, Averaging(2))
    }


def test_a_student_is_searched_with_its_teachers() -> None:
    keys = {"distillation.label": [0.0, 0.5], "teachers": [{"stack": 1}, {"stack": 3}]}
    found = tried({"base": "student", "space": keys}, trials=4)
    labels = [one.recipe.distillation.label for one in found if one.recipe.distillation]
    copies = [one.teachers[0].copies for one in found]
    assert (labels[0], copies[0]) == (0.25, 2)  # the base's
    assert (set(labels[1:]), set(copies[1:])) == ({0.0, 0.5}, {1, 3})


def test_points_are_the_same_with_and_without_their_file() -> None:
    drawn = space.points(3, 20, 5)
    (file,) = paths.PLAN.glob("points-*.json")
    space.points.cache_clear()
    assert json.loads(file.read_text()) == drawn == space.points(3, 20, 5)
    file.unlink()
    space.points.cache_clear()
    assert space.points(3, 20, 5) == drawn
    assert file.exists()
    assert len(drawn) == 20 and {len(point) for point in drawn} == {3}
    assert all(0 <= share < 1 for point in drawn for share in point)


def test_points_need_no_file_where_none_can_be_written() -> None:
    paths.PLAN.parent.mkdir(exist_ok=True)
    paths.PLAN.write_text("no folder")
    assert space.points(3, 20, 5) == space.drawn(3, 20, 5)


def test_points_that_are_on_file_are_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = space.points(2, 8, 0)
    space.points.cache_clear()
    monkeypatch.setattr(space, "drawn", None)
    assert space.points(2, 8, 0) == drawn


def test_a_damaged_file_of_points_is_drawn_again() -> None:
    drawn = space.points(2, 8, 0)
    (file,) = paths.PLAN.glob("points-*.json")
    file.write_text("[[0.5,")
    space.points.cache_clear()
    assert space.points(2, 8, 0) == drawn
    assert json.loads(file.read_text()) == drawn


def test_points_fill_their_space_evenly() -> None:
    halves = [sum(2 ** int(2 * share) for share in point) for point in space.points(2, 64, 1)]
    assert [halves.count(total) for total in (2, 3, 4)] == [16, 32, 16]
    assert math.isclose(sum(p[0] for p in space.points(2, 64, 1)) / 64, 0.5, abs_tol=0.02)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (
            {"augmentation.elastic.strength": [0.5]},
            "search.grids.found.space.augmentation.elastic.strength: the base has no section "
            "augmentation.elastic; set it there",
        ),
        (
            {"hidden.0": [5]},
            "search.grids.found.space.hidden.0: the base has no section hidden; set it there",
        ),
        (
            {"augmentation.affine.rotation": [500]},
            "search.grids.found.space: augmentation.affine.rotation: 500: ",
        ),
        (
            {"augmentation.affine.rotate": [5]},
            "search.grids.found.space: augmentation.affine.rotate: ",
        ),
        ({"options.layers": [[{"channels": 0}]]}, "search.grids.found.space: options."),
        ({"learning_rate": ["fast"]}, "search.grids.found.space: learning_rate: 'fast': "),
        ({"teachers": [{"stak": 2}]}, "search.grids.found.space: teachers.stak: unknown variant"),
    ],
)
def test_a_point_that_is_no_net_gets_a_line_with_its_key(keys: Content, line: str) -> None:
    (found,) = problems(content({"space": keys}))
    assert found.startswith(line)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_written_out_as_usual_is_no_other_trial(seed: int) -> None:
    space = {"training.batch_size": [50, 10]}  # 50 is usual
    params = searching({"space": space}, name="random", trials=2, rungs=[{}], seed=seed)
    first, second = trials(params, "found")
    assert (first.training.batch_size, second.training.batch_size) == (None, 10)
    assert as_trained(params, first).training.batch_size == 50
