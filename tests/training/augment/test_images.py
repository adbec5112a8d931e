"""Moving pixels: by the sum of fields, to the bit alike in any company, onto the background."""

import pytest
import torch
from torch import Tensor

from digitpairs.training.augment.images import warped


def random_images(runs: int = 2, seed: int = 0) -> Tensor:
    """Images (R, 3, 2, 2, 14, 14) of two channels: ink 0 to 1, on a background of -0.4."""
    images = torch.full((runs, 3, 2, 2, 14, 14), -0.4)
    generator = torch.Generator().manual_seed(seed)
    images[..., 2:12, 2:12] += torch.rand(runs, 3, 2, 2, 10, 10, generator=generator)
    return images


def along(x: float, y: float, runs: int = 2) -> Tensor:
    """Read all pixels from beside themselves, by (x, y)."""
    return torch.tensor([x, y]).view(2, 1, 1).expand(runs, 3, 2, 2, 14, 14)


def test_fields_add_up() -> None:
    images = random_images()
    torch.testing.assert_close(warped(images, [along(0, 0)]), images)
    found = warped(images, [along(1, 0), along(0.5, 2), along(0.5, -1)])
    torch.testing.assert_close(found, images.roll((-1, -2), (-2, -1)), atol=1e-5, rtol=0)


def test_each_image_is_moved_by_its_own_field() -> None:
    images = random_images()
    fields = torch.zeros(2, 3, 2, 2, 14, 14)
    fields[1, 2, 0, 0] = -1
    found = warped(images, [fields])
    expected = images.clone()
    expected[1, 2, 0] = images[1, 2, 0].roll(1, -1)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_each_pixel_is_moved_by_its_own_displacement() -> None:
    """Rows of a field are rows of images: the upper half moves, the lower does not."""
    images = random_images()
    fields = along(1, 0).clone()
    fields[..., 7:, :] = 0
    found = warped(images, [fields])
    torch.testing.assert_close(found[..., 7:, :], images[..., 7:, :])
    expected = images.roll(-1, -1)[..., :7, :]
    torch.testing.assert_close(found[..., :7, :], expected, atol=1e-5, rtol=0)


def test_outside_an_image_is_its_background_also_where_ink_reaches_the_edge() -> None:
    images = random_images() * torch.tensor([1.0, 3.0]).view(2, 1, 1, 1, 1, 1)
    background = images[..., :1, :1].clone()
    images[..., 5, 0], images[..., 0, 13] = 2.0, 2.0
    found = warped(images, [along(-4, 0)])
    torch.testing.assert_close(found[..., :3], background.expand_as(found[..., :3]))


def test_between_pixels_images_are_less_blurred_than_by_linear_interpolation() -> None:
    images = torch.zeros(1, 3, 2, 1, 14, 14)
    images[..., 7] = 1
    found = warped(images, [along(0.5, 0, runs=1)])[..., 7, 6:8]
    assert (found > 0.55).all()  # a line one pixel wide; linear gives 0.5


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_images_keep_their_type(dtype: torch.dtype) -> None:
    found = warped(random_images().to(dtype), [along(0.3, 0.3)])
    assert found.dtype == dtype


def test_a_run_has_the_same_bits_in_any_company() -> None:
    images = random_images(15)
    fields = torch.randn(15, 3, 2, 2, 14, 14, generator=torch.Generator().manual_seed(1))
    together = warped(images, [fields])
    for run in range(15):
        alone = slice(run, run + 1)
        assert torch.equal(warped(images[alone].clone(), [fields[alone].clone()])[0], together[run])
