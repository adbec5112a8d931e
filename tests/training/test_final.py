"""Measures over many pairs, held against a loop over all of them by the nets' own modules."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from digitpairs.digits.idx import Digits
from digitpairs.models.build import net_of
from digitpairs.models.registry import options_of
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.pool import Pool, pool_of
from digitpairs.recipe import Recipe
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import final, tally
from digitpairs.training.loop import Result, train
from digitpairs.training.measures import says_yes
from digitpairs.training.preprocess import fitted
from nets import AT_MOST, as_pairs

COUNT = 41  # odd: the last digit of a pass has no partner of its own
STACK = {"layers": [{"channels": 4, "pool": "max"}, {"channels": 6, "pool": "max"}]}
NETS = {
    "mlp": ModelSpec("mlp", (8,)),
    "convnet": ModelSpec("convnet", (8,), (4, 6)),
    "siamese_mlp": ModelSpec("siamese_mlp", (8,)),
    "siamese_mlp_shared": ModelSpec("siamese_mlp", (8,), shared=True),
    "siamese_convnet": ModelSpec("siamese_convnet", (8,), (4, 6)),
    "siamese_convnet_shared": ModelSpec("siamese_convnet", (8,), (4, 6), shared=True),
    "convstack": ModelSpec("convstack", (), options=options_of("convstack", STACK)),
    "convstack_without_head": ModelSpec(
        "convstack", (), options=options_of("convstack", {**STACK, "head": False})
    ),
}
SIAMESE = [name for name in NETS if name.startswith(("siamese", "convstack"))]


@pytest.fixture(scope="module")
def pool(pools: dict[str, Digits]) -> Pool:
    return pool_of(pools["test"]).take(np.arange(COUNT))


def trained(
    run: RunSpec,
    sets: dict[str, PairSet],
    pool: Pool | None,
    seeds: Sequence[int] = (0,),
    **to: Any,
) -> Result:
    specs = [replace(run, seed=seed, learning_rate=1e-2, **to) for seed in seeds]
    return train(specs, dict.fromkeys(seeds, sets), digits=pool)


def by_loop(
    spec: RunSpec, result: Result, sets: dict[str, PairSet], pool: Pool, readout: str
) -> dict[tuple[int, int], bool]:
    """Whether a net is right on each ordered pair of distinct digits, by its own modules."""
    net = net_of(spec.model)
    net.load_state_dict(result.weights(0))
    images = fitted(spec.recipe.preprocessing, sets["train"].pixels)(pool.pixels)
    pairs = [(i, j) for i in range(COUNT) for j in range(COUNT) if i != j]
    rows = torch.tensor(pairs)
    with torch.no_grad():
        output = net.eval()(as_pairs(torch.from_numpy(images)[rows]))
        said = says_yes(output, readout, AT_MOST)  # type: ignore[arg-type]
    truth = pool.labels[rows[:, 0]] <= pool.labels[rows[:, 1]]
    return dict(zip(pairs, (said.numpy() == truth).tolist(), strict=True))


def around(steps: int) -> list[tuple[int, int]]:
    """Each digit with the next ones of the ring."""
    ring = final.ring(COUNT).tolist()
    return [
        (ring[at], ring[(at + step) % COUNT]) for at in range(COUNT) for step in range(1, steps + 1)
    ]


@pytest.mark.parametrize("name", SIAMESE)
@pytest.mark.parametrize("readout", ["argmax", "posterior"])
def test_readouts_without_a_head_are_exact_over_all_ordered_pairs(
    name: str, readout: str, mlp_run: RunSpec, sets: dict[str, PairSet], pool: Pool
) -> None:
    run = replace(mlp_run, model=NETS[name])
    result = trained(run, sets, pool)
    right = by_loop(run, result, sets, pool, readout)
    assert len(right) == COUNT * (COUNT - 1)
    expected = sum(right.values()) / len(right)
    assert result.histories[0].measures[f"all_pairs_{readout}_accuracy"] == expected


@pytest.mark.parametrize("name", NETS)
def test_answers_are_counted_around_the_ring(
    name: str, mlp_run: RunSpec, sets: dict[str, PairSet], pool: Pool
) -> None:
    run = replace(mlp_run, model=NETS[name])
    result = trained(run, sets, pool)
    right = by_loop(run, result, sets, pool, "head")
    usual = name in SIAMESE and name != "convstack_without_head"
    pairs = around(final.HEAD_STEPS if usual else 1)
    measures = result.histories[0].measures
    assert measures["many_pairs_accuracy"] == sum(right[pair] for pair in pairs) / len(pairs)
    if name in SIAMESE:
        assert measures["many_pairs_head_accuracy"] == measures["many_pairs_accuracy"]


@pytest.mark.parametrize("readout", ["argmax", "posterior"])
def test_the_answer_that_counts_is_that_of_the_readout(
    readout: str, mlp_run: RunSpec, sets: dict[str, PairSet], pool: Pool
) -> None:
    run = replace(mlp_run, model=NETS["siamese_mlp"], recipe=Recipe(readout=readout))  # type: ignore[arg-type]
    (history,) = trained(run, sets, pool).histories
    assert (
        history.measures["many_pairs_accuracy"]
        == (history.measures[f"all_pairs_{readout}_accuracy"])
    )
    assert len(set(history.measures.values())) > 1


def test_runs_without_digits_and_folds_with_a_head_have_none(
    mlp_run: RunSpec, sets: dict[str, PairSet], pool: Pool
) -> None:
    assert trained(mlp_run, sets, None).histories[0].measures == {}
    for name in ("mlp", "siamese_mlp"):
        run = replace(mlp_run, model=NETS[name], folds=3, fold=0, test_pairs=None)
        assert trained(run, sets, pool).histories[0].measures == {}


def test_a_run_that_diverged_has_none(
    mlp_run: RunSpec, sets: dict[str, PairSet], pool: Pool
) -> None:
    run = replace(mlp_run, model=NETS["siamese_mlp"])
    specs = [run, replace(run, seed=1, aux_weight=1.0), replace(run, aux_weight=1e38, seed=2)]
    specs = [replace(spec, aux_weight=max(spec.aux_weight, 1.0)) for spec in specs]
    result = train(specs, dict.fromkeys((0, 1, 2), sets), digits=pool)
    found = {history.status: bool(history.measures) for history in result.histories}
    assert found == {"finished": True, "diverged": False}


@pytest.mark.parametrize("name", NETS)
def test_a_run_alone_and_in_a_stack_comes_to_the_same(
    name: str, mlp_run: RunSpec, sets: dict[str, PairSet], pool: Pool
) -> None:
    run = replace(mlp_run, model=NETS[name])
    if "conv" in name:
        pytest.skip("ConvNets are trained one after another")
    together = trained(run, sets, pool, seeds=(0, 1, 2)).histories
    alone = [trained(run, sets, pool, seeds=(seed,)).histories[0] for seed in (0, 1, 2)]
    assert together == alone
    assert len({tuple(history.measures.values()) for history in alone}) > 1


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_counts_do_not_depend_on_the_size_of_blocks(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = torch.Generator().manual_seed(5)
    logits = torch.randn(150, 2, 10, generator=random)
    labels = torch.randint(10, (150,), generator=random).numpy()
    head = [torch.randn(*shape, generator=random) for shape in ((9, 20), (9,), (2, 9), (2,))]
    expected = (
        tally.right_by_posterior(logits, labels, AT_MOST),
        tally.right_by_head(logits, labels, AT_MOST, head, 5),
    )
    for name in ("POSTERIOR_BLOCK", "HEAD_BLOCK"):
        monkeypatch.setattr(tally, name, size)
    assert expected == (
        tally.right_by_posterior(logits, labels, AT_MOST),
        tally.right_by_head(logits, labels, AT_MOST, head, 5),
    )
