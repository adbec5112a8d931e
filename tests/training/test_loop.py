"""The loop: a run depends on its spec alone, diverges or ends, and learns."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.digits.idx import Digits
from digitpairs.models.registry import family_of
from digitpairs.pairs import draw
from digitpairs.pairs.pairset import PairSet
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import loop
from digitpairs.training.loop import Epoch, History
from nets import train_one

CONVNET = ModelSpec("convnet", (10,), (8, 4))
SIAMESE = ModelSpec("siamese_convnet", (10,), (8, 4))
SHARED = replace(SIAMESE, shared=True)
NETS = [
    ModelSpec("mlp", (8,)),
    CONVNET,
    ModelSpec("siamese_mlp", (8,)),
    ModelSpec("siamese_mlp", (8,), shared=True),
    SIAMESE,
    SHARED,
]
READ_OUTS = {"digit_accuracy", "argmax_accuracy", "posterior_accuracy"}
MEASURES = {"train_loss", "test_loss", "test_accuracy"}


@pytest.mark.parametrize("model", NETS)
def test_read_outs_exist_for_siamese_nets_only(
    model: ModelSpec, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    history = train_one(replace(mlp_run, model=model), sets)
    assert history.status == "finished"
    assert set(history.epochs) == (MEASURES | READ_OUTS if family_of(model).siamese else MEASURES)
    assert {len(values) for values in history.epochs.values()} == {mlp_run.epochs}


def test_a_run_trained_again_is_the_same_to_the_bit(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    assert train_one(shared_run, sets) == train_one(shared_run, sets)


@pytest.mark.parametrize("model", NETS)
def test_a_run_does_not_depend_on_its_block(
    model: ModelSpec, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    run = replace(mlp_run, model=model)
    alone = train_one(run, sets)
    train_one(replace(run, seed=1, model=CONVNET), sets)
    torch.manual_seed(99)
    np.random.seed(99)
    assert train_one(run, sets) == alone


def test_a_run_does_not_depend_on_the_threads_set_before(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    torch.set_num_threads(1)
    alone = train_one(shared_run, sets)
    torch.set_num_threads(2)
    assert train_one(shared_run, sets) == alone


def test_training_leaves_the_global_generators_alone(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    torch.manual_seed(5)
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    train_one(shared_run, sets)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)


@pytest.mark.parametrize("change", [{"seed": 1}, {"folds": 5, "fold": 0}, {"folds": 5, "fold": 1}])
def test_another_seed_or_fold_starts_from_other_weights(
    change: dict[str, int], mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    assert train_one(replace(mlp_run, **change), sets) != train_one(mlp_run, sets)


def test_a_run_that_diverges_ends_early_and_says_so(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    history = train_one(replace(mlp_run, learning_rate=1e30, epochs=9), sets)
    assert history.status == "diverged"
    assert {len(values) for values in history.epochs.values()} == {1}
    assert not np.isfinite(history.epochs["train_loss"][-1])


def test_a_finished_run_has_finite_measures(shared_run: RunSpec, sets: dict[str, PairSet]) -> None:
    history = train_one(shared_run, sets)
    assert np.isfinite(list(history.epochs.values())).all()


MEASURED = st.floats(0, 9) | st.sampled_from([np.nan, np.inf, -np.inf])


@st.composite
def epochs_of_runs(draw: st.DrawFn) -> list[dict[str, list[float]]]:
    """What epochs of two runs measured; a loss may not be finite."""
    count = draw(st.integers(1, 12))
    values = st.lists(MEASURED, min_size=2, max_size=2)
    return [{name: draw(values) for name in sorted(MEASURES)} for _ in range(count)]


def by_definition(epochs: Sequence[Epoch], run: int) -> History:
    """Up to the first epoch with a loss that is not finite, if there is one."""
    losses = [[epoch[name][run] for name in ("train_loss", "test_loss")] for epoch in epochs]
    bad = [at for at, both in enumerate(losses) if not np.isfinite(both).all()]
    kept = epochs[: bad[0] + 1] if bad else epochs
    columns = {name: [epoch[name][run] for epoch in kept] for name in epochs[0]}
    return History("diverged" if bad else "finished", columns)


@given(epochs_of_runs())
def test_a_history_ends_with_the_first_loss_that_is_not_finite(
    epochs: list[dict[str, list[float]]],
) -> None:
    for run in range(2):
        found, expected = loop.history(epochs, run), by_definition(epochs, run)
        assert found.status == expected.status
        np.testing.assert_equal(found.epochs, expected.epochs)


def test_a_history_looks_at_each_epoch_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, is_sound = [], loop.is_sound

    def counted(epoch: Epoch, run: int) -> bool:
        looked.append(epoch)
        return is_sound(epoch, run)

    monkeypatch.setattr(loop, "is_sound", counted)
    epochs = [{name: [float(at)] for name in MEASURES} for at in range(50)]
    assert loop.history(epochs, 0).status == "finished"
    assert looked == epochs


@pytest.mark.parametrize("loss", ["train_loss", "test_loss"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_epoch_is_sound_where_both_losses_are_finite(loss: str, value: float) -> None:
    sound = {"train_loss": [0.5, 0.5], "test_loss": [0.5, 0.5], "test_accuracy": [0.5, 0.5]}
    assert loop.is_sound(sound, 0)
    broken = {**sound, loss: [0.5, value]}
    assert loop.is_sound(broken, 0)
    assert not loop.is_sound(broken, 1)


def test_a_run_whose_test_loss_alone_is_not_finite_has_diverged(
    mlp_run: RunSpec, sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = loop.evaluate

    def overflow(*of: Any) -> dict[str, list[float]]:
        return evaluate(*of) | {"test_loss": [np.inf]}

    monkeypatch.setattr(loop, "evaluate", overflow)
    history = train_one(replace(mlp_run, epochs=3), sets)
    assert history.status == "diverged"
    assert history.epochs["test_loss"] == [np.inf]
    assert np.isfinite(history.epochs["train_loss"]).all()


PRECISION = """
import sys, warnings

