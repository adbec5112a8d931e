"""What the loop is handed: all pairs each epoch, changed as a recipe says, each run by itself."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from digitpairs.pairs.draw import for_run
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import Affine, Augmentation, Elastic, Recipe
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import feed, loop, streams
from digitpairs.training.augment import affine
from digitpairs.training.augment.images import warped
from digitpairs.training.data import on_device
from digitpairs.training.engines.choose import engine_for
from digitpairs.training.engines.fast_convnet import FastConvNet
from digitpairs.training.engines.plain import Plain
from digitpairs.training.engines.stacked import Stacked
from digitpairs.training.feed import Feed
from nets import AT_MOST, CONVNET, MLP, SHARED, SIAMESE, SIAMESE_MLP, as_seen, net_of, train_one

EVERYTHING = Augmentation(
    affine=Affine(rotation=14, scale=0.14, shear=8, shift=1),
    elastic=Elastic(0.65, 3.0),
    swap=0.5,
    new_pairs=True,
)
EACH = [
    Augmentation(affine=EVERYTHING.affine),
    Augmentation(elastic=EVERYTHING.elastic),
    Augmentation(swap=0.5),
    Augmentation(new_pairs=True),
]
NAMES = [part.name for part in fields(Augmentation)]


@pytest.fixture(autouse=True)
def several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change the 60 pairs in three goes, the last one shorter."""
    monkeypatch.setattr(feed, "AT_A_TIME", 25)


def changed(spec: RunSpec, augmentation: Augmentation) -> RunSpec:
    return replace(spec, recipe=Recipe(augmentation=augmentation))


def fed(specs: list[RunSpec], pairs: list[PairSet], engine: Any = None) -> Feed:
    """What hands these runs their pairs, to an engine that takes images as they are."""
    engine = engine or Plain([net_of(MLP)])
    return Feed(engine, specs, pairs, [as_seen(own)[0] for own in pairs], "cpu")


def taken(pairs: PairSet) -> np.ndarray:
    """The images of pairs as a net takes them: (n, 2, 14, 14)."""
    return as_seen(pairs)[0].reshape(-1, 2, 14, 14)


def by_image(pairs: PairSet) -> dict[bytes, int]:
    """The digit that an image shows, by its bytes."""
    images = as_seen(pairs)[0].reshape(-1, 14 * 14)
    return {image.tobytes(): int(d) for image, d in zip(images, pairs.digits.ravel(), strict=True)}


def check_that_labels_fit(found: Feed, run: int, pairs: PairSet) -> None:
    """Each image is one of the training pairs', each once, with its digit; the target follows."""
    (images,), digits = found.data.inputs, found.data.digits[run]
    known = by_image(pairs)
    shown = [image.numpy().tobytes() for image in images[run].reshape(-1, 14 * 14)]
    assert sorted(shown) == sorted(known)
    assert [known[image] for image in shown] == digits.flatten().tolist()
    expected = [int(first <= second) for first, second in digits.tolist()]
    assert found.data.target[run].tolist() == expected


def test_each_change_of_recipes_has_a_file_that_mixes_pairs_or_moves() -> None:
    for name in NAMES:
        module = feed.named(name)
        moves = hasattr(module, "draw") and hasattr(module, "field")
        assert [hasattr(module, "mix"), hasattr(module, "pair"), moves].count(True) == 1


def test_without_augmentation_nothing_changes_but_the_order(
    mlp_run: RunSpec, sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Feed, "change", None)
    specs = [mlp_run, replace(mlp_run, seed=1)]
    found = fed(specs, [sets["train"]] * 2)
    images = taken(sets["train"])
    shufflers = [streams.generator(spec, streams.SHUFFLE_STREAM) for spec in specs]
    for _ in range(2):
        order = torch.cat(found.next_epoch(), 1)
        assert torch.equal(order, torch.stack([torch.randperm(60, generator=g) for g in shufflers]))
        assert np.array_equal(found.data.inputs[0], [images] * 2)
        assert np.array_equal(found.data.digits, [sets["train"].digits] * 2)
        assert np.array_equal(found.data.target, [sets["train"].target(AT_MOST)] * 2)


