"""What is measured: the loss, accuracies, and the read-outs of the digits."""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor, nn

from digitpairs.models.nets import Output
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import BY_THE_PAPER, Loss
from digitpairs.spec import ModelSpec
from digitpairs.training import measures
from digitpairs.training.data import Data, on_device
from digitpairs.training.engines.choose import engine_for
from nets import AT_MOST, as_seen, net_of

logits = st.floats(-30, 30)


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
    found = measures.losses(*given, torch.from_numpy(aux_weights), Loss())
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("digit_logits", [None, torch.full((1, 3, 2, 10), torch.nan)])
def test_without_auxiliary_loss_only_the_answer_counts(digit_logits: Tensor | None) -> None:
    answer = torch.tensor([[[1.0, 2.0], [0.0, 0.0], [3.0, -1.0]]], dtype=torch.float64)
    output, data = in_one_stack(answer, digit_logits, torch.tensor([[[1, 2], [3, 0], [9, 4]]]))
    found = measures.losses(output, data, None, Loss())
    expected = cross_entropy(answer[0].numpy(), np.array([1, 0, 0]))
    np.testing.assert_allclose(found.numpy(), [expected], rtol=1e-12)


def test_naive_net_has_no_auxiliary_loss() -> None:
    given = in_one_stack(torch.tensor([[[1.0, 2.0]]]), None, torch.tensor([[[3, 4]]]))
    weights = (None, torch.zeros(1), torch.full((1,), 9.0))
    first, *others = (measures.losses(*given, weight, Loss()).tolist() for weight in weights)
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
    found = measures.posterior_yes(torch.from_numpy(digit_logits), AT_MOST)
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
    measured = measures.evaluate(Oracle(), data, None, BY_THE_PAPER, AT_MOST)  # type: ignore[arg-type]
    assert measured["test_accuracy"] == [3 / 5, 3 / 5]
    assert measured["digit_accuracy"] == [8 / 10, 1]
    assert measured["argmax_accuracy"] == [4 / 5, 1]
    assert measured["posterior_accuracy"] == [4 / 5, 1]


@pytest.mark.parametrize(
    "model", [ModelSpec("siamese_mlp", (8,)), ModelSpec("siamese_convnet", (10,), (8, 4), True)]
)
def test_evaluation_measures_all_pairs_however_they_are_batched(
    model: ModelSpec, sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    (images,) = as_seen(sets["train"])
    net = net_of(model).double()
    engine = engine_for(net, "cpu", model.task)([net])
    data = on_device(engine, [sets["train"]], [images.astype(np.float64)], AT_MOST, "cpu")
    weights = torch.ones(1)
    (whole,) = flat(measures.evaluate(engine, data, weights, BY_THE_PAPER, AT_MOST))
    monkeypatch.setitem(measures.TEST_BATCH, "cpu", 7)
    (batched,) = flat(measures.evaluate(engine, data, weights, BY_THE_PAPER, AT_MOST))
    assert batched == pytest.approx(whole, rel=1e-12)


def flat(measured: dict[str, list[float]]) -> list[dict[str, float]]:
    """Turn measures, a value a run, into runs."""
    return [dict(zip(measured, run, strict=True)) for run in zip(*measured.values(), strict=True)]
