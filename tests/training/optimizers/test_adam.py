"""Adam and AdamW: the steps of torch's own, for runs side by side."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from digitpairs.recipe import Adam
from digitpairs.training.cuda import adam as cuda_adam
from digitpairs.training.optimizer import optimizer_for
from digitpairs.training.optimizers import adam
from updates import CONSTANT, RATES, SCHEDULED, check_against, runs_of

KINDS = [
    Adam("adam"),
    Adam("adam", (0.5, 0.7), 1e-3),
    Adam("adam", (0.0, 0.9), weight_decay=0.1),
    Adam("adamw"),
    Adam("adamw", (0.8, 0.99), 1e-6, 0.3),
]


@pytest.fixture(params=["on the CPU", "as on a GPU"])
def updated(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let parameters on the CPU be updated by what is there for each device."""
    if request.param == "as on a GPU":
        monkeypatch.setattr(adam, "on_cpu", cuda_adam.update)


@pytest.mark.parametrize("factors", [CONSTANT, SCHEDULED])
@pytest.mark.parametrize("kind", KINDS)
def test_twenty_steps_are_those_of_torch(
    kind: Adam, factors: Sequence[float], updated: None
) -> None:
    torchs = torch.optim.AdamW if kind.name == "adamw" else torch.optim.Adam

    def textbook(parameters: list[Tensor], rate: float) -> torch.optim.Optimizer:
        return torchs(parameters, rate, kind.betas, kind.epsilon, kind.weight_decay)

    check_against(textbook, kind, factors)


def test_adam_of_the_paper_is_torchs_with_its_defaults(updated: None) -> None:
    check_against(torch.optim.Adam, Adam("adam"), CONSTANT)


def test_gradients_may_lie_in_any_order(updated: None) -> None:
    one, other = runs_of(0)[0], runs_of(0)[0]
    gradient = runs_of(1)[0]
    optimizer_for(Adam("adam"), [one], RATES).step([gradient])
    optimizer_for(Adam("adam"), [other], RATES).step([gradient.mT.contiguous().mT])
    assert torch.equal(one, other)


def test_no_gradient_is_a_gradient_of_zero_to_the_steps_that_follow() -> None:
    # So are the biases before a BatchNorm that is frozen later.
    late, from_zero = runs_of(0), runs_of(0)
    one, other = (optimizer_for(Adam("adam"), own, RATES) for own in (late, from_zero))
    for step in range(3):
        gradients: list[Tensor | None] = [*runs_of(step)]
        gradients[1] = None if step < 2 else gradients[1]
        one.step(gradients)
        zeros = [torch.zeros_like(tensor) for tensor in from_zero]
        other.step([zero if g is None else g for g, zero in zip(gradients, zeros, strict=True)])
    assert all(torch.equal(a, b) for a, b in zip(late, from_zero, strict=True))
    assert not torch.equal(late[1], runs_of(0)[1])
