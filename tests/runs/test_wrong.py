"""Wrong pairs by digit, held against the counts that runs record, and against each pair."""

from typing import Any

import numpy as np
import pytest
import torch

from digitpairs.pairs.target import answers_of
from digitpairs.runs import wrong
from digitpairs.runs.wrong_by_head import by_head
from digitpairs.spec import Task
from digitpairs.training.tally import right_by_argmax, right_by_head, right_by_posterior

COUNT, CLASSES = 700, 10
TARGETS = ("lesser_or_equal", "same_class")


def logits_of(sureness: float, seed: int = 0) -> tuple[torch.Tensor, np.ndarray]:
    """Digit logits of a net that is mostly right, and how sure; labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, COUNT)
    logits = rng.normal(size=(COUNT, CLASSES)) + sureness * np.eye(CLASSES)[labels]
    return torch.tensor(logits, dtype=torch.float32), labels


def twice(logits: torch.Tensor) -> torch.Tensor:
    return torch.stack([logits, logits], 1)


def tallied(table: np.ndarray) -> np.ndarray:
    np.fill_diagonal(table, False)
    return np.asarray(table.sum(0) + table.sum(1))


@pytest.mark.parametrize("target", TARGETS)
def test_by_classes_each_pair_counts_at_both_of_its_digits(target: str) -> None:
    logits, labels = logits_of(2.0)
    answers = answers_of(Task(classes=CLASSES, target=target))
    guesses = logits.argmax(1).numpy()
    found = wrong.by_classes(guesses, labels, answers)
    assert np.array_equal(
        found, tallied(answers[guesses[:, None], guesses] != answers[labels[:, None], labels])
    )
    assert COUNT * (COUNT - 1) - found.sum() // 2 == right_by_argmax(twice(logits), labels, answers)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("sureness", [0.0, 2.0, 5.0])
def test_by_posterior_the_sure_and_the_unsure_come_to_what_each_pair_does(
    target: str, sureness: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrong, "BLOCK", 37)
    logits, labels = logits_of(sureness)
    answers = answers_of(Task(classes=CLASSES, target=target))
    p = logits.softmax(1).numpy()
    sure, unsure = wrong.split(p)
    assert sureness == 0.0 or sure.any()
    assert unsure.any()
    found = wrong.by_posterior(p, labels, answers)
    exact = p.astype(float)
    yes = exact @ answers.astype(float) @ exact.T > 0.5
    assert np.array_equal(found, tallied(yes != answers[labels[:, None], labels]))
    right = right_by_posterior(twice(logits), labels, answers)
    assert abs(COUNT * (COUNT - 1) - found.sum() // 2 - right) <= 2  # float32's sums of answers


def test_by_head_each_pair_is_answered_as_the_head_does() -> None:
    logits, labels = logits_of(1.0)
    rng = np.random.default_rng(1)
    answers = answers_of(Task())
    hidden, biases, last, bias = (
        torch.tensor(rng.normal(size=shape), dtype=torch.float32)
        for shape in ((20, 2 * CLASSES), 20, (2, 20), 2)
    )
    weight, level = (last[1] - last[0]).numpy(), (bias[1] - bias[0]).numpy()[()]
    found: Any = by_head(
        logits.T.contiguous().numpy(),
        hidden.numpy(),
        biases.numpy(),
        weight,
        level,
        labels,
        answers,
    )
    right = right_by_head(twice(logits), labels, answers, [hidden, biases, last, bias], COUNT - 1)
    assert abs(COUNT * (COUNT - 1) - found.sum() // 2 - right) <= 2
    layer = logits.numpy() @ hidden.numpy()[:, :CLASSES].T
    other = logits.numpy() @ hidden.numpy()[:, CLASSES:].T
    sums = np.maximum(layer[:, None] + other + biases.numpy(), 0) @ weight + level
    assert np.abs(found - tallied((sums > 0) != answers[labels[:, None], labels])).sum() <= 4
