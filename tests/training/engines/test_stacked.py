"""Runs side by side: what the plain modules compute, and the same bits in any company."""

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from digitpairs.models.registry import family_of
from digitpairs.pairs.pairset import PairSet
from digitpairs.runs import batches
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import loop
from digitpairs.training.engines.plain import Plain
from digitpairs.training.engines.stacked import Stacked
from digitpairs.training.loop import History, train
from nets import as_pairs, clear_case, differences, random_data, random_net, stepped

# Odd sizes: where the runs of a stack lie in memory, they are aligned in no way.
MLPS = {
    "naive": ModelSpec("mlp", (13, 37)),
    "siamese": ModelSpec("siamese_mlp", (37, 13)),
    "shared": ModelSpec("siamese_mlp", (13,), shared=True),
}
CONVNETS = {
    "naive": ModelSpec("convnet", (10,), (4, 8)),
    "siamese": ModelSpec("siamese_convnet", (10,), (4, 8)),
    "shared": ModelSpec("siamese_convnet", (10,), (8, 4), shared=True),
}
ALL = [*MLPS.values(), *CONVNETS.values()]
RUNS = 3
MODES = pytest.mark.parametrize("mode", [True, False], ids=["batch", "frozen"])
NETS = pytest.mark.parametrize("model", ALL, ids=lambda model: f"{model.family}-{model.shared}")


@MODES
@NETS
def test_in_float64_every_run_is_that_of_its_plain_modules(model: ModelSpec, mode: bool) -> None:
    nets = [random_net(model, seed).double() for seed in range(RUNS)]
    images, *classes = random_data(RUNS, 0)
    data = (images.double(), *classes)
    weights = torch.tensor([0.5, 1, 2]).double() if family_of(model).siamese else None
    engine = Stacked(copy.deepcopy(nets))
    found = stepped(engine, data, mode, weights)
    for run, net in enumerate(nets):
        apart = dict(differences(engine, run, net, data, mode, weights, found))
        assert {what: by for what, by in apart.items() if not by <= 1e-9} == {}


@MODES
@NETS
def test_in_float32_a_run_is_that_of_its_plain_modules(model: ModelSpec, mode: bool) -> None:
    net, data = clear_case(model, mode)
    weights = torch.tensor([0.5]) if family_of(model).siamese else None
    engine = Stacked([copy.deepcopy(net)])
    found = stepped(engine, data, mode, weights)
    apart = dict(differences(engine, 0, net, data, mode, weights, found))
    assert {what: by for what, by in apart.items() if not by <= 1e-4} == {}


@NETS
def test_in_test_mode_outputs_are_those_of_the_plain_modules(model: ModelSpec) -> None:
    nets = [random_net(model, seed).eval() for seed in range(RUNS)]
    images = random_data(RUNS, 1, pairs=50)[0]
    engine = Stacked(copy.deepcopy(nets))
    engine.train(False)
    with torch.no_grad():
        found = engine(*engine.inputs(images))
        expected = [
            net.double()(as_pairs(own).double()) for net, own in zip(nets, images, strict=True)
        ]
    for run, output in enumerate(expected):
        for one, other in zip(found, output, strict=True):
            assert (one is None) == (other is None)
            if one is not None:
                torch.testing.assert_close(one[run].double(), other, rtol=1e-5, atol=1e-5)


def test_the_nets_that_are_stacked_stay_as_they_were() -> None:
    nets = [random_net(CONVNETS["naive"], seed) for seed in range(2)]
    before = copy.deepcopy([net.state_dict() for net in nets])
    engine = Stacked(nets)
    stepped(engine, random_data(2, 0), True, None)
    with torch.no_grad():
        for tensor in engine.parameters:
            tensor.add_(1)
    for net, kept in zip(nets, before, strict=True):
        for name, tensor in net.state_dict().items():
            assert torch.equal(tensor, kept[name])


def side_by_side(runs: Sequence[RunSpec], sets: dict[str, PairSet]) -> list[History]:
    """Train runs in one stack; all seeds share one pair set."""
    assert len({batches.in_common(run) for run in runs}) == 1
    result = train(runs, {run.seed: sets for run in runs})
    assert result.engine == Stacked.__name__
    return result.histories


def bits(history: History) -> tuple[str, dict[str, list[str]]]:
    """All of a history, to the bit: other than ==, this tells nan from nothing else."""
    epochs = {name: [value.hex() for value in of] for name, of in history.epochs.items()}
    return history.status, epochs