warnings.simplefilter("error")
import torch
from digitpairs.training import loop

backends = torch.backends
for before in sys.argv[1:]:
    exec(before)
    loop.full_precision()
    assert not backends.cuda.matmul.allow_tf32 and not backends.cudnn.allow_tf32, before
    assert torch.get_float32_matmul_precision() == "highest", before
    of_cuda = backends.cuda.matmul, backends.cudnn, backends.cudnn.conv
    for products in (backends, *of_cuda, backends.mkldnn.matmul):
        assert products.fp32_precision == "ieee", (before, products)
"""


def test_products_are_in_full_float32_whatever_was_set_before() -> None:
    """In a process of its own, where no warning is raised. A variable turns TF32 on, too."""
    ways = [
        "",
        "backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = True",
        "torch.set_float32_matmul_precision('medium')",
        "backends.fp32_precision = 'tf32'",
        "backends.cuda.matmul.fp32_precision = backends.cudnn.conv.fp32_precision = 'tf32'",
    ]
    subprocess.run(
        [sys.executable, "-c", PRECISION, *ways],
        env={**os.environ, "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE": "1"},
        check=True,
    )


def test_training_sets_the_precision_of_products(
    mlp_run: RunSpec, sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(loop, "full_precision", lambda: called.append("precision"))
    train_one(mlp_run, sets)
    assert called == ["precision"]


@pytest.fixture(scope="session")
def learned(pools: dict[str, Digits]) -> History:
    """An auxiliary net after 10 epochs on 400 pairs, tested on 300."""
    train_set = draw.draw(pools["train"], 400, 0, "train")
    test_set = draw.draw(pools["test"], 300, 0, "test")
    spec = RunSpec(
        model=ModelSpec("siamese_convnet", (20,), (16, 16), shared=True),
        learning_rate=1e-2,
        aux_weight=1.0,
        epochs=10,
        batch_size=50,
        batchnorm="standard",
        shuffle=True,
        train_pairs=400,
        test_pairs=300,
        digits="",
        code="",
        seed=0,
    )
    return train_one(spec, {"train": train_set, "test": test_set})


def test_a_net_with_auxiliary_loss_reads_most_digits(learned: History) -> None:
    assert learned.epochs["digit_accuracy"][-1] > 0.8


@pytest.mark.parametrize("measure", ["test_accuracy", "argmax_accuracy", "posterior_accuracy"])
def test_a_net_with_auxiliary_loss_compares_digits(learned: History, measure: str) -> None:
    assert learned.epochs[measure][-1] > 0.75


def test_training_lowers_the_loss(learned: History) -> None:
    losses = learned.epochs["train_loss"]
    assert losses[-1] < losses[0] / 2
