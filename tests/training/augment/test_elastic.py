"""Elastic distortion: how far pixels move, and together with which others."""

import pytest
import torch

from digitpairs.recipe import Elastic
from digitpairs.training.augment import elastic

SMOOTHNESS = [0.3, 0.5, 1.0, 2.0, 3.7, 14.0]


def field(settings: Elastic, pairs: int, seeds: range = range(1)) -> torch.Tensor:
    """Displacements (R, n, 2, 2, 14, 14) of a run for each seed."""
    drawn = [elastic.draw(settings, pairs, 14, torch.Generator().manual_seed(s)) for s in seeds]
    return elastic.field(settings, torch.stack(drawn), 14)


@pytest.mark.parametrize("smoothness", SMOOTHNESS)
def test_each_pixel_moves_by_the_standard_deviation_asked_for(smoothness: float) -> None:
    found = field(Elastic(0.65, smoothness), 2000)
    assert found.shape == (1, 2000, 2, 2, 14, 14)
    each = found.flatten(0, 3).std(0)
    assert each.min() > 0.6
    assert each.max() < 0.7
    assert abs(found.mean().item()) < 0.05


@pytest.mark.parametrize("smoothness", SMOOTHNESS)
def test_weights_are_those_of_one_standard_deviation(smoothness: float) -> None:
    weights = elastic.smoothing(smoothness, 14)
    torch.testing.assert_close(weights.norm(dim=0), torch.ones(196, dtype=torch.float64))


@pytest.mark.parametrize("smoothness", [1.0, 1.5, 2.0, 3.0])
def test_pixels_move_together_as_white_noise_under_a_gaussian_does(smoothness: float) -> None:
    """Its correlation is a Gaussian of twice the variance. Near the edges noise is missing."""
    weights = elastic.smoothing(smoothness, 14)
    together = (weights.mT @ weights).view(14, 14, 14, 14)
    at = torch.arange(14, dtype=torch.float64)
    middle = 6
    beside = torch.exp(-((at - middle) ** 2) / (4 * smoothness**2))
    expected = beside[:, None] * beside
    inner = slice(2, 11)
    found = together[middle, middle, inner, inner]
    torch.testing.assert_close(found, expected[inner, inner], atol=0.03, rtol=0)


def test_smooth_noise_needs_few_draws() -> None:
    counts = [len(elastic.smoothing(smoothness, 14)) for smoothness in (1e-320, 0.5, 1, 2, 3.7, 14)]
    assert counts == [196, 196, 196, 64, 25, 4]


def test_x_and_y_images_and_runs_move_each_by_itself() -> None:
    found = field(Elastic(1.0, 2.0), 400, range(2))
    middle = found[..., 7, 7]  # R, n, sides, x and y
    for dim in range(4):
        one, other = (middle.select(dim, at).flatten() for at in (0, 1))
        if len(one) > 100:
            assert torch.corrcoef(torch.stack([one, other]))[0, 1].abs() < 0.1
    assert len(middle.unique()) == middle.numel()


def test_rows_and_columns_are_not_mixed_up() -> None:
    """Noise at a corner of its grid moves pixels of that corner."""
    noise = torch.zeros(1, 1, 2, 2, 14, 14)
    noise[..., 0, 13] = 1
    found = elastic.field(Elastic(1.0, 0.3), noise.flatten(4), 14)
    torch.testing.assert_close(found, noise, atol=0.02, rtol=0)


@pytest.mark.parametrize("smoothness", [1.0, 3.0])
@pytest.mark.parametrize("company", [2, 7, 15])
def test_a_run_has_the_same_bits_in_any_company(company: int, smoothness: float) -> None:
    together = field(Elastic(0.65, smoothness), 100, range(company))
    for run in range(company):
        alone = field(Elastic(0.65, smoothness), 100, range(run, run + 1))
        assert torch.equal(alone[0], together[run])