def variety(run: RunSpec, model: ModelSpec, count: int) -> list[RunSpec]:
    """Runs of a model that differ in all that runs of a stack may differ in."""
    return [
        replace(
            run,
            model=model,
            seed=at % 5,
            learning_rate=10.0 ** (-2 - at % 3),
            aux_weight=0.25 * (1 + at) if family_of(model).siamese else 0.0,
        )
        for at in range(count)
    ]


@pytest.mark.parametrize("kind", MLPS)
def test_a_run_is_the_same_to_the_bit_in_a_stack_of_any_size(
    kind: str, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    runs = variety(mlp_run, MLPS[kind], 15)
    alone = [bits(history) for run in runs for history in side_by_side([run], sets)]
    assert len({str(run) for run in alone}) == 15
    for size in (1, 2, 3, 7, 15):
        for start in {0, 15 - size}:
            found = side_by_side(runs[start : start + size], sets)
            assert [bits(history) for history in found] == alone[start : start + size]


@settings(max_examples=25)
@given(
    model=st.builds(
        ModelSpec,
        st.sampled_from(["mlp", "siamese_mlp"]),
        st.lists(st.integers(2, 70), min_size=1, max_size=2).map(tuple),
    ),
    order=st.permutations(range(6)),
    size=st.integers(1, 6),
    batch_size=st.integers(7, 60),  # of 60 pairs: with 59, a batch of one
)
def test_a_run_is_the_same_to_the_bit_in_a_stack_of_any_order(
    model: ModelSpec, order: list[int], size: int, batch_size: int, sets: dict[str, PairSet]
) -> None:
    given = RunSpec(model, 1e-3, 0.0, 2, batch_size, "standard", True, 60, 40, "", "", 0)
    runs = variety(given, model, 6)
    chosen = [runs[at] for at in order[:size]]
    alone = [bits(history) for run in chosen for history in side_by_side([run], sets)]
    assert [bits(history) for history in side_by_side(chosen, sets)] == alone


@pytest.mark.parametrize("hidden", [(1,), (5, 1)])
def test_nets_whose_bits_would_depend_on_the_stack_are_not_stacked(
    hidden: tuple[int, ...], mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    run = replace(mlp_run, model=ModelSpec("mlp", hidden))
    assert batches.most_together(run, "cpu") == 1
    assert train([run], {0: sets}).engine == Plain.__name__


def test_a_stack_trained_again_is_the_same_to_the_bit(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    runs = variety(mlp_run, MLPS["shared"], 7)
    first, second = ([bits(history) for history in side_by_side(runs, sets)] for _ in range(2))
    assert first == second


def test_seeds_in_a_stack_have_their_own_pairs(mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    runs = [replace(mlp_run, seed=seed) for seed in range(2)]
    other = {part: own.take(np.arange(len(own))[::-1] // 2) for part, own in sets.items()}
    own = {0: sets, 1: other}
    alone = [bits(train([run], {run.seed: own[run.seed]}).histories[0]) for run in runs]
    assert [bits(history) for history in train(runs, own).histories] == alone
    assert bits(train(runs[1:], {1: sets}).histories[0]) != alone[1]


@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize("kind", MLPS)
def test_a_run_that_diverges_leaves_the_others_as_they_are(
    place: int, kind: str, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    runs = variety(replace(mlp_run, epochs=3), MLPS[kind], 5)
    runs[place] = replace(runs[place], learning_rate=1e30)
    alone = [bits(history) for run in runs for history in side_by_side([run], sets)]
    found = side_by_side(runs, sets)
    assert [bits(history) for history in found] == alone
    statuses = ["diverged" if run == place else "finished" for run in range(5)]
    assert [history.status for history in found] == statuses
    assert {len(values) for values in found[place].epochs.values()} == {1}


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("batchnorm", ["standard", "frozen_after_first_epoch"])
@NETS
def test_a_stack_trains_as_the_plain_modules_do(
    model: ModelSpec,
    batchnorm: str,
    mlp_run: RunSpec,
    sets: dict[str, PairSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = replace(mlp_run, batchnorm=batchnorm, epochs=3)  # type: ignore[arg-type]
    runs = variety(run, model, 3)
    monkeypatch.setattr(loop, "engine_for", lambda *_: Stacked)
    stack = train(runs, {run.seed: sets for run in runs})
    monkeypatch.setattr(loop, "engine_for", lambda *_: Plain)
    for spec, found in zip(runs, stack.histories, strict=True):
        plain = train([spec], {spec.seed: sets})
        assert (stack.engine, plain.engine) == (Stacked.__name__, Plain.__name__)
        (expected,) = plain.histories
        assert found.epochs.keys() == expected.epochs.keys()
        for measure, values in expected.epochs.items():
            assert found.epochs[measure] == pytest.approx(values, rel=1e-8), measure
