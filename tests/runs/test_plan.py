"""Plans: which runs there are, where their records lie, and what changes them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from digitpairs.digits.source import Source
from digitpairs.runs import plan, sets
from digitpairs.study.load import check
from digitpairs.study.schema import Params

Content = dict[str, Any]
Change = Callable[[Content], object]
NO_WINNERS: dict[str, Any] = {}
FASTER = {"model": {"family": "mlp", "hidden": [200, 100]}, "learning_rate": 1e-3}
PUBLISHED = {"model": {"family": "mlp", "hidden": [200, 100]}, "learning_rate": 1e-4}


def paths(runs: list[plan.PlannedRun]) -> list[str]:
    return [run.path for run in runs]


def changed(content: Content, change: Change) -> Params:
    change(content)
    return check(content)


@pytest.fixture
def before(quick_params: Params, source: Source) -> dict[str, list[str]]:
    return all_paths(quick_params, source)


def all_paths(params: Params, source: Source) -> dict[str, list[str]]:
    return {
        "search": paths(plan.search_runs(params, source)),
        "evaluation": paths(plan.evaluation_runs(params, source, NO_WINNERS)),
    }


def test_the_paper_takes_495_fold_runs(paper_params: Params, source: Source) -> None:
    runs = plan.search_runs(paper_params, source)
    assert len(set(paths(runs))) == len(runs) == 495


def test_the_paper_takes_15_seeds_of_13_variants(paper_params: Params, source: Source) -> None:
    runs = plan.evaluation_runs(paper_params, source, NO_WINNERS)
    assert len(set(paths(runs))) == len(runs) == 13 * 15
    seeds = {name: [run.spec.seed for run in runs if run.name == name] for name in ["mlp"]}
    assert seeds == {"mlp": list(range(15))}


def test_a_record_lies_under_its_recipe(quick_params: Params, source: Source) -> None:
    run = plan.evaluation_runs(quick_params, source, NO_WINNERS)[0]
    assert run.path == f"data/runs/{run.spec.group}/seed-0.json"


def test_fold_runs_follow_the_searchs_protocol(paper_params: Params, source: Source) -> None:
    for run in plan.search_runs(paper_params, source):
        assert (run.spec.seed, run.spec.folds, run.spec.epochs) == (1000, 5, 25)
        assert run.spec.batchnorm == "standard"
        assert run.spec.aux_weight == 0


def test_each_configuration_has_every_fold_once(paper_params: Params, source: Source) -> None:
    folds: dict[str, list[int | None]] = {}
    for run in plan.search_runs(paper_params, source):
        folds.setdefault(run.spec.group, []).append(run.spec.fold)
    assert len(folds) == 99
    assert all(members == [0, 1, 2, 3, 4] for members in folds.values())


def test_evaluation_runs_follow_the_evaluations_protocol(
    paper_params: Params, source: Source
) -> None:
    for run in plan.evaluation_runs(paper_params, source, NO_WINNERS):
        assert (run.spec.folds, run.spec.fold, run.spec.epochs) == (None, None, 50)
        assert (run.spec.train_pairs, run.spec.test_pairs) == (1000, 1000)


def test_a_winner_that_was_published_needs_no_runs_of_its_own(
    quick_params: Params, source: Source, before: dict[str, list[str]]
) -> None:
    runs = plan.evaluation_runs(quick_params, source, {"mlp": PUBLISHED})
    assert paths(runs) == before["evaluation"]


def test_another_winner_is_evaluated_on_every_seed(
    quick_params: Params, source: Source, before: dict[str, list[str]]
) -> None:
    runs = plan.evaluation_runs(quick_params, source, {"mlp": FASTER})
    new = [run for run in runs if run.path not in before["evaluation"]]
    assert [(run.name, run.spec.seed) for run in new] == [("mlp_selected", s) for s in range(3)]
    assert {run.spec.learning_rate for run in new} == {1e-3}


def test_variants_that_are_the_same_share_their_runs(content: Content, source: Source) -> None:
    params = changed(content, lambda c: c["variants"].update(twin={"base": "mlp"}))
    runs = plan.evaluation_runs(params, source, NO_WINNERS)
    shared = [[run.path for run in runs if run.name == name] for name in ("mlp", "twin")]
    assert shared[0] == shared[1]


@pytest.mark.parametrize("varies", ["weights", "order", "pairs"])
def test_seeds_draw_what_varies_alone(varies: str, content: Content, source: Source) -> None:
    variant = {"base": "mlp", "training": {"varies": varies}}
    params = changed(content, lambda c: c["variants"].update(varied=variant))
    runs = plan.evaluation_runs(params, source, NO_WINNERS)
    whole, varied = ([run for run in runs if run.name == name] for name in ("mlp", "varied"))
    assert varied[0].path == whole[0].path  # what all seeds have in common is trained once
    assert {run.path for run in varied[1:]}.isdisjoint(run.path for run in whole)
    pairs = {run.pairs for run in varied}
    assert pairs == ({run.pairs for run in whole} if varies == "pairs" else {whole[0].pairs})


def test_folds_are_of_their_own_pairs_whatever_varies(content: Content, source: Source) -> None:
    folds = plan.search_runs(changed(content, lambda c: None), source)
    content["variants"]["mlp"]["training"] = {"varies": "weights"}
    again = plan.search_runs(check(content), source)
    assert [(run.path, run.pairs) for run in again] == [(run.path, run.pairs) for run in folds]


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (lambda c: c["data"].update(source="auto", folder="mnist"), set()),
        (lambda c: c["execution"].update(runs_per_job=1, threads=4, device="cuda"), set()),
        (lambda c: c["studies"].clear(), set()),
        (lambda c: c["training"].update(epochs=4), {"evaluation"}),
        (lambda c: c["training"].update(batchnorm="frozen_after_first_epoch"), {"evaluation"}),
        (lambda c: c["training"].update(batch_size=49), {"search", "evaluation"}),
        (lambda c: c["training"].update(shuffle=False), {"search", "evaluation"}),
        (lambda c: c["pairs"].update(train=199), {"search", "evaluation"}),
        (lambda c: c["search"].update(folds=3), {"search"}),
        (lambda c: c["search"].update(epochs=3), {"search"}),
        (lambda c: c["search"].update(seed=1001), {"search"}),
    ],
)
def test_params_move_the_records_of_what_they_change(
    change: Change,
    moved: set[str],
    content: Content,
    source: Source,
    before: dict[str, list[str]],
) -> None:
    after = all_paths(changed(content, change), source)
    kept = {what for what in before if set(before[what]) & set(after[what])}
    assert {what for what in before if before[what] != after[what]} == moved
    assert kept.isdisjoint(moved)


def test_a_fold_run_does_not_depend_on_the_number_of_test_pairs(
    content: Content, source: Source, before: dict[str, list[str]]
) -> None:
    after = all_paths(changed(content, lambda c: c["pairs"].update(test=199)), source)
    assert set(after["evaluation"]).isdisjoint(before["evaluation"])
    assert after["search"] == before["search"]


def test_more_seeds_keep_the_records_of_the_old(
    content: Content, source: Source, before: dict[str, list[str]]
) -> None:
    after = all_paths(changed(content, lambda c: c["training"].update(seeds=5)), source)
    assert after["search"] == before["search"]
    assert set(before["evaluation"]) < set(after["evaluation"])
    assert len(after["evaluation"]) == len(before["evaluation"]) // 3 * 5


def test_one_variants_learning_rate_moves_its_records_alone(
    content: Content, source: Source, before: dict[str, list[str]]
) -> None:
    change: Change = lambda c: c["variants"]["mlp"].update(learning_rate=1e-3)  # noqa: E731
    runs = plan.evaluation_runs(changed(content, change), source, NO_WINNERS)
    assert {run.name for run in runs if run.path not in before["evaluation"]} == {"mlp"}


def test_a_param_flipped_back_finds_its_records(
    content: Content, source: Source, before: dict[str, list[str]]
) -> None:
    other = changed(content, lambda c: c["training"].update(epochs=4))
    assert all_paths(other, source) != before
    back = changed(content, lambda c: c["training"].update(epochs=3))
    assert all_paths(back, source) == before


@pytest.mark.parametrize("change", [{"name": "mnist"}, {"checksum": "ba9876543210"}])
def test_other_digits_move_every_record_and_pair_set(
    change: dict[str, str], quick_params: Params, source: Source, before: dict[str, list[str]]
) -> None:
    other = replace(source, **change)
    for what, moved in all_paths(quick_params, other).items():
        assert set(moved).isdisjoint(before[what])
    places = {sets.pairs_path(quick_params, digits, 0) for digits in (source, other)}
    assert len(places) == 2


def test_pair_sets_are_shared_by_all_that_does_not_change_them(
    content: Content, quick_params: Params, source: Source
) -> None:
    other = changed(content, lambda c: c["training"].update(seeds=5, epochs=9))
    assert sets.pairs_path(other, source, 0) == sets.pairs_path(quick_params, source, 0)
    larger = changed(content, lambda c: c["pairs"].update(train=201))
    assert sets.pairs_path(larger, source, 0) != sets.pairs_path(quick_params, source, 0)


def test_every_run_has_a_pair_set(paper_params: Params, source: Source) -> None:
    runs = plan.search_runs(paper_params, source)
    runs += plan.evaluation_runs(paper_params, source, NO_WINNERS)
    assert {run.spec.seed for run in runs} == set(sets.seeds(paper_params))
    for run in runs:
        assert run.pairs == sets.pairs_path(paper_params, source, run.spec.seed)
