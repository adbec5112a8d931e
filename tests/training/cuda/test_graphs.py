"""CUDA graphs, with a stand-in: recording runs nothing, replaying does what was recorded.

What a real graph does beside that needs a GPU.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
from torch import Tensor

import standin_gpu
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import SGD, Affine, Augmentation, Cosine, Elastic, Recipe
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import loop
from digitpairs.training.cuda import graphs
from digitpairs.training.cuda.graphs import Replayed
from digitpairs.training.engines.stacked import Stacked


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    return standin_gpu.recording(monkeypatch)


def test_a_replayed_function_does_what_it_does(recorded: list[Tensor]) -> None:
    total, mode = torch.zeros(()), "a"

    def add(given: Tensor) -> Tensor:
        total.add_(given.sum())
        return total * (2 if mode == "a" else 3)

    replayed = Replayed(add, [total], lambda: mode)
    results = [replayed(torch.full((size,), 1.0)) for size in (2, 2, 1, 2)]
    assert [result.item() for result in results] == [4, 8, 10, 14]
    assert len(recorded) == 2  # a shape each
    mode = "b"
    assert replayed(torch.ones(2)).item() == 27
    assert len(recorded) == 3


def test_warming_up_leaves_the_state_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    standin_gpu.streams(monkeypatch)
    calls, total = [], torch.zeros(())
    seen: list[float] = []

    @contextmanager
    def graph(made: object) -> Iterator[None]:
        seen.append(total.item())
        yield

    monkeypatch.setattr(torch.cuda, "CUDAGraph", object)
    monkeypatch.setattr(torch.cuda, "graph", graph)

    def add(given: Tensor) -> Tensor:
        calls.append(given)
        return total.add_(given.sum())

    Replayed(add, [total], lambda: None).record(torch.ones(3))
    assert len(calls) == graphs.WARM_UPS + 1
    assert seen == [0.0]


AUGMENTED = Recipe(
    augmentation=Augmentation(Affine(14, 0.1, 8, 1), Elastic(0.65), swap=0.5, new_pairs=True)
)
SCHEDULED = Recipe(SGD("sgd", 0.9), Cosine("cosine", warmup=1.5))


@pytest.mark.parametrize(
    "recipe", [Recipe(), AUGMENTED, SCHEDULED], ids=["paper", "augmented", "scheduled"]
)
@pytest.mark.parametrize("batchnorm", ["standard", "frozen_after_first_epoch"])
@pytest.mark.parametrize("model", [ModelSpec("mlp", (8,)), ModelSpec("convnet", (10,), (4, 6))])
def test_training_by_replayed_steps_comes_to_the_same(
    model: ModelSpec,
    batchnorm: str,
    recipe: Recipe,
    recorded: list[Tensor],
    mlp_run: RunSpec,
    sets: dict[str, PairSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a last batch that is shorter, of runs with different learning rates.

    Changed pairs are written where the recording reads them.
    """
    monkeypatch.setattr(loop, "engine_for", lambda *_: Stacked)
    run = replace(mlp_run, model=model, batch_size=25, batchnorm=batchnorm, epochs=3, recipe=recipe)
    runs = [replace(run, seed=seed, learning_rate=1e-3 * (seed + 1)) for seed in range(2)]
    pairs = {seed: sets for seed in range(2)}
    alone = loop.train(runs, pairs)
    assert loop.train(runs, pairs, standin_gpu.GPU).histories == alone.histories
    modes = 2 if batchnorm != "standard" else 1
    assert len(recorded) == 2 * modes


def test_eager_steps_are_taken_as_they_are_and_nothing_is_recorded(recorded: list[Tensor]) -> None:
    seen: list[Tensor] = []

    def note(given: Tensor) -> Tensor:
        seen.append(given)
        return given + 1

    replayed, given = Replayed(note, [], lambda: None), torch.ones(2)
    with graphs.eagerly():
        assert replayed(given).tolist() == [2, 2]
        with graphs.eagerly(False):
            assert not graphs.eager()
        assert graphs.eager()
    assert len(seen) == 1
    assert seen[0] is given
    assert recorded == []
    assert not graphs.eager()
    replayed(given)
    assert len(recorded) == 1
