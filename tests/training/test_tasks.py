"""Other images and other questions: all that is trained and measured follows the task."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from digitpairs.digits.idx import Digits
from digitpairs.models import measured
from digitpairs.models.counts import multiply_adds_of, parameters_of
from digitpairs.models.nets import Output, Posterior
from digitpairs.models.registry import family_of
from digitpairs.pairs.draw import draw_sets
from digitpairs.pairs.pairset import PairSet
from digitpairs.pairs.pool import Pool, pool_of
from digitpairs.pairs.target import Answers, answers_of, as_text
from digitpairs.recipe import Affine, Augmentation, Elastic, Loss, Recipe
from digitpairs.spec import PAPERS_TASK, ModelSpec, RunSpec, Task
from digitpairs.training import final, measures, tally
from digitpairs.training.engines.choose import engine_for
from digitpairs.training.engines.fast_convnet import FastConvNet
from digitpairs.training.engines.plain import Plain
from digitpairs.training.engines.stacked import Stacked
from digitpairs.training.loop import train
from digitpairs.training.preprocess import fitted
from digitpairs.training.preprocessing import deskewed
from nets import as_pairs, differences, random_data, random_net, stack_of, stepped, train_one

CLASSES = [3, 10, 12]
QUESTIONS = ["lesser_or_equal", "same_class", "random"]


def table_of(question: str, classes: int) -> Answers:
    """The answers to a question; for `random` any, that differ with the order of the two."""
    if question != "random":
        return answers_of(Task(classes=classes, target=question))
    return np.random.default_rng(classes).random((classes, classes)) < 0.4


COLOURS = Task(8, 3, 3, as_text(table_of("random", 3)))
LAYERS = [{"channels": 4, "pool": "max"}, {"channels": 5, "padding": "same"}]
NETS = {
    "mlp": ModelSpec("mlp", (13, 7), task=COLOURS),
    "convnet": ModelSpec("convnet", (10,), (4,), task=COLOURS),
    "siamese_mlp": ModelSpec("siamese_mlp", (13,), task=COLOURS),
    "siamese_mlp_shared": ModelSpec("siamese_mlp", (13,), shared=True, task=COLOURS),
    "siamese_convnet": ModelSpec("siamese_convnet", (10,), (4,), task=COLOURS),
    "siamese_convnet_shared": ModelSpec("siamese_convnet", (10,), (4,), True, task=COLOURS),
    "convstack": stack_of({"layers": LAYERS}, COLOURS),
    "convstack_without_head": stack_of({"layers": LAYERS, "head": False}, COLOURS),
}
STACKABLE = [name for name in NETS if not name.startswith("convstack")]
MLPS = [name for name in NETS if "mlp" in name]
all_nets = pytest.mark.parametrize("name", NETS)


# What is counted, against a loop over all pairs.


def random_logits(classes: int, count: int = 60) -> tuple[Tensor, np.ndarray]:
    """Logits of digits, and labels that they often name."""
    generator = torch.Generator().manual_seed(classes)
    labels = torch.randint(classes, (count,), generator=generator)
    logits = torch.randn(count, 2, classes, generator=generator)
    logits[torch.arange(count), :, labels] += 1.5
    return logits, labels.numpy()


def by_loop(logits: Tensor, labels: np.ndarray, answers: Answers, readout: str) -> list[bool]:
    """Whether each ordered pair of two digits is put right."""
    sure = logits.double().softmax(-1).numpy()
    right = []
    for i in range(len(labels)):
        for j in range(len(labels)):
            if i == j:
                continue
            if readout == "argmax":
                said = answers[sure[i, 0].argmax(), sure[j, 1].argmax()]
            else:
                said = (np.outer(sure[i, 0], sure[j, 1]) * answers).sum() > 0.5
            right.append(bool(said == answers[labels[i], labels[j]]))
    return right


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("block", [7, 128])
def test_all_pairs_are_counted_as_a_loop_counts_them(
    question: str, classes: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "POSTERIOR_BLOCK", block)
    logits, labels = random_logits(classes)
    answers = table_of(question, classes)
    for readout, count in (
        ("argmax", tally.right_by_argmax),
        ("posterior", tally.right_by_posterior),
    ):
        right = by_loop(logits, labels, answers, readout)
        assert count(logits, labels, answers) == sum(right)
        assert 0 < sum(right) < len(right)


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_head_is_counted_as_a_loop_counts_it(question: str, classes: int) -> None:
    logits, labels = random_logits(classes)
    answers, count = table_of(question, classes), len(labels)
    generator = torch.Generator().manual_seed(1)
    shapes = ((9, 2 * classes), (9,), (2, 9), (2,))
    head = [torch.randn(*shape, generator=generator) for shape in shapes]
    hidden, biases, last, bias = (part.double() for part in head)
    right = 0
    for i in range(count):
        for step in range(1, 6):
            j = (i + step) % count
            seen = torch.cat([logits[i, 0], logits[j, 1]]).double()
            said = last @ (hidden @ seen + biases).relu() + bias
            right += int(said[1] > said[0]) == int(answers[labels[i], labels[j]])
    assert tally.right_by_head(logits, labels, answers, head, 5) == right
    assert 0 < right < 5 * count


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_readout_says_what_its_digits_answer(question: str, classes: int) -> None:
    logits, _ = random_logits(classes)
    answers = table_of(question, classes)
    sure = logits.double().softmax(-1).numpy()
    expected = np.array([(np.outer(*pair) * answers).sum() for pair in sure])
    found = measures.posterior_yes(logits.double(), answers)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-15)
    output = Output(torch.zeros(len(logits), 2), logits)
    best = sure.argmax(-1)
    said = {name: measures.says_yes(output, name, answers) for name in ("argmax", "posterior")}  # type: ignore[arg-type]
    assert said["argmax"].tolist() == answers[best[:, 0], best[:, 1]].tolist()
    assert said["posterior"].tolist() == (expected > 0.5).tolist()


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_without_a_head_the_answer_is_that_of_the_digits(question: str, classes: int) -> None:
    logits, _ = random_logits(classes)
    answers = table_of(question, classes)
    target = as_text(answers) if question == "random" else question
    found = Posterior(Task(classes=classes, target=target))(logits.double()).exp()
    yes = measures.posterior_yes(logits.double(), answers)
    torch.testing.assert_close(found, torch.stack([1 - yes, yes], 1))
    torch.testing.assert_close(found.sum(1), torch.ones(len(logits)).double())


# Nets of other images, by engines and by their own modules.


@all_nets
def test_a_net_takes_the_images_of_its_task(name: str) -> None:
    spec = NETS[name]
    images = as_pairs(random_data(1, 0, 5, COLOURS)[0][0])
    assert images.shape == (5, 6, 8, 8)
    output = random_net(spec, 0)(images)
    assert output.answer.shape == (5, 2)
    if family_of(spec).siamese:
        assert output.digits.shape == (5, 2, 3)
    assert parameters_of(spec) == measured.parameters(spec)
    assert multiply_adds_of(spec) == measured.multiply_adds(spec)


@pytest.mark.parametrize("name", [name for name in NETS if "mlp_s" in name or "stack" in name])
def test_the_channels_of_an_image_go_through_a_branch_together(name: str) -> None:
    net = random_net(NETS[name], 0).eval()
    branch = net.branch if "stack" in name else net.branches[0]
    images = random_data(1, 0, 5, COLOURS)[0][0]
    found = net(as_pairs(images)).digits
    for side in (0, 1):
        torch.testing.assert_close(found[:, side], branch(images[:, side]))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", STACKABLE)
def test_a_stack_computes_what_plain_modules_do(name: str, training: bool) -> None:
    spec = NETS[name]
    nets = [random_net(spec, seed).double() for seed in range(2)]
    images, *classes = random_data(2, 0, task=COLOURS)
    data = (images.double(), *classes)
    weights = torch.tensor([0.5, 2.0]).double() if family_of(spec).siamese else None
    engine = Stacked(copy.deepcopy(nets))
    found = stepped(engine, data, training, weights)
    for run, net in enumerate(nets):
        apart = dict(differences(engine, run, net, data, training, weights, found))
        assert {what: by for what, by in apart.items() if not by <= 1e-9} == {}


@all_nets
def test_plain_modules_compute_what_the_net_does(name: str) -> None:
    net = random_net(NETS[name], 0).double().eval()
    images = random_data(1, 0, task=COLOURS)[0]
    engine = Plain([copy.deepcopy(net)])
    engine.train(False)
    found = engine(*engine.inputs(images.double()))
    first, second = images[0].double().unbind(1)
    expected = net(torch.cat([first, second], 1))
    for one, other in zip(found, expected, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            torch.testing.assert_close(one[0], other)


def test_the_engine_of_the_papers_convnets_is_for_images_of_their_side() -> None:
    for side, engine in ((14, FastConvNet), (16, Plain), (28, Plain)):
        spec = ModelSpec("convnet", (10,), (4, 8), task=replace(PAPERS_TASK, side=side))
        assert engine_for(random_net(spec, 0), "cpu", spec.task) is engine
        assert engine_for(random_net(spec, 0), "cuda", spec.task) is Stacked


# Whole runs.


@pytest.fixture(scope="module")
def colours() -> dict[str, Digits]:
    """Noise in colours, in which the class shows as brightness of one channel."""
    rng = np.random.default_rng(0)
    pools = {}
    for part, count in (("train", 140), ("test", 90)):
        labels = rng.integers(0, 3, count).astype(np.uint8)
        images = rng.integers(0, 120, (count, 3, 16, 16)).astype(np.uint8)
        images[np.arange(count), labels] += 100
        pools[part] = Digits(images, labels)
    return pools


@pytest.fixture(scope="module")
def coloured(colours: dict[str, Digits]) -> dict[str, PairSet]:
    return draw_sets(colours, {"train": 60, "test": 40}, 0, COLOURS.side)


@pytest.fixture(scope="module")
def pool(colours: dict[str, Digits]) -> Pool:
    return pool_of(colours["test"], COLOURS.side).take(np.arange(41))


CHANGES = Augmentation(Affine(14, 0.1, 8, 1), Elastic(0.65), swap=0.5, new_pairs=True)
RECIPES = {"paper": Recipe(), "augmented": Recipe(augmentation=CHANGES, preprocessing="deskewed")}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", MLPS)
def test_a_run_alone_and_in_a_stack_has_the_same_bits(
    name: str, recipe: str, mlp_run: RunSpec, coloured: dict[str, PairSet], pool: Pool
) -> None:
    run = replace(mlp_run, model=NETS[name], recipe=RECIPES[recipe])
    specs = [replace(run, seed=seed, learning_rate=1e-2 / (1 + seed)) for seed in range(5)]
    together = train(specs, dict.fromkeys(range(5), coloured), digits=pool)
    assert together.engine == Stacked.__name__
    alone = [train([one], {one.seed: coloured}, digits=pool).histories[0] for one in specs]
    assert together.histories == alone
    assert len({str(history.epochs) for history in alone}) == 5


def test_pixels_are_summed_to_the_side_of_the_task(
    colours: dict[str, Digits], coloured: dict[str, PairSet]
) -> None:
    pixels = coloured["train"].pixels
    images = colours["train"].images[coloured["train"].indices].astype(int)
    assert pixels.shape == (60, 2, 3, 8, 8)
    corners = [images[..., row::2, column::2] for row in (0, 1) for column in (0, 1)]
    assert np.array_equal(pixels, sum(corners))


@all_nets
def test_measures_are_those_of_the_nets_own_modules(
    name: str, mlp_run: RunSpec, coloured: dict[str, PairSet], pool: Pool
) -> None:
    run = replace(mlp_run, model=NETS[name], learning_rate=1e-2, epochs=3)
    result = train([run], {0: coloured}, digits=pool)
    (history,) = result.histories
    net, answers = random_net(run.model, 0).eval(), answers_of(COLOURS)
    net.load_state_dict(result.weights(0))
    images = torch.from_numpy(fitted("none", coloured["train"].pixels)(pool.pixels))

    def right(rows: Any, readout: str) -> float:
        rows = torch.tensor(rows)
        with torch.no_grad():
            said = measures.says_yes(net(as_pairs(images[rows])), readout, answers)  # type: ignore[arg-type]
        truth = answers[pool.labels[rows[:, 0]], pool.labels[rows[:, 1]]]
        return float((said.numpy() == truth).mean())

    siamese, count, ring = family_of(run.model).siamese, len(pool), final.ring(len(pool))
    steps = final.HEAD_STEPS if siamese and name != "convstack_without_head" else 1
    around = [(ring[i], ring[(i + s) % count]) for i in range(count) for s in range(1, steps + 1)]
    assert history.measures["many_pairs_accuracy"] == right(around, "head")
    if siamese:
        pairs = [(i, j) for i in range(count) for j in range(count) if i != j]
        for readout in ("argmax", "posterior"):
            assert history.measures[f"all_pairs_{readout}_accuracy"] == right(pairs, readout)
    test = torch.from_numpy(fitted("none", coloured["train"].pixels)(coloured["test"].pixels))
    with torch.no_grad():
        said = net(as_pairs(test)).answer.argmax(1).numpy()
    expected = (said == coloured["test"].target(answers)).mean()
    assert history.epochs["test_accuracy"][-1] == expected


def test_what_a_class_looks_like_is_learned(mlp_run: RunSpec, coloured: dict[str, PairSet]) -> None:
    spec = NETS["siamese_mlp_shared"]
    run = replace(mlp_run, model=spec, aux_weight=1.0, learning_rate=1e-2, epochs=20)
    history = train_one(replace(run, recipe=Recipe(loss=Loss(), readout="posterior")), coloured)
    assert history.epochs["digit_accuracy"][-1] > 0.9
    assert history.epochs["test_accuracy"][-1] > 0.9


def test_pairs_that_change_are_asked_the_tasks_question(
    mlp_run: RunSpec, coloured: dict[str, PairSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is not symmetric: a pair whose images change sides gets another target."""
    assert not np.array_equal(answers_of(COLOURS), answers_of(COLOURS).T)
    seen = []
    losses = measures.losses

    def noted(output: Any, data: Any, *more: Any) -> Any:
        seen.append((data.digits[0].clone(), data.target[0].clone()))
        return losses(output, data, *more)

    monkeypatch.setattr("digitpairs.training.step.losses", noted)
    recipe = Recipe(augmentation=Augmentation(swap=0.5, new_pairs=True))
    train_one(replace(mlp_run, model=NETS["mlp"], recipe=recipe), coloured)
    assert len(seen) == 6
    for digits, target in seen:
        yes = answers_of(COLOURS)[digits[:, 0], digits[:, 1]]
        assert target.tolist() == yes.astype(int).tolist()


# All channels of an image move alike.


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([5, 8, 14]))
def test_channels_of_an_image_are_made_upright_together(seed: int, side: int) -> None:
    """By the lean of all their ink: three channels that are alike move as one does."""
    rng = np.random.default_rng(seed)
    image = rng.random((2, 1, side, side)) * (rng.random((2, 1, side, side)) < 0.3)
    found = deskewed.upright(np.repeat(image, 3, 1))
    np.testing.assert_allclose(found, np.repeat(deskewed.upright(image), 3, 1), atol=1e-12)


def test_ink_of_one_channel_takes_the_others_along() -> None:
    diagonal = np.eye(9)
    image = np.stack([diagonal, 0.2 * diagonal[:, ::-1], np.zeros((9, 9))])
    found = deskewed.upright(image)
    slope = deskewed.lean(image.sum(0))[0]
    assert 0.5 < slope < 0.9
    alone = deskewed.upright(image[:1])
    assert not np.allclose(found[0], alone[0])
    assert not np.allclose(found[1], deskewed.upright(image[1:2])[0])
    assert not found[2].any()
