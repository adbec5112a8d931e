"""Training: the loss, the read-outs, the protocol, and that a run depends on its spec alone."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor, nn

from digitpairs import pairs, training
from digitpairs.idx import Digits
from digitpairs.models import Output
from digitpairs.pairs import PairSet
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import History, train

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


@given(
    arrays(np.float64, (6, 2), elements=logits),
    arrays(np.float64, (6, 2, 10), elements=logits),
    arrays(np.int64, (6, 2), elements=st.integers(0, 9)),
    st.floats(0, 100),
)
def test_loss_is_the_papers_formula(
    answer: npt.NDArray[np.float64],
    digit_logits: npt.NDArray[np.float64],
    digits: npt.NDArray[np.int64],
    aux_weight: float,
) -> None:
    target = (digits[:, 0] <= digits[:, 1]).astype(np.int64)
    expected = cross_entropy(answer, target) + aux_weight * (
        cross_entropy(digit_logits[:, 0], digits[:, 0])
        + cross_entropy(digit_logits[:, 1], digits[:, 1])
    )
    output = Output(torch.from_numpy(answer), torch.from_numpy(digit_logits))
    found = training.loss(output, torch.from_numpy(target), torch.from_numpy(digits), aux_weight)
    np.testing.assert_allclose(found.item(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("digit_logits", [None, torch.full((3, 2, 10), torch.nan)])
def test_without_auxiliary_loss_only_the_answer_counts(digit_logits: Tensor | None) -> None:
    answer = torch.tensor([[1.0, 2.0], [0.0, 0.0], [3.0, -1.0]], dtype=torch.float64)
    target, digits = torch.tensor([1, 0, 0]), torch.zeros(3, 2, dtype=torch.int64)
    found = training.loss(Output(answer, digit_logits), target, digits, 0.0)
    expected = cross_entropy(answer.numpy(), target.numpy())
    np.testing.assert_allclose(found.item(), expected, rtol=1e-12)


def test_naive_net_has_no_auxiliary_loss() -> None:
    answer, target = torch.tensor([[1.0, 2.0]]), torch.tensor([1])
    digits = torch.tensor([[3, 4]])
    losses = [training.loss(Output(answer, None), target, digits, weight) for weight in (0.0, 9.0)]
    assert losses[0] == losses[1]


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
    found = training.posterior_lesser_or_equal(torch.from_numpy(digit_logits))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-15)


class Oracle(nn.Module):
    """Answers "lesser or equal" always; reads the digits that the pair's corner pixels name."""

    def forward(self, pairs: Tensor) -> Output:
        """Turn corner pixels into certain digit logits."""
        digits = nn.functional.one_hot(pairs[:, :, 0, 0].long(), 10).double() * 50
        return Output(torch.tensor([[0.0, 1.0]]).double().expand(len(pairs), 2), digits)


def test_read_outs_are_those_of_the_digits_read() -> None:
    digits = torch.tensor([[1, 2], [2, 1], [3, 3], [9, 0], [5, 5]])
    read = torch.tensor([[1, 2], [2, 1], [4, 3], [9, 1], [5, 5]])
    images = torch.zeros(5, 2, 14, 14)
    images[:, :, 0, 0] = read.float()
    target = (digits[:, 0] <= digits[:, 1]).long()
    measured = training.evaluate(Oracle(), training.Tensors(images, target, digits), 0.0)
    assert measured["test_accuracy"] == 3 / 5
    assert measured["digit_accuracy"] == 8 / 10
    assert measured["argmax_accuracy"] == 4 / 5
    assert measured["posterior_accuracy"] == 4 / 5