def test_without_shuffling_batches_go_in_order(mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    spec = replace(mlp_run, shuffle=False, batch_size=25)
    for _ in range(2):
        batches = fed([spec], [sets["train"]]).next_epoch()
        assert [rows.tolist() for rows in batches] == [
            [list(range(start, min(start + 25, 60)))] for start in (0, 25, 50)
        ]


@pytest.mark.parametrize("augmentation", EACH)
def test_the_order_of_pairs_does_not_depend_on_their_augmentation(
    augmentation: Augmentation, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    plain, other = (
        fed([spec], [sets["train"]]) for spec in (mlp_run, changed(mlp_run, augmentation))
    )
    for _ in range(2):
        for rows, expected in zip(other.next_epoch(), plain.next_epoch(), strict=True):
            assert torch.equal(rows, expected)


def test_all_pairs_change_sides_with_probability_1(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    found = fed([changed(mlp_run, Augmentation(swap=1.0))], [sets["train"]])
    for _ in range(2):
        found.next_epoch()
        assert np.array_equal(found.data.digits[0], sets["train"].digits[:, ::-1])
        assert np.array_equal(found.data.inputs[0][0], taken(sets["train"])[:, ::-1])
        check_that_labels_fit(found, 0, sets["train"])


def test_about_half_of_the_pairs_change_sides_others_each_epoch(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    found = fed([changed(mlp_run, Augmentation(swap=0.5))], [sets["train"]])
    before = torch.from_numpy(taken(sets["train"]))
    seen = []
    for _ in range(2):
        found.next_epoch()
        swapped = (found.data.inputs[0][0] != before).flatten(1).any(1)
        assert 15 < swapped.sum() < 45
        check_that_labels_fit(found, 0, sets["train"])
        seen.append(swapped)
    assert not torch.equal(*seen)


def test_new_pairs_take_each_digit_of_the_runs_own_fold_once(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    base = changed(mlp_run, Augmentation(new_pairs=True))
    specs = [replace(base, folds=4, fold=fold, test_pairs=None) for fold in range(3)]
    pairs = [for_run(sets, spec)[0] for spec in specs]
    found = fed(specs, pairs)
    epochs = []
    for _ in range(2):
        found.next_epoch()
        for run, own in enumerate(pairs):
            check_that_labels_fit(found, run, own)
            assert not np.array_equal(found.data.digits[run], own.digits)
        epochs.append(found.data.digits.clone())
    assert not torch.equal(*epochs)
    assert not torch.equal(epochs[0][0], epochs[0][1])


def test_images_that_are_moved_keep_their_digits(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    """By nothing but rounding here, so that each is recognised among the training images."""
    found = fed([changed(mlp_run, Augmentation(affine=Affine(), new_pairs=True))], [sets["train"]])
    known = torch.from_numpy(taken(sets["train"])).flatten(0, 1)
    found.next_epoch()
    images = found.data.inputs[0][0].flatten(0, 1)
    distances = (images[:, None] - known).abs().amax((-2, -1))
    nearest = distances.min(1)
    assert 0 < nearest.values.max() < 1e-4
    assert sorted(nearest.indices.tolist()) == list(range(120))
    digits = torch.from_numpy(sets["train"].digits).flatten()[nearest.indices]
    assert torch.equal(found.data.digits[0].flatten(), digits)


@pytest.mark.parametrize("augmentation", EACH[:2])
def test_moved_images_start_from_the_images_as_they_were(
    augmentation: Augmentation, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    """Not from those of the epoch before, which would blur more and more."""
    found = fed([changed(mlp_run, augmentation)], [sets["train"]])
    before = torch.from_numpy(taken(sets["train"]))
    far, last = [], before
    for _ in range(8):
        found.next_epoch()
        (images,) = found.data.inputs[0].clone()
        assert ((images != last).flatten(2).any(2)).all()
        far.append((images - before).square().mean().item())
        last = images
    assert far[-1] < 1.3 * far[0]


def test_pairs_and_images_are_drawn_from_streams_of_their_own(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    bounds = Affine(rotation=20, shift=1)
    spec = changed(mlp_run, Augmentation(affine=bounds, new_pairs=True))
    found = fed([spec], [sets["train"]])
    found.next_epoch()
    order = torch.randperm(120, generator=streams.generator(spec, streams.NEW_PAIRS_STREAM))
    digits = torch.from_numpy(sets["train"].digits).flatten()[order].view(60, 2)
    assert torch.equal(found.data.digits[0], digits)
    images = torch.from_numpy(taken(sets["train"])).flatten(0, 1)[order].view(1, 60, 2, 1, 14, 14)
    maps = affine.draw(bounds, 25, 14, streams.generator(spec, streams.AUGMENT_STREAM))[None]
    expected = warped(images[:, :25], [affine.field(bounds, maps, 14)])
    assert torch.equal(found.data.inputs[0][:, :25], expected.flatten(2, 3))


@pytest.mark.parametrize("model", [MLP, CONVNET, SHARED])
def test_tensors_stay_where_they_are(
    model: ModelSpec, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    """A CUDA graph reads them there."""
    net = net_of(model)
    spec = changed(replace(mlp_run, model=model), EVERYTHING)
    found = fed([spec], [sets["train"]], engine_for(net, "cpu", model.task)([net]))
    tensors = [*found.data.inputs, found.data.target, found.data.digits]
    places = [tensor.data_ptr() for tensor in tensors]
    for _ in range(2):
        before = [tensor.clone() for tensor in tensors]
        found.next_epoch()
        after = [*found.data.inputs, found.data.target, found.data.digits]
        assert [tensor.data_ptr() for tensor in after] == places
        assert not any(torch.equal(*both) for both in zip(before, after, strict=True))


@pytest.mark.parametrize("augmentation", [*EACH, EVERYTHING])
@pytest.mark.parametrize("model", [CONVNET, SIAMESE, SHARED])
def test_what_the_fast_engine_counts_is_of_the_changed_images(
    model: ModelSpec, augmentation: Augmentation, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    engine = FastConvNet([net_of(model)])
    spec = changed(replace(mlp_run, model=model), augmentation)
    found = fed([spec], [sets["train"]], engine)
    plain = fed([spec], [sets["train"]])
    for _ in range(2):
        found.next_epoch()
        plain.next_epoch()
        (images,) = plain.data.inputs
        for kept, expected in zip(
            found.data.inputs, engine.inputs(images[:, :, :, None]), strict=True
        ):
            assert torch.equal(kept, expected)


def test_pair_sets_keep_their_digits(mlp_run: RunSpec, sets: dict[str, PairSet]) -> None:
    own = PairSet(*(array.copy() for array in vars(sets["train"]).values()))
    fed([changed(mlp_run, EVERYTHING)], [own]).next_epoch()
    for array, before in zip(vars(own).values(), vars(sets["train"]).values(), strict=True):
        assert np.array_equal(array, before)


@pytest.mark.parametrize("augmentation", [*EACH, EVERYTHING])
@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP])
def test_an_augmented_run_comes_to_the_same_bits_alone_and_in_a_stack(
    model: ModelSpec, augmentation: Augmentation, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    spec = changed(replace(mlp_run, model=model), augmentation)
    specs = [replace(spec, seed=seed, learning_rate=1e-3 * (seed + 1)) for seed in range(5)]
    together = loop.train(specs, dict.fromkeys(range(5), sets))
    assert together.engine == Stacked.__name__
    assert together.histories == [train_one(one, sets) for one in specs]


@pytest.mark.parametrize("augmentation", [*EACH, EVERYTHING])
@pytest.mark.parametrize("model", [MLP, SHARED])
def test_each_augmentation_changes_the_run_and_leaves_the_test_pairs_alone(
    model: ModelSpec,
    augmentation: Augmentation,
    mlp_run: RunSpec,
    sets: dict[str, PairSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tested, evaluate = [], loop.evaluate

    def noted(engine: Any, held_out: Any, *more: Any) -> Any:
        tested.append([tensor.clone() for tensor in held_out.inputs])
        return evaluate(engine, held_out, *more)

    monkeypatch.setattr(loop, "evaluate", noted)
    spec = replace(mlp_run, model=model)
    assert train_one(changed(spec, augmentation), sets) != train_one(spec, sets)
    for inputs in tested[1:]:
        for found, expected in zip(inputs, tested[0], strict=True):
            assert torch.equal(found, expected)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("model", [CONVNET, SIAMESE, SHARED])
def test_the_fast_engine_trains_augmented_runs_as_plain_modules_do(
    model: ModelSpec,
    mlp_run: RunSpec,
    sets: dict[str, PairSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = changed(replace(mlp_run, model=model, epochs=3), EVERYTHING)
    fast = loop.train([spec], {0: sets})
    monkeypatch.setattr(loop, "engine_for", lambda *_: Plain)
    plain = loop.train([spec], {0: sets})
    assert (fast.engine, plain.engine) == (FastConvNet.__name__, Plain.__name__)
    for measure, values in plain.histories[0].epochs.items():
        assert fast.histories[0].epochs[measure] == pytest.approx(values, rel=1e-7), measure


@pytest.mark.parametrize("name", ["per_image", "per_pixel", "deskewed"])
def test_a_run_sees_its_pairs_as_its_own_training_pairs_say(
    name: Any, mlp_run: RunSpec, sets: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of its fold: the pairs it is tested on have no say."""
    seen = []

    def noted(engine: Any, pairs: Any, images: list[np.ndarray], *more: Any) -> Any:
        seen.append(images)
        return on_device(engine, pairs, images, *more)

    for module in (feed, loop):
        monkeypatch.setattr(module, "on_device", noted)
    spec = replace(mlp_run, recipe=Recipe(preprocessing=name), folds=4, test_pairs=None)
    specs = [replace(spec, fold=fold) for fold in range(2)]
    loop.train(specs, {0: sets})
    for run, one in enumerate(specs):
        train_set, test_set = for_run(sets, one)
        prepare = loop.fitted(name, train_set.pixels)
        for images, own in zip(seen, (train_set, test_set), strict=True):
            assert np.array_equal(images[run], prepare(own.pixels))
