"""Training: the loss, the read-outs, the protocol, and that a run depends on its spec alone."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor, nn

from digitpairs.digits.idx import Digits
from digitpairs.models.nets import Output
from digitpairs.pairs import draw, pixels
from digitpairs.pairs.pairset import PairSet
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import data, measures, streams
from digitpairs.training.data import Data
from digitpairs.training.engines.choose import Engine, engine_for
from digitpairs.training.loop import History, train

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

logits = st.floats(-30, 30)


def train_one(spec: RunSpec, sets: dict[str, PairSet]) -> History:
    """Train a run that nothing goes beside."""
    (history,) = train([spec], {spec.seed: sets}).histories
    return history


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Leave torch's number of threads as it was."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def cross_entropy(logits: npt.NDArray[np.float64], classes: npt.NDArray[np.int64]) -> np.float64:
    """Minus the mean log-softmax at the classes, as the textbook writes it."""
    odds = np.exp(logits)
    chosen = odds[np.arange(len(classes)), classes] / odds.sum(1)
    return np.float64(-np.log(chosen).mean())


def in_one_stack(
    answer: Tensor, digit_logits: Tensor | None, digits: Tensor
) -> tuple[Output, Data]:
    """What `losses` takes of runs: logits and digit classes, each with the runs in front."""
    target = (digits[..., 0] <= digits[..., 1]).long()
    return Output(answer, digit_logits), Data((), target, digits)


@given(
    arrays(np.float64, (2, 6, 2), elements=logits),
    arrays(np.float64, (2, 6, 2, 10), elements=logits),
    arrays(np.int64, (2, 6, 2), elements=st.integers(0, 9)),
    arrays(np.float64, 2, elements=st.floats(0, 100)),
)
def test_loss_of_each_run_is_the_papers_formula(
    answer: npt.NDArray[np.float64],
    digit_logits: npt.NDArray[np.float64],
    digits: npt.NDArray[np.int64],
    aux_weights: npt.NDArray[np.float64],
) -> None:
    target = (digits[..., 0] <= digits[..., 1]).astype(np.int64)
    expected = [
        cross_entropy(answer[run], target[run])
        + aux_weights[run]
        * (
            cross_entropy(digit_logits[run, :, 0], digits[run, :, 0])
            + cross_entropy(digit_logits[run, :, 1], digits[run, :, 1])
        )
        for run in range(2)
    ]
    given = in_one_stack(*(torch.from_numpy(array) for array in (answer, digit_logits, digits)))
    found = measures.losses(*given, torch.from_numpy(aux_weights))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("digit_logits", [None, torch.full((1, 3, 2, 10), torch.nan)])
def test_without_auxiliary_loss_only_the_answer_counts(digit_logits: Tensor | None) -> None:
    answer = torch.tensor([[[1.0, 2.0], [0.0, 0.0], [3.0, -1.0]]], dtype=torch.float64)
    output, data = in_one_stack(answer, digit_logits, torch.tensor([[[1, 2], [3, 0], [9, 4]]]))
    found = measures.losses(output, data, None)
    expected = cross_entropy(answer[0].numpy(), np.array([1, 0, 0]))
    np.testing.assert_allclose(found.numpy(), [expected], rtol=1e-12)


def test_naive_net_has_no_auxiliary_loss() -> None:
    given = in_one_stack(torch.tensor([[[1.0, 2.0]]]), None, torch.tensor([[[3, 4]]]))
    weights = (None, torch.zeros(1), torch.full((1,), 9.0))
    first, *others = (measures.losses(*given, weight).tolist() for weight in weights)
    assert others == [first, first]


@given(arrays(np.float64, (4, 2, 10), elements=logits))
def test_posterior_sums_the_probabilities_of_all_ordered_pairs(
    digit_logits: npt.NDArray[np.float64],
) -> None:
    odds = np.exp(digit_logits)
    probability = odds / odds.sum(-1, keepdims=True)
    expected = [
        sum(first[i] * second[j] for i in range(10) for j in range(10) if i <= j)
        for first, second in probability
    ]
    found = measures.posterior_lesser_or_equal(torch.from_numpy(digit_logits))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-15)


class Oracle:
    """Answers "lesser or equal" always; reads the digits that the pair's corner pixels name."""

    def train(self, mode: bool) -> None:
        """Take the mode in which to measure."""
        assert mode is False

    def __call__(self, images: Tensor) -> Output:
        """Turn corner pixels into certain digit logits."""
        digits = nn.functional.one_hot(images[..., 0, 0].long(), 10).double() * 50
        return Output(torch.tensor([0.0, 1.0]).double().expand(*images.shape[:2], 2), digits)


