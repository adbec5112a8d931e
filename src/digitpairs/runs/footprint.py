"""How many bytes of a GPU's memory runs side by side take, from their spec alone.

A training step and a test are done on torch's meta device, where nothing is computed and no memory
is taken. What would be allocated, and when it would be freed, is counted.
"""

import weakref
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from digitpairs.models.measured import on_meta
from digitpairs.spec import RunSpec
from digitpairs.training.data import Data
from digitpairs.training.engines.choose import engine_for
from digitpairs.training.feed import AT_A_TIME
from digitpairs.training.measures import tested_together
from digitpairs.training.optimizer import optimizer_for
from digitpairs.training.step import stepping

GPU = "cuda"
META = "meta"


class Counted(TorchDispatchMode):
    """Counts the bytes of all tensors that are made in this block, and that are still there.

    `most` is the most that there were at a time.
    """

    def __init__(self) -> None:
        """Count from nothing."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.most = 0
        self.known: set[int] = set()

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Run an operation, and count what it makes."""
        made = function(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, Tensor):
                self.count(tensor.untyped_storage())
        return made

    def count(self, storage: torch.UntypedStorage) -> None:
        """Count a storage once, and until it is freed."""
        key, size = storage._cdata, storage.nbytes()
        if key in self.known:
            return
        self.known.add(key)
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self.freed, key, size)

    def freed(self, key: int, size: int) -> None:
        """Count it no longer."""
        self.known.discard(key)
        self.now -= size

    def from_now(self) -> int:
        """Begin to look for the most anew; return what there is."""
        self.most = self.now
        return self.now


@lru_cache(maxsize=1000)
def needed(spec: RunSpec, runs: int) -> int:
    """Estimate the bytes of so many runs that are alike: all that is there at a time, at most.

    A CUDA graph keeps the memory of its step. There is one for each shape of a batch, and for each
    mode of BatchNorm. What lies on the GPU beside them is weights, moments, pairs, and a test.
    """
    model = spec.model
    with Counted() as counted:
        nets = [on_meta(model) for _ in range(runs)]
        engine: Any = engine_for(nets[0], GPU, model.task)(nets)
        tested = spec.test_pairs or spec.used_pairs // (spec.folds or 1)
        trained = spec.used_pairs - (0 if spec.fold is None else tested)
        feed = SimpleNamespace(data=pairs(engine, spec, runs, trained))
        held_out = pairs(engine, spec, runs, tested)
        images = pixels(spec, runs, trained)  # as they are before they are changed
        optimizer = optimizer_for(spec.recipe.optimizer, engine.parameters, [1.0] * runs)
        if spec.recipe.averaging:
            sums = [torch.zeros_like(own, dtype=torch.float64) for own in optimizer.parameters]
        weights = torch.ones(runs, device=META) if spec.aux_weight else None
        engines = teachers(spec, runs)
        kept = counted.from_now()
        step = stepping(spec.recipe, engine, optimizer, feed, weights)  # type: ignore[arg-type]
        rows = torch.zeros(runs, min(spec.batch_size, trained), dtype=torch.long, device=META)
        step(rows)
        a_step = counted.most - kept
        counted.from_now()
        test(engine, spec, runs)
        for one in engines:
            look(one, spec, runs, AT_A_TIME)
        a_test = counted.most - counted.now
        state = sum(tensor.nbytes for tensor in [*optimizer.state, *engine.buffers])
    del held_out, images
    if spec.recipe.averaging:
        del sums
    return int(kept + state + recordings(spec, trained) * a_step + a_test)


def recordings(spec: RunSpec, trained: int) -> int:
    """Count the graphs of a run: by the shape of a batch and by BatchNorm's mode."""
    shapes = 1 if trained % spec.batch_size == 0 or trained < spec.batch_size else 2
    return shapes * (1 if spec.batchnorm == "standard" else 2)


def pairs(engine: Any, spec: RunSpec, runs: int, count: int) -> Data:
    """Make the pairs of runs, as they lie on a device."""
    task, recipe = spec.model.task, spec.recipe
    digits = torch.zeros(runs, count, 2, dtype=torch.long, device=META)
    lesson = None
    if recipe.distillation:
        lesson = torch.zeros(runs, count, 2, task.classes, device=META)
    inputs = engine.inputs(pixels(spec, runs, count).clone())
    return Data(inputs, digits[..., 0].clone(), digits, lesson)


def pixels(spec: RunSpec, runs: int, count: int) -> Tensor:
    """Make images (R, n, 2, channels, side, side)."""
    task = spec.model.task
    return torch.zeros(runs, count, 2, task.channels, task.side, task.side, device=META)


def teachers(spec: RunSpec, runs: int) -> list[Any]:
    """Make what looks at the images of a student."""
    engines = []
    for teacher in spec.taught_by:
        nets = [on_meta(teacher.model) for _ in range(runs)]
        engines.append(engine_for(nets[0], GPU, spec.model.task)(nets))
        engines[-1].train(False)
    return engines


def test(engine: Any, spec: RunSpec, runs: int) -> None:
    """Test so many pairs of each run as are tested together."""
    engine.train(False)
    look(engine, spec, runs, tested_together(GPU, runs))


@torch.no_grad()
def look(engine: Any, spec: RunSpec, runs: int, count: int) -> None:
    """Let an engine, or a net alone for each run, look at so many pairs of each run."""
    seen = runs if engine.side_by_side else 1
    engine(*engine.inputs(pixels(spec, seen, count)))
