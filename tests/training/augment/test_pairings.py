"""What puts digits together to pairs: swapped sides, new pairs."""

import pytest
import torch
from torch import Tensor

from digitpairs.training.augment import new_pairs, swap

PLACES = torch.arange(2000).view(1000, 2)


def own(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("probability", [0.0, 0.3, 0.5, 1.0])
def test_pairs_change_sides_with_their_probability(probability: float) -> None:
    found = swap.pair(probability, PLACES, own())
    assert torch.equal(found.sort(1).values, PLACES)
    swapped = found[:, 0] > found[:, 1]
    assert swapped.double().mean().item() == pytest.approx(probability, abs=0.05)


def test_each_digit_is_in_one_new_pair() -> None:
    found = new_pairs.pair(True, PLACES, own())
    assert found.shape == PLACES.shape
    assert torch.equal(found.flatten().sort().values, PLACES.flatten())
    together = {frozenset(pair) for pair in found.tolist()}
    assert len(together & {frozenset(pair) for pair in PLACES.tolist()}) < 10


@pytest.mark.parametrize("module", [swap, new_pairs])
def test_draws_come_from_the_runs_own_generator(module: object) -> None:
    def drawn(seed: int) -> Tensor:
        found: Tensor = module.pair(0.5, PLACES, own(seed))  # type: ignore[attr-defined]
        return found

    torch.manual_seed(3)
    before = torch.get_rng_state()
    assert torch.equal(drawn(0), drawn(0))
    assert not torch.equal(drawn(0), drawn(1))
    assert torch.equal(torch.get_rng_state(), before)