def test_read_outs_of_each_run_are_those_of_the_digits_read() -> None:
    digits = torch.tensor([[1, 2], [2, 1], [3, 3], [9, 0], [5, 5]])
    mistaken = torch.tensor([[1, 2], [2, 1], [4, 3], [9, 1], [5, 5]])
    read = torch.stack([mistaken, digits])
    images = torch.zeros(2, 5, 2, 14, 14)
    images[..., 0, 0] = read.float()
    target = (digits[:, 0] <= digits[:, 1]).long()
    data = Data((images,), target.expand(2, 5), digits.expand(2, 5, 2))
    measured = measures.evaluate(Oracle(), data, None)  # type: ignore[arg-type]
    assert measured["test_accuracy"] == [3 / 5, 3 / 5]
    assert measured["digit_accuracy"] == [8 / 10, 1]
    assert measured["argmax_accuracy"] == [4 / 5, 1]
    assert measured["posterior_accuracy"] == [4 / 5, 1]


@pytest.mark.parametrize("model", [ModelSpec("siamese_mlp", (8,)), SHARED])
def test_evaluation_measures_all_pairs_however_they_are_batched(
    model: ModelSpec, sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    images, _ = pixels.normalised(sets["train"], sets["test"])
    net = training.build(model).double()
    form = engine_for(net, "cpu")([net])
    data = data.on_device(form, [sets["train"]], [images.astype(np.float64)], "cpu")
    weights = torch.ones(1)
    (whole,) = flat(measures.evaluate(form, data, weights))
    monkeypatch.setitem(measures.TEST_BATCH, "cpu", 7)
    (batched,) = flat(measures.evaluate(form, data, weights))
    assert batched == pytest.approx(whole, rel=1e-12)


def flat(measured: dict[str, list[float]]) -> list[dict[str, float]]:
    """Turn measures, a value a run, into runs."""
    return [dict(zip(measured, run, strict=True)) for run in zip(*measured.values(), strict=True)]


@pytest.mark.parametrize("model", NETS)
def test_read_outs_exist_for_siamese_nets_only(
    model: ModelSpec, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    history = train_one(replace(mlp_run, model=model), sets)
    assert history.status == "finished"
    assert set(history.epochs) == (MEASURES | READ_OUTS if model.siamese else MEASURES)
    assert {len(values) for values in history.epochs.values()} == {mlp_run.epochs}


@pytest.fixture
def shared_run(mlp_run: RunSpec) -> RunSpec:
    """A siamese ConvNet with weight sharing and auxiliary loss."""
    return replace(mlp_run, model=SHARED, aux_weight=1.0, learning_rate=1e-2)


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


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_streams_of_seeds_and_folds_never_meet(seed: int, fold: int) -> None:
    run = RunSpec(NETS[0], 1e-3, 0.0, 1, 1, "standard", True, 1, 1, "", "", seed)
    runs = [run, replace(run, folds=9, fold=fold), replace(run, seed=seed + 1)]
    streams = (streams.INIT_STREAM, streams.SHUFFLE_STREAM)
    starts = {streams.generator(run, stream).initial_seed() for run in runs for stream in streams}
    assert len(starts) == 6


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 2e-3},
        {"aux_weight": 2.0},
        {"batch_size": 30},
        {"shuffle": False},
        {"batchnorm": "frozen_after_first_epoch"},
    ],
)
def test_every_knob_of_the_protocol_changes_the_run(
    change: dict[str, object], shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    changed = replace(shared_run, **change)  # type: ignore[arg-type]
    assert train_one(changed, sets) != train_one(shared_run, sets)


def test_more_epochs_start_with_the_same_epochs(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    longer = train_one(replace(shared_run, epochs=4), sets).epochs
    shorter = train_one(shared_run, sets).epochs
    assert {name: values[:2] for name, values in longer.items()} == shorter


class Spy:
    """Watches a run: what each epoch left in the net, and each step's batch, mode and weights."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statistics: list[Tensor] = []
        self.weights: list[Tensor] = []
        self.modes: list[bool] = []
        self.batches: list[list[list[int]]] = []
        self.aux_weights: list[list[float] | None] = []
        self._form_of, self._evaluate, self._losses = (
            training.engine_for,
            measures.evaluate,
            measures.losses,
        )
        for name in ("engine_for", "evaluate", "losses"):
            monkeypatch.setattr(training, name, getattr(self, name))

    def engine_for(self, model: nn.Module, device: str) -> type[Any]:
        self.model = model
        return self._form_of(model, device)

    def evaluate(self, form: Engine, data: Data, aux_weights: Tensor | None) -> object:
        kept = [tensor.flatten() for tensor in form.buffers if tensor.is_floating_point()]
        self.statistics.append(torch.cat(kept) if kept else torch.zeros(0))
        self.weights.append(torch.cat([weights.detach().flatten() for weights in form.parameters]))
        return self._evaluate(form, data, aux_weights)

    def losses(self, output: Output, data: Data, aux_weights: Tensor | None) -> Tensor:
        if output.answer.requires_grad:
            (batch,) = data.digits.tolist()
            self.batches.append(batch)
            self.modes.append(self.model.training)
            self.aux_weights.append(None if aux_weights is None else aux_weights.tolist())
        return self._losses(output, data, aux_weights)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    return Spy(monkeypatch)


@pytest.mark.parametrize(("aux_weight", "given"), [(0.0, None), (2.0, [2.0])])
def test_the_auxiliary_weight_is_the_runs_own(
    aux_weight: float,
    given: list[float] | None,
    spy: Spy,
    shared_run: RunSpec,
    sets: dict[str, PairSet],
) -> None:
    train_one(replace(shared_run, aux_weight=aux_weight), sets)
    assert spy.aux_weights == [given] * 6


@pytest.mark.parametrize("model", [CONVNET, SIAMESE, SHARED])
def test_frozen_batchnorm_keeps_the_first_epochs_statistics(
    model: ModelSpec, spy: Spy, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    frozen = "frozen_after_first_epoch"
    train_one(replace(mlp_run, model=model, batchnorm=frozen, epochs=3), sets)
    assert spy.modes == [True] * 3 + [False] * 6
    assert torch.equal(spy.statistics[1], spy.statistics[0])
    assert torch.equal(spy.statistics[2], spy.statistics[0])
    assert not torch.equal(spy.weights[1], spy.weights[0])


def test_standard_batchnorm_moves_its_statistics_every_epoch(
    spy: Spy, shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    train_one(replace(shared_run, epochs=3), sets)
    assert all(spy.modes)
    assert not torch.equal(spy.statistics[1], spy.statistics[0])
    assert not torch.equal(spy.statistics[2], spy.statistics[1])


def test_batchnorm_protocol_is_the_same_in_the_first_epoch(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    one_epoch = replace(shared_run, epochs=1)
    frozen = replace(one_epoch, batchnorm="frozen_after_first_epoch")
    assert train_one(frozen, sets) == train_one(one_epoch, sets)


def test_without_shuffling_every_epoch_takes_the_pairs_in_their_order(
    spy: Spy, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    train_one(replace(mlp_run, shuffle=False, batch_size=25), sets)
    in_order = sets["train"].digits.tolist()
    assert spy.batches == [in_order[:25], in_order[25:50], in_order[50:]] * 2


def test_shuffling_draws_a_new_order_of_all_pairs_each_epoch(
    spy: Spy, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    train_one(mlp_run, sets)
    in_order = sets["train"].digits.tolist()
    first, second = (list(chain(*spy.batches[start : start + 3])) for start in (0, 3))
    assert sorted(first) == sorted(second) == sorted(in_order)
    assert first != in_order
    assert second != first


def test_train_loss_is_the_mean_over_pairs_not_over_batches(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    still = replace(mlp_run, learning_rate=0.0, epochs=1)
    uneven = train_one(replace(still, batch_size=50), sets).epochs["train_loss"]
    whole = train_one(replace(still, batch_size=60), sets).epochs["train_loss"]
    assert uneven == pytest.approx(whole, rel=1e-6)


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
