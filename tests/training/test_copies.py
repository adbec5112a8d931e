"""A copy of a run: the same pairs, other weights, another order."""

from dataclasses import replace

import numpy as np
import torch

from digitpairs.pairs.draw import for_run
from digitpairs.pairs.pairset import PairSet
from digitpairs.spec import RunSpec
from digitpairs.training import streams
from digitpairs.training.loop import train
from nets import train_one

STREAMS = (
    streams.INIT_STREAM,
    streams.SHUFFLE_STREAM,
    streams.LAYER_STREAM,
    streams.AUGMENT_STREAM,
    streams.NEW_PAIRS_STREAM,
)


def test_each_copy_draws_by_streams_of_its_own(mlp_run: RunSpec) -> None:
    runs = [
        replace(mlp_run, seed=seed, fold=fold, folds=3, copy=copy)
        for seed in range(3)
        for fold in (None, 0, 1, 2)
        for copy in range(4)
    ]
    drawn = {streams.state(run, stream) for run in runs for stream in STREAMS}
    assert len(drawn) == len(runs) * len(STREAMS)


def test_what_a_run_that_is_no_copy_draws_is_as_it_was(mlp_run: RunSpec) -> None:
    for fold in (None, 2):
        run = replace(mlp_run, seed=5, fold=fold, folds=3)
        entropy = [5, 0 if fold is None else fold + 1, streams.SHUFFLE_STREAM]
        (word,) = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
        assert streams.state(run, streams.SHUFFLE_STREAM) == int(word >> 1)


def test_copies_learn_from_the_same_pairs(mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    run = replace(mlp_run, folds=3, fold=1, test_pairs=None)
    for own, other in zip(for_run(sets, run), for_run(sets, replace(run, copy=2)), strict=True):
        assert np.array_equal(own.indices, other.indices)


def test_copies_come_to_other_weights_side_by_side_as_alone(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    specs = [replace(mlp_run, copy=copy) for copy in range(3)]
    together = train(specs, {0: sets}).histories
    assert together == [train_one(spec, sets) for spec in specs]
    assert len({str(history) for history in together}) == 3


def test_a_copy_differs_by_its_weights_and_by_its_order(mlp_run: RunSpec) -> None:
    first, other = (streams.initialised(replace(mlp_run, copy=copy)) for copy in (0, 1))
    pairs = zip(first.parameters(), other.parameters(), strict=True)
    assert not any(torch.equal(*pair) for pair in pairs)
