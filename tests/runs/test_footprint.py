"""What runs take of memory, counted without it, beside what torch allocates on a CPU."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from digitpairs.models.build import net_of
from digitpairs.recipe import SGD, Averaging, Distillation, Recipe, Sharpness
from digitpairs.runs.footprint import Counted, needed, recordings
from digitpairs.spec import ModelSpec, RunSpec, Teacher
from digitpairs.training.engines.stacked import Stacked
from nets import CONVNET, MLP, SHARED, SIAMESE, SIAMESE_MLP

RUNS, PAIRS = 3, 50


def allocated(work: Callable[[], object]) -> int:
    """The most bytes that torch's CPU allocator had given out at a time, of this work."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as found:
        work()
    sizes: list[tuple[int, int]] = []

    def note(nodes: Any) -> None:
        for node in nodes:
            if node.typed[0].name == "Allocation":
                sizes.append((node.start_time_ns, node.typed[1].alloc_size))
            note(node.children)

    note(found.profiler.kineto_results.experimental_event_tree())
    now = most = 0
    for _, size in sorted(sizes, key=lambda one: one[0]):
        now += size
        most = max(most, now)
    return most


def on(device: str, model: ModelSpec, training: bool) -> Callable[[], object]:
    """A pass through a stack, with the gradients of a training step or without."""
    with torch.device(device):
        engine: Any = Stacked([net_of(model) for _ in range(RUNS)])
        images = torch.zeros(RUNS, PAIRS, 2, 1, 14, 14)
    engine.train(training)

    def work() -> None:
        with torch.set_grad_enabled(training):
            output = engine(*engine.inputs(images))
            if training:
                torch.autograd.grad(output.answer.sum(), engine.parameters, allow_unused=True)

    return work


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("model", [MLP, SIAMESE_MLP, CONVNET, SIAMESE, SHARED])
def test_what_is_counted_is_what_torch_allocates(model: ModelSpec, training: bool) -> None:
    real = allocated(on("cpu", model, training))
    with Counted() as counted:
        work = on("meta", model, training)
        before = counted.from_now()
        work()
    assert counted.now == before  # all of it is freed
    assert counted.most - before == pytest.approx(real, rel=0.05)


def test_a_run_takes_what_its_parts_do(mlp_run: RunSpec) -> None:
    """More of all that lies on a GPU, and a graph for each shape and mode."""
    base = replace(mlp_run, model=SHARED, batch_size=20)
    least = needed(base, 2)
    student = Recipe(distillation=Distillation())
    teacher = Teacher(SIAMESE_MLP, 1e-3, 1, 20, copies=3)
    for more in (
        replace(base, train_pairs=120),
        replace(base, recipe=Recipe(averaging=Averaging(1))),
        replace(base, recipe=Recipe(sharpness=Sharpness(0.1))),
        replace(base, recipe=student),
        replace(base, batchnorm="frozen_after_first_epoch"),
        replace(base, batch_size=25),  # an epoch's last batch is shorter
    ):
        assert needed(more, 2) > least, more
    assert needed(replace(base, recipe=Recipe(SGD("sgd"))), 2) < least  # no moments
    taught = replace(base, recipe=student, teachers=(teacher,))
    assert needed(taught, 2) > needed(replace(base, recipe=student), 2)
    fewer = replace(base, batch_size=12)
    assert needed(replace(fewer, folds=5, fold=0, test_pairs=None), 2) < needed(fewer, 2)
    assert needed(base, 3) > least


@pytest.mark.parametrize(
    ("batch_size", "batchnorm", "graphs"),
    [
        (20, "standard", 1),
        (60, "standard", 1),
        (100, "standard", 1),
        (25, "standard", 2),
        (25, "frozen_after_first_epoch", 4),
    ],
)
def test_graphs_are_counted(batch_size: int, batchnorm: Any, graphs: int, mlp_run: RunSpec) -> None:
    spec = replace(mlp_run, batch_size=batch_size, batchnorm=batchnorm)
    assert recordings(spec, 60) == graphs
