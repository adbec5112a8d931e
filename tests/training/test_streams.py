"""Random draws of a run: streams that never meet, and global generators left alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from digitpairs.errors import UserError
from digitpairs.models import layers
from digitpairs.models.layers import Layer
from digitpairs.spec import Drawn, ModelSpec, RunSpec
from digitpairs.training import streams

ALL = (
    streams.INIT_STREAM,
    streams.SHUFFLE_STREAM,
    streams.LAYER_STREAM,
    streams.AUGMENT_STREAM,
    streams.NEW_PAIRS_STREAM,
)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_streams_of_seeds_and_folds_never_meet(seed: int, fold: int) -> None:
    run = RunSpec(ModelSpec("mlp", (8,)), 1e-3, 0.0, 1, 1, "standard", True, 1, 1, "", "", seed)
    runs = [run, replace(run, folds=9, fold=fold), replace(run, seed=seed + 1)]
    starts = {streams.generator(run, stream).initial_seed() for run in runs for stream in ALL}
    assert len(starts) == 3 * len(ALL)


def test_what_a_stream_draws_is_known() -> None:
    """Else every run would be another one."""
    run = RunSpec(ModelSpec("mlp", (8,)), 1e-3, 0.0, 1, 1, "standard", True, 1, 1, "", "", 3)
    states = [streams.state(run, stream) for stream in ALL]
    assert states == [
        6233904063939786893,
        4854266099512449391,
        8688532937909049281,
        8053047280485620712,
        191171737318897464,
    ]
    assert streams.state(replace(run, folds=5, fold=0), 0) == 5712964121383671236


@pytest.mark.parametrize(
    ("varies", "moved"),
    [("weights", {0}), ("order", {1, 2, 3, 4}), ("pairs", set()), (None, set(ALL))],
)
def test_a_seed_draws_what_varies_and_seed_0_the_rest(
    varies: Drawn | None, moved: set[int], mlp_run: RunSpec
) -> None:
    run = replace(mlp_run, seed=3, varies=varies)
    first, alone = replace(mlp_run, seed=0), replace(mlp_run, seed=3)
    for stream in ALL:
        drawn = alone if stream in moved else first
        assert streams.state(run, stream) == streams.state(drawn, stream)


def test_a_run_starts_from_its_own_weights(mlp_run: RunSpec) -> None:
    def weights(spec: RunSpec) -> list[float]:
        torch.manual_seed(5)  # of no influence
        return [tensor.sum().item() for tensor in streams.initialised(spec).parameters()]

    other = [replace(mlp_run, seed=1), replace(mlp_run, folds=5, fold=0)]
    starts = [weights(spec) for spec in (mlp_run, *other)]
    assert weights(replace(mlp_run, learning_rate=1.0)) == starts[0]
    assert len({str(start) for start in starts}) == 3


def drawn(spec: RunSpec) -> list[float]:
    """What layers that draw would draw in a run."""
    with streams.seeded(spec, "cpu"):
        return torch.rand(3).tolist()


def test_layers_that_draw_do_so_from_the_runs_own_stream(mlp_run: RunSpec) -> None:
    runs = [mlp_run, replace(mlp_run, seed=1), *(replace(mlp_run, folds=5, fold=f) for f in (0, 1))]
    first = [drawn(run) for run in runs]
    torch.manual_seed(7)
    assert [drawn(run) for run in reversed(runs)] == first[::-1]
    assert len({str(draws) for draws in first}) == len(runs)


def test_the_stream_of_layers_is_not_that_of_the_initial_weights(mlp_run: RunSpec) -> None:
    others = [streams.generator(mlp_run, stream) for stream in ALL[:2]]
    assert drawn(mlp_run) not in [torch.rand(3, generator=own).tolist() for own in others]


def test_seeding_leaves_the_global_generator_as_it_was(mlp_run: RunSpec) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    drawn(mlp_run)
    streams.initialised(mlp_run)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_only_the_gpu_in_use_is_forked_and_seeded(
    device: str, mlp_run: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four GPUs, by a stand-in: to fork another would start CUDA there, hundreds of MiB."""
    forked: list[list[int]] = []
    seeds: list[int] = []

    @contextmanager
    def fork(devices: list[int]) -> Iterator[None]:
        forked.append(devices)
        yield

    def never(*_: object) -> None:
        raise AssertionError("all GPUs were seeded")

    monkeypatch.setattr(torch.random, "fork_rng", fork)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 2)
    monkeypatch.setattr(torch.cuda, "manual_seed", seeds.append)
    for name in ("manual_seed_all", "seed_all"):
        monkeypatch.setattr(torch.cuda, name, never)
    before = torch.get_rng_state()
    with streams.seeded(mlp_run, device):
        pass
    torch.set_rng_state(before)  # the stand-in does not put it back
    assert forked == [[2] if device == "cuda" else []]
    assert seeds == ([streams.state(mlp_run, streams.LAYER_STREAM)] if device == "cuda" else [])


def test_a_parameter_count_that_is_not_torchs_stops_the_run(
    mlp_run: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    linear = layers.linear

    def without_biases(inputs: int, outputs: int) -> Layer:
        return replace(linear(inputs, outputs), parameters=inputs * outputs)

    monkeypatch.setattr(layers, "linear", without_biases)
    with pytest.raises(UserError, match=r"has 3,162 parameters, its layers say 3,152"):
        streams.initialised(mlp_run)


def test_a_net_that_is_not_what_its_layers_say_stops_the_run(
    mlp_run: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    net_of = streams.net_of

    def with_another_layer(spec: ModelSpec) -> nn.Module:
        net: Any = net_of(spec)
        net.branch.append(nn.Linear(2, 2))
        return net

    monkeypatch.setattr(streams, "net_of", with_another_layer)
    with pytest.raises(UserError, match="mend models/layers"):
        streams.initialised(mlp_run)