def test_evaluation_measures_all_pairs_however_they_are_batched(
    sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    images, _ = pairs.normalised(sets["train"], sets["test"])
    data = training.tensors(sets["train"], images, "cpu", channels_last=False)
    net = training.build(ModelSpec("siamese_mlp", (8,))).double()
    data = replace(data, pairs=data.pairs.double())
    whole = training.evaluate(net, data, 1.0)
    monkeypatch.setattr(training, "TEST_BATCH", 7)
    assert training.evaluate(net, data, 1.0) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("model", NETS)
def test_read_outs_exist_for_siamese_nets_only(
    model: ModelSpec, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    history = train(replace(mlp_run, model=model), sets["train"], sets["test"])
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
    assert train(shared_run, **both(sets)) == train(shared_run, **both(sets))


def both(sets: dict[str, PairSet]) -> dict[str, PairSet]:
    return {"train_set": sets["train"], "test_set": sets["test"]}


@pytest.mark.parametrize("model", NETS)
def test_a_run_does_not_depend_on_its_block(
    model: ModelSpec, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    run = replace(mlp_run, model=model)
    alone = train(run, **both(sets))
    train(replace(run, seed=1, model=CONVNET), **both(sets))
    torch.manual_seed(99)
    np.random.seed(99)
    assert train(run, **both(sets)) == alone


def test_a_run_does_not_depend_on_the_threads_set_before(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    torch.set_num_threads(1)
    alone = train(shared_run, **both(sets))
    torch.set_num_threads(2)
    assert train(shared_run, **both(sets)) == alone


def test_training_leaves_the_global_generators_alone(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    torch.manual_seed(5)
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    train(shared_run, **both(sets))
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)


@pytest.mark.parametrize("change", [{"seed": 1}, {"folds": 5, "fold": 0}, {"folds": 5, "fold": 1}])
def test_another_seed_or_fold_starts_from_other_weights(
    change: dict[str, int], mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    assert train(replace(mlp_run, **change), **both(sets)) != train(mlp_run, **both(sets))


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_streams_of_seeds_and_folds_never_meet(seed: int, fold: int) -> None:
    run = RunSpec(NETS[0], 1e-3, 0.0, 1, 1, "standard", True, 1, 1, "", "", seed)
    runs = [run, replace(run, folds=9, fold=fold), replace(run, seed=seed + 1)]
    streams = (training.INIT_STREAM, training.SHUFFLE_STREAM)
    starts = {training.generator(run, stream).initial_seed() for run in runs for stream in streams}
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
    assert train(changed, **both(sets)) != train(shared_run, **both(sets))


def test_more_epochs_start_with_the_same_epochs(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    longer = train(replace(shared_run, epochs=4), **both(sets)).epochs
    shorter = train(shared_run, **both(sets)).epochs
    assert {name: values[:2] for name, values in longer.items()} == shorter


class Spy:
    """Watches training: what each epoch left in the net, and each step's batch and mode."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statistics: list[Tensor] = []
        self.weights: list[Tensor] = []
        self.modes: list[bool] = []
        self.batches: list[list[list[int]]] = []
        self._build, self._evaluate, self._loss = (
            training.build,
            training.evaluate,
            training.loss,
        )
        for name in ("build", "evaluate", "loss"):
            monkeypatch.setattr(training, name, getattr(self, name))

    def build(self, spec: ModelSpec) -> nn.Module:
        self.model = self._build(spec)
        return self.model

    def evaluate(self, model: nn.Module, data: training.Tensors, weight: float) -> object:
        norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
        kept = [torch.cat([layer.running_mean, layer.running_var]) for layer in norms]
        self.statistics.append(torch.cat(kept) if kept else torch.zeros(0))
        flat = [weights.detach().flatten() for weights in model.parameters()]
        self.weights.append(torch.cat(flat))
        return self._evaluate(model, data, weight)

    def loss(self, output: Output, target: Tensor, digits: Tensor, weight: float) -> Tensor:
        if output.answer.requires_grad:
            self.batches.append(digits.tolist())
            self.modes.append(self.model.training)
        return self._loss(output, target, digits, weight)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    return Spy(monkeypatch)


@pytest.mark.parametrize("model", [CONVNET, SIAMESE, SHARED])
def test_frozen_batchnorm_keeps_the_first_epochs_statistics(
    model: ModelSpec, spy: Spy, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    frozen = "frozen_after_first_epoch"
    train(replace(mlp_run, model=model, batchnorm=frozen, epochs=3), **both(sets))
    assert spy.modes == [True] * 3 + [False] * 6
    assert torch.equal(spy.statistics[1], spy.statistics[0])
    assert torch.equal(spy.statistics[2], spy.statistics[0])
    assert not torch.equal(spy.weights[1], spy.weights[0])


def test_standard_batchnorm_moves_its_statistics_every_epoch(
    spy: Spy, shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    train(replace(shared_run, epochs=3), **both(sets))
    assert all(spy.modes)
    assert not torch.equal(spy.statistics[1], spy.statistics[0])
    assert not torch.equal(spy.statistics[2], spy.statistics[1])


def test_batchnorm_protocol_is_the_same_in_the_first_epoch(
    shared_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    one_epoch = replace(shared_run, epochs=1)
    frozen = replace(one_epoch, batchnorm="frozen_after_first_epoch")
    assert train(frozen, **both(sets)) == train(one_epoch, **both(sets))


def test_without_shuffling_every_epoch_takes_the_pairs_in_their_order(
    spy: Spy, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    train(replace(mlp_run, shuffle=False, batch_size=25), **both(sets))
    in_order = sets["train"].digits.tolist()
    assert spy.batches == [in_order[:25], in_order[25:50], in_order[50:]] * 2


def test_shuffling_draws_a_new_order_of_all_pairs_each_epoch(
    spy: Spy, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    train(mlp_run, **both(sets))
    in_order = sets["train"].digits.tolist()
    first, second = (list(chain(*spy.batches[start : start + 3])) for start in (0, 3))
    assert sorted(first) == sorted(second) == sorted(in_order)
    assert first != in_order
    assert second != first


def test_train_loss_is_the_mean_over_pairs_not_over_batches(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    still = replace(mlp_run, learning_rate=0.0, epochs=1)
    uneven = train(replace(still, batch_size=50), **both(sets)).epochs["train_loss"]
    whole = train(replace(still, batch_size=60), **both(sets)).epochs["train_loss"]
    assert uneven == pytest.approx(whole, rel=1e-6)


def test_a_run_that_diverges_ends_early_and_says_so(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    history = train(replace(mlp_run, learning_rate=1e30, epochs=9), **both(sets))
    assert history.status == "diverged"
    assert {len(values) for values in history.epochs.values()} == {1}
    assert not np.isfinite(history.epochs["train_loss"][-1])


def test_a_finished_run_has_finite_measures(shared_run: RunSpec, sets: dict[str, PairSet]) -> None:
    history = train(shared_run, **both(sets))
    assert np.isfinite(list(history.epochs.values())).all()


@pytest.fixture(scope="session")
def learned(pools: dict[str, Digits]) -> History:
    """An auxiliary net after 10 epochs on 400 pairs, tested on 300."""
    train_set = pairs.draw(pools["train"], 400, 0, "train")
    test_set = pairs.draw(pools["test"], 300, 0, "test")
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
    return train(spec, train_set, test_set)


def test_a_net_with_auxiliary_loss_reads_most_digits(learned: History) -> None:
    assert learned.epochs["digit_accuracy"][-1] > 0.8


@pytest.mark.parametrize("measure", ["test_accuracy", "argmax_accuracy", "posterior_accuracy"])
def test_a_net_with_auxiliary_loss_compares_digits(learned: History, measure: str) -> None:
    assert learned.epochs[measure][-1] > 0.75


def test_training_lowers_the_loss(learned: History) -> None:
    losses = learned.epochs["train_loss"]
    assert losses[-1] < losses[0] / 2
