"""What all optimizers share: a run depends on no other, and a step on its state alone."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from digitpairs import recipe
from digitpairs.recipe import SGD, Adam, Lion, Recipe, parts
from digitpairs.training.optimizer import Optimizer, optimizer_for
from updates import RATES, gradients_of, runs_of

KINDS = [
    Adam("adam"),
    Adam("adam", weight_decay=0.1),
    Adam("adamw", weight_decay=0.1),
    SGD("sgd"),
    SGD("sgd", 0.9, weight_decay=0.1),
    SGD("sgd", 0.9, nesterov=True),
    Lion("lion"),
    Lion("lion", weight_decay=0.1),
]
ALL = pytest.mark.parametrize("kind", KINDS)


@ALL
def test_the_code_of_an_optimizer_is_what_its_recipe_names(kind: recipe.Optimizer) -> None:
    rule = type(optimizer_for(kind, runs_of(0), RATES)).__module__
    assert f"{rule.removeprefix('digitpairs.').replace('.', '/')}.py" in parts(Recipe(kind))


SIZES = (1, 7, 13, 64, 129)  # of a run's parameters: a processor takes 4 to 16 numbers at once
COMPANY = 6


def stepped(kind: recipe.Optimizer, runs: Sequence[int]) -> list[Tensor]:
    """The parameters of some runs in float32, (R, size), after a few steps side by side."""
    generator = torch.Generator().manual_seed(3)
    everything = torch.randn(9, COMPANY, sum(SIZES), generator=generator)[:, list(runs)]
    own, *gradients = ([part.clone() for part in all.split(SIZES, 1)] for all in everything)
    optimizer = optimizer_for(kind, own, [1e-3 * (run + 1) for run in runs])
    for step, given in enumerate(gradients, 1):
        optimizer.set_factor(step / 7)
        optimizer.step(given)
    return own


@ALL
def test_a_run_comes_to_the_same_bits_alone_and_in_any_company(kind: recipe.Optimizer) -> None:
    for company in (range(COMPANY), [3, 0, 5], [4, 3]):
        together = stepped(kind, company)
        for place, run in enumerate(company):
            alone = stepped(kind, [run])
            assert all(
                torch.equal(mine[0], ours[place])
                for mine, ours in zip(alone, together, strict=True)
            )


@ALL
def test_without_a_gradient_a_parameter_stays_as_it_is(kind: recipe.Optimizer) -> None:
    """So do its moments, and its weights do not decay."""
    own = runs_of(0)
    optimizer = optimizer_for(kind, own, RATES)
    optimizer.step([*runs_of(1)])
    before = [tensor.clone() for tensor in (own[1], *optimizer.moments[1])]
    for step in range(3):
        gradients: list[Tensor | None] = [*runs_of(step)]
        gradients[1] = None
        optimizer.step(gradients)
    after = (own[1], *optimizer.moments[1])
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert not torch.equal(own[0], runs_of(0)[0])


@ALL
def test_gradients_stay_as_they_are(kind: recipe.Optimizer) -> None:
    optimizer, given = optimizer_for(kind, runs_of(0), RATES), runs_of(1)
    for _ in range(2):
        optimizer.step(given)
    assert all(torch.equal(a, b) for a, b in zip(given, runs_of(1), strict=True))


@ALL
def test_state_is_all_that_a_step_changes(kind: recipe.Optimizer) -> None:
    own = runs_of(0)
    optimizer = optimizer_for(kind, own, RATES)
    optimizer.step([*gradients_of(4)])
    kept = [tensor.clone() for tensor in optimizer.state]
    optimizer.step([*runs_of(2)])
    after = [tensor.clone() for tensor in own]
    assert not any(torch.equal(a, b) for a, b in zip(kept, optimizer.state, strict=True))
    for tensor, value in zip(optimizer.state, kept, strict=True):
        tensor.copy_(value)
    optimizer.step([*runs_of(2)])
    assert all(torch.equal(a, b) for a, b in zip(own, after, strict=True))


def made(rates: Sequence[float]) -> Optimizer:
    return optimizer_for(Adam("adam"), [torch.ones(len(rates), 2)], rates)


def test_a_factor_changes_the_learning_rates_where_they_lie() -> None:
    """A CUDA graph reads them there; factors do not add up."""
    optimizer = made([1.0, 4.0])
    rates = optimizer.rates
    for factor in (0.5, 0.25, 1.0):
        optimizer.set_factor(factor)
        assert rates.tolist() == [[factor], [4 * factor]]
    assert optimizer.rates is rates


def test_a_factor_that_stays_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, multiply = [], torch.mul
    monkeypatch.setattr(torch, "mul", lambda *of, **to: calls.append(of) or multiply(*of, **to))
    optimizer = made([1.0])
    for factor in (1.0, 1.0, 0.5, 0.5):
        optimizer.set_factor(factor)
    assert len(calls) == 1
