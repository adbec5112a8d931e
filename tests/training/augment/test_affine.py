"""Random affine maps: what a map does, and how maps are drawn."""

import pytest
import torch
from torch import Tensor

from digitpairs.recipe import Affine
from digitpairs.training.augment import affine
from digitpairs.training.augment.images import warped

PAIRS = 500


def digits(pairs: int = 4) -> Tensor:
    """Images (1, n, 2, 1, 14, 14) with ink away from the edges."""
    images = torch.zeros(1, pairs, 2, 1, 14, 14)
    images[..., 4:10, 4:10] = torch.rand(1, pairs, 2, 1, 6, 6, generator=torch.manual_seed(1))
    return images


def mapped(
    images: Tensor,
    rotation: float = 0,
    shear: float = 0,
    scale: tuple[float, float] = (1, 1),
    shift: tuple[float, float] = (0, 0),
) -> Tensor:
    """Map all images alike."""
    angles = torch.tensor(float(rotation)), torch.tensor(float(shear))
    one = affine.reading(*angles, torch.tensor(scale).float(), torch.tensor(shift).float())
    maps = one.expand(*images.shape[:3], 2, 3)
    return warped(images, [affine.field(Affine(), maps, 14)])


def own(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_without_bounds_images_stay_as_they_are() -> None:
    images = digits()
    maps = affine.draw(Affine(), 4, 14, own())
    assert torch.equal(maps, torch.eye(2, 3).expand(4, 2, 2, 3))
    torch.testing.assert_close(warped(images, [affine.field(Affine(), maps[None], 14)]), images)


@pytest.mark.parametrize("turns", [1, 2, 3, -1])
def test_a_quarter_turn_is_one_about_the_centre(turns: int) -> None:
    images = digits()
    expected = images.rot90(turns, (-2, -1))
    torch.testing.assert_close(mapped(images, rotation=90 * turns), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("shift", [(1, 0), (0, 1), (-2, 3)])
def test_a_shift_moves_by_whole_pixels(shift: tuple[int, int]) -> None:
    images = digits()
    expected = images.roll((shift[1], shift[0]), (-2, -1))
    torch.testing.assert_close(mapped(images, shift=shift), expected, atol=1e-5, rtol=0)


def test_what_is_shifted_out_is_gone_and_background_comes_in() -> None:
    images = digits() - 0.4
    found = mapped(images, shift=(8, 0))
    torch.testing.assert_close(found[..., 12:], images[..., 4:6], atol=1e-5, rtol=0)
    torch.testing.assert_close(found[..., :12], torch.full_like(found[..., :12], -0.4))


def test_images_are_turned_before_they_are_shifted() -> None:
    images = digits()
    expected = mapped(mapped(images, rotation=90), shift=(1, -2))
    found = mapped(images, rotation=90, shift=(1, -2))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def spread(images: Tensor) -> Tensor:
    """Second moments of ink about the centre, xx, yy and xy."""
    at = torch.arange(14) - 6.5
    moments = [at**2 * torch.ones(14, 1), (at**2)[:, None], at * at[:, None]]
    return torch.stack([(images * m).sum((-2, -1)) / images.sum((-2, -1)) for m in moments], -1)


def disc() -> Tensor:
    """One pair of round blobs at the centre."""
    at = torch.arange(14) - 6.5
    return torch.exp(-(at**2 + at[:, None] ** 2) / 2 / 1.5**2).expand(1, 1, 2, 1, 14, 14)


def test_scale_is_of_the_digits_size_each_direction_by_itself() -> None:
    before, after = (
        spread(part)[0, 0, 0, 0] for part in (disc(), mapped(disc(), scale=(1.4, 0.8)))
    )
    assert (after[:2] / before[:2]).sqrt().tolist() == pytest.approx([1.4, 0.8], rel=0.03)


def test_shear_leans_to_the_right_by_its_angle() -> None:
    (_, yy, xy) = spread(mapped(disc(), shear=20))[0, 0, 0, 0].tolist()
    assert xy / yy == pytest.approx(-torch.tensor(20).deg2rad().tan().item(), rel=0.03)


def test_digits_are_scaled_then_sheared_then_turned() -> None:
    """A map is the inverse of how it is read."""
    degrees = torch.tensor([30.0, 20.0])
    scale, shift = torch.tensor([1.3, 0.7]), torch.tensor([2.0, -1.0])
    read = affine.reading(*degrees, scale, shift)
    angle, lean = degrees.deg2rad()
    turn = torch.tensor([[angle.cos(), angle.sin()], [-angle.sin(), angle.cos()]])
    forward = turn @ torch.tensor([[1, -lean.tan()], [0, 1]]) @ scale.diag()
    point = torch.tensor([3.0, -2.0])
    moved = forward @ point + shift
    torch.testing.assert_close(read[:, :2] @ moved + read[:, 2], point)


BOUNDS = Affine(rotation=30, scale=0.2, shear=20, shift=2)


def test_maps_are_drawn_evenly_within_their_bounds() -> None:
    only_shift = affine.draw(Affine(shift=2), PAIRS, 14, own())[..., 2]
    assert only_shift.abs().max() <= 2
    assert only_shift.std().item() == pytest.approx(2 / 3**0.5, rel=0.05)
    only_scale = 1 / affine.draw(Affine(scale=0.2), PAIRS, 14, own())[..., :2].diagonal(0, -2, -1)
    assert only_scale.min() >= 0.8 - 1e-6
    assert only_scale.max() <= 1.2 + 1e-6
    assert only_scale.std().item() == pytest.approx(0.2 / 3**0.5, rel=0.05)
    assert torch.corrcoef(only_scale.flatten(0, 1).mT)[0, 1].abs() < 0.1
    turned = affine.draw(Affine(rotation=30), PAIRS, 14, own())
    degrees = torch.atan2(turned[..., 1, 0], turned[..., 0, 0]).rad2deg()
    assert degrees.abs().max() <= 30 + 1e-4
    assert degrees.std().item() == pytest.approx(30 / 3**0.5, rel=0.05)
    sheared = affine.draw(Affine(shear=20), PAIRS, 14, own())[..., 0, 1].atan().rad2deg()
    assert sheared.abs().max() <= 20 + 1e-4
    assert sheared.std().item() == pytest.approx(20 / 3**0.5, rel=0.05)


def test_each_image_and_each_run_has_maps_of_its_own() -> None:
    maps = affine.draw(BOUNDS, PAIRS, 14, own())
    assert len(maps.flatten(0, 1).unique(dim=0)) == 2 * PAIRS
    assert torch.equal(affine.draw(BOUNDS, PAIRS, 14, own()), maps)
    assert not torch.equal(affine.draw(BOUNDS, PAIRS, 14, own(1)), maps)


@pytest.mark.parametrize("company", [2, 7, 15])
def test_a_run_has_the_same_bits_in_any_company(company: int) -> None:
    maps = torch.stack([affine.draw(BOUNDS, 100, 14, own(seed)) for seed in range(company)])
    together = affine.field(BOUNDS, maps, 14)
    for run in range(company):
        assert torch.equal(affine.field(BOUNDS, maps[run : run + 1].clone(), 14)[0], together[run])
