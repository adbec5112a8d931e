"""What students learn, held against plain modules and the formulas written out."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from digitpairs.models.nets import Output
from digitpairs.pairs.pairset import PairSet
from digitpairs.recipe import Affine, Augmentation, Distillation, Loss, Recipe
from digitpairs.spec import ModelSpec, RunSpec
from digitpairs.training import feed as feeds
from digitpairs.training.data import Data
from digitpairs.training.engines.plain import Plain
from digitpairs.training.feed import Feed
from digitpairs.training.loop import train
from digitpairs.training.methods import distillation
from nets import (
    MLP,
    SHARED,
    SIAMESE,
    SIAMESE_MLP,
    STACK,
    as_pairs,
    as_seen,
    net_of,
    random_data,
    random_net,
)

TAUGHT = Recipe(loss=Loss(digits_only=True), readout="argmax", distillation=Distillation())


def said_by(nets: Sequence[nn.Module], images: Tensor, temperature: float) -> Tensor:
    """The mean of what plain modules say of images (n, 2, ...), in float64."""
    with torch.no_grad():
        logits = [net.double().eval()(as_pairs(images).double())[1] for net in nets]
    return torch.stack([(one / temperature).softmax(-1) for one in logits]).mean(0)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
@pytest.mark.parametrize("runs", [1, 3])
def test_a_lesson_is_the_mean_of_what_each_runs_own_teachers_say(
    runs: int, temperature: float, mlp_run: RunSpec
) -> None:
    """Teachers of several architectures; ConvNets do not stack on a CPU."""
    models = [SIAMESE_MLP, SHARED, SIAMESE, STACK]
    teachers = [
        [random_net(model, 9 * run + at) for at, model in enumerate(models)] for run in range(runs)
    ]
    images, _, _ = random_data(runs, 0)
    student = replace(mlp_run, model=SIAMESE_MLP)
    kind = Distillation(temperature=temperature)
    found = distillation.teaching(kind, student, teachers, "cpu")(images)
    for run in range(runs):
        expected = said_by(teachers[run], images[run], temperature)
        assert torch.allclose(found[run].double(), expected, atol=1e-5)


@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize("label", [0.0, 0.3, 1.0])
def test_the_gradient_of_a_digit_is_what_the_student_says_less_what_it_should(
    label: float, temperature: float
) -> None:
    """With temperature T it is T (q - p) a pair; that of the true class goes beside."""
    random = torch.Generator().manual_seed(1)
    logits = torch.randn(2, 5, 2, 10, generator=random, dtype=torch.float64).requires_grad_()
    lesson = torch.randn(2, 5, 2, 10, generator=random, dtype=torch.float64).softmax(-1)
    by_label = torch.tensor([3.0, 5.0], dtype=torch.float64)
    data = Data((), torch.zeros(2, 5), torch.zeros(2, 5, 2), lesson)
    kind = Distillation(label, temperature)
    found = distillation.losses(kind, by_label, Output(logits, logits), data)
    (gradient,) = torch.autograd.grad(found.sum(), logits)
    q = (logits.detach() / temperature).softmax(-1)
    expected = (1 - label) * temperature * (q - lesson) / 5
    assert torch.allclose(gradient, expected, atol=1e-12)
    apart = -(lesson * q.log()).sum((1, 2, 3)) / 5
    assert torch.allclose(found, label * by_label + (1 - label) * temperature**2 * apart)


def test_what_says_no_digits_can_neither_teach_nor_be_taught(mlp_run: RunSpec) -> None:
    images, target, digits = random_data(1, 0)
    with pytest.raises(ValueError, match="tells no digits"):
        distillation.teaching(Distillation(), mlp_run, [[random_net(MLP, 0)]], "cpu")(images)
    with pytest.raises(ValueError, match="needs teachers"):
        distillation.teaching(Distillation(), mlp_run, [], "cpu")(images)
    output = Output(torch.zeros(1, 8, 2), None)
    data = Data((), target, digits, torch.zeros(1, 8, 2, 10))
    untaught = Output(output.answer, data.lesson), replace(data, lesson=None)
    for given, of in ((output, data), untaught):
        with pytest.raises(ValueError, match="can be taught"):
            distillation.losses(Distillation(), torch.zeros(1), given, of)


@pytest.mark.parametrize(("label", "off"), [(0.0, 0), (1.0, 1)])
@pytest.mark.parametrize("student", [SIAMESE_MLP, SHARED], ids=lambda model: model.family)
def test_a_student_learns_from_its_teacher_or_from_labels(
    student: ModelSpec, label: float, off: int, mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    """The student's labels are each one more than the digit, which the teacher knows."""
    digits = replace(TAUGHT, distillation=None)
    run = replace(mlp_run, model=SHARED, recipe=digits, epochs=30, learning_rate=1e-2)
    teacher = net_of(SHARED)
    teacher.load_state_dict(train([run], {0: sets}).weights(0))
    wrong = {part: replace(own, digits=(own.digits + 1) % 10) for part, own in sets.items()}
    taught = replace(TAUGHT, distillation=Distillation(label))
    result = train([replace(run, model=student, recipe=taught)], {0: wrong}, teachers=[[teacher]])
    net = net_of(student)
    net.load_state_dict(result.weights(0))
    said = said_by([net], torch.from_numpy(as_seen(sets["train"])[0]), 1).argmax(-1)
    assert np.mean(said.numpy() == (sets["train"].digits + off) % 10) > 0.9


