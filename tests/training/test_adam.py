"""Adam: the steps of torch's own, for runs side by side."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from digitpairs.training import adam
from digitpairs.training.adam import Adam
from digitpairs.training.cuda import adam as cuda_adam

RATES = [1e-4, 1e-2, 0.5]
SHAPES = [(3, 5), (7,), ()]  # of a run's parameters
UPDATES = pytest.mark.parametrize("update", [adam.on_cpu, cuda_adam.update])


def runs_of(seed: int) -> list[Tensor]:
    """A tensor of all runs for each shape, in float64."""
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(len(RATES), *shape, generator=generator, dtype=torch.float64)
        for shape in SHAPES
    ]


@UPDATES
def test_twenty_steps_are_those_of_torch(
    update: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adam, "on_cpu", update)
    own = runs_of(0)
    theirs = [tensor.clone() for tensor in own]
    ours = Adam(own, RATES)
    optimizers = [
        torch.optim.Adam([{"params": [tensor[run] for tensor in theirs], "lr": rate}])
        for run, rate in enumerate(RATES)
    ]
    for step in range(1, 21):
        # Of all sizes: the smallest are lost beside Adam's epsilon.
        gradients = [tensor * 10.0 ** (step % 5 - 4) for tensor in runs_of(step)]
        ours.step([gradient.clone() for gradient in gradients])
        for run, optimizer in enumerate(optimizers):
            given = optimizer.param_groups[0]["params"]
            for parameter, gradient in zip(given, gradients, strict=True):
                parameter.grad = gradient[run]
            optimizer.step()
    for found, expected, start in zip(own, theirs, runs_of(0), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
        assert (found != start).all()


@UPDATES
def test_gradients_may_lie_in_any_order(
    update: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adam, "on_cpu", update)
    one, other = runs_of(0)[0], runs_of(0)[0]
    gradient = runs_of(1)[0]
    Adam([one], RATES).step([gradient])
    Adam([other], RATES).step([gradient.mT.contiguous().mT])
    assert torch.equal(one, other)


def test_without_a_gradient_a_parameter_stays_as_it_is() -> None:
    own = runs_of(0)
    optimizer = Adam(own, RATES)
    for step in range(3):
        gradients: list[Tensor | None] = [*runs_of(step)]
        gradients[1] = None
        optimizer.step(gradients)
    assert torch.equal(own[1], runs_of(0)[1])
    assert not torch.equal(own[0], runs_of(0)[0])


def test_no_gradient_is_a_gradient_of_zero_to_the_steps_that_follow() -> None:
    # So are the biases before a BatchNorm that is frozen later.
    late, from_zero = runs_of(0), runs_of(0)
    one, other = Adam(late, RATES), Adam(from_zero, RATES)
    for step in range(3):
        gradients: list[Tensor | None] = [*runs_of(step)]
        gradients[1] = None if step < 2 else gradients[1]
        one.step(gradients)
        zeros = [torch.zeros_like(tensor) for tensor in from_zero]
        other.step([zero if g is None else g for g, zero in zip(gradients, zeros, strict=True)])
    assert all(torch.equal(a, b) for a, b in zip(late, from_zero, strict=True))
    assert not torch.equal(late[1], runs_of(0)[1])


def test_state_is_all_that_a_step_changes() -> None:
    own = runs_of(0)
    optimizer = Adam(own, RATES)
    optimizer.step([*runs_of(1)])
    kept = [tensor.clone() for tensor in optimizer.state]
    optimizer.step([*runs_of(2)])
    after = [tensor.clone() for tensor in own]
    assert not any(torch.equal(a, b) for a, b in zip(kept, optimizer.state, strict=True))
    for tensor, value in zip(optimizer.state, kept, strict=True):
        tensor.copy_(value)
    optimizer.step([*runs_of(2)])
    assert all(torch.equal(a, b) for a, b in zip(own, after, strict=True))
