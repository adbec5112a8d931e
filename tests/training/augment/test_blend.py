"""Images are mixed with others of their class, each run's by draws of its own."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import Augmentation, Recipe
from digitpairs.spec import RunSpec
from digitpairs.training.augment import blend
from digitpairs.training.engines.plain import Plain
from digitpairs.training.feed import Feed
from nets import MLP, as_seen, net_of


def own(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(0, 99))
def test_each_class_is_one_circle(classes: list[int], seed: int) -> None:
    """Of all its images, in the order drawn; one that is alone follows itself."""
    given, order = torch.tensor(classes), torch.randperm(len(classes), generator=own(seed))
    found = blend.next_of_class(given, order).tolist()
    for label in set(classes):
        members = [place for place in order.tolist() if classes[place] == label]
        expected = dict(zip(members, [*members[1:], members[0]], strict=True))
        assert {place: found[place] for place in members} == expected


def as_numbers(classes: torch.Tensor) -> torch.Tensor:
    """Images that tell their class, and by a second pixel their place."""
    places = torch.arange(len(classes), dtype=torch.float32)
    return torch.stack([classes.float(), places], 1).view(-1, 1, 1, 2)


@pytest.mark.parametrize("most", [0.1, 0.5, 0.99])
def test_shares_are_even_up_to_the_most_and_of_the_same_class(most: float) -> None:
    classes = torch.randint(10, (4000,), generator=own(1))
    images = as_numbers(classes)
    random = own(2)
    mixed = blend.mix(most, images, classes, random)
    assert torch.allclose(mixed[..., 0], images[..., 0], atol=1e-5)
    again = own(2)
    other = blend.next_of_class(classes, torch.randperm(4000, generator=again))
    beside = images[other][..., 1] - images[..., 1]
    shares = ((mixed - images)[..., 1] / beside).flatten()
    assert beside.all()  # no image is mixed with itself
    assert shares.min() > -1e-3
    assert shares.max() < most + 1e-3
    assert float(shares.mean()) == pytest.approx(most / 2, abs=0.02 * most)
    assert float(shares.std()) == pytest.approx(most / 12**0.5, abs=0.02 * most)
    assert not torch.equal(blend.mix(most, images, classes, random), mixed)  # other draws


def test_an_image_that_is_alone_in_its_class_stays() -> None:
    classes = torch.tensor([3, 5, 5, 9])
    images = torch.randn(4, 1, 14, 14, generator=own())
    mixed = blend.mix(0.9, images, classes, own())
    assert mixed[[0, 3]].equal(images[[0, 3]])
    assert not mixed[1].equal(images[1])


def test_draws_do_not_depend_on_the_runs_beside(mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    run = replace(mlp_run, recipe=Recipe(augmentation=Augmentation(blend=0.6)))
    specs = [replace(run, seed=seed) for seed in range(3)]
    seen = as_seen(sets["train"])

    def fed(specs: list[RunSpec]) -> Feed:
        found = Feed(
            Plain([net_of(MLP)]), specs, [sets["train"]] * len(specs), seen * len(specs), "cpu"
        )
        for _ in range(2):
            found.next_epoch()
        return found

    together = fed(specs)
    for place, spec in enumerate(specs):
        (images,) = fed([spec]).data.inputs
        assert images[0].equal(together.data.inputs[0][place])
    assert not together.data.inputs[0][0].equal(together.data.inputs[0][1])


def test_labels_and_the_images_that_are_mixed_stay_as_they_were(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    """Each epoch mixes the images as they are, not those of the epoch before."""
    run = replace(mlp_run, recipe=Recipe(augmentation=Augmentation(blend=0.6)))
    seen = as_seen(sets["train"])
    found = Feed(Plain([net_of(MLP)]), [run], [sets["train"]], seen, "cpu")
    for _ in range(2):
        found.next_epoch()
    assert found.images.equal(torch.from_numpy(seen[0]).flatten(0, 1))
    assert found.data.digits[0].tolist() == sets["train"].digits.tolist()