@pytest.mark.parametrize(
    "changes",
    [
        Augmentation(affine=Affine(rotation=20)),
        Augmentation(new_pairs=True, swap=0.5),
        Augmentation(blend=0.5),
    ],
)
def test_lessons_are_of_the_images_that_the_student_sees(
    changes: Augmentation,
    mlp_run: RunSpec,
    sets: dict[str, PairSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "AT_A_TIME", 25)
    run = replace(mlp_run, model=SIAMESE_MLP, recipe=replace(TAUGHT, augmentation=changes))
    teacher: Any = random_net(SIAMESE_MLP, 3)
    teach = distillation.teaching(Distillation(), run, [[teacher]], "cpu")
    seen = as_seen(sets["train"])
    found = Feed(Plain([net_of(SIAMESE_MLP)]), [run], [sets["train"]], seen, "cpu", teach)
    assert found.data.lesson is not None
    place = found.data.lesson.data_ptr()
    epochs = []
    for _ in range(3):
        found.next_epoch()
        images = found.data.inputs[0][0].unflatten(1, (2, 1))
        expected = said_by([teacher], images, 1)
        assert torch.allclose(found.data.lesson[0].double(), expected, atol=1e-5)
        epochs.append(found.data.lesson.clone())
        rows = torch.tensor([[5, 3]])
        taken = found.data.take(rows).lesson
        assert taken is not None and taken.equal(found.data.lesson[:, [5, 3]])
    assert not any(one.equal(other) for one, other in pairwise(epochs))
    assert found.data.lesson.data_ptr() == place  # a CUDA graph reads it there


def test_without_changes_lessons_are_of_the_images_themselves(
    mlp_run: RunSpec, sets: dict[str, PairSet]
) -> None:
    run = replace(mlp_run, model=SIAMESE_MLP, recipe=TAUGHT)
    teacher: Any = random_net(SHARED, 3)
    teach = distillation.teaching(Distillation(), run, [[teacher]], "cpu")
    seen = as_seen(sets["train"])
    found = Feed(Plain([net_of(SIAMESE_MLP)]), [run], [sets["train"]], seen, "cpu", teach)
    found.next_epoch()
    assert found.data.lesson is not None
    expected = said_by([teacher], torch.from_numpy(seen[0]), 1)
    assert torch.allclose(found.data.lesson[0].double(), expected, atol=1e-5)
