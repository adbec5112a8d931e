"""The self-check on a stand-in for a GPU: it passes what is right, and finds each planted fault."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from checked import CASES, checked
from digitpairs.digits.source import Source
from digitpairs.recipe import parts
from digitpairs.runs.plan import STACK, evaluation_runs
from digitpairs.selfcheck import trained
from digitpairs.selfcheck.cases import RUNS, Case
from digitpairs.selfcheck.check import check
from digitpairs.selfcheck.compare import OF_LOSSES, OF_WEIGHTS
from digitpairs.selfcheck.trained import Found
from digitpairs.study.schema import Params
from digitpairs.training.cuda import graphs
from digitpairs.training.cuda.graphs import Replayed
from digitpairs.training.engines.stacked import Stacked
from standin_gpu import GPU

RECORDED = [name for name in CASES if "ConvStack" not in name]


def test_what_is_right_passes_with_room(recorded: list[Tensor]) -> None:
    """Float32 of this processor is off by less than a third of what is allowed."""
    verdict = check(GPU)
    assert (verdict.trouble, verdict.of_graphs) == ("", "")
    assert {row.case: (row.graphs, row.again) for row in verdict.rows} == {
        name: (True, None) if name in RECORDED else (None, True) for name in CASES
    }
    assert {row.draws for row in verdict.rows} == {1}
    assert all(3 * row.losses < OF_LOSSES for row in verdict.rows)
    assert all(3 * row.weights < OF_WEIGHTS for row in verdict.rows)
    # A recording for each shape of a batch, and in the frozen protocol for each mode.
    assert len(recorded) == 3 * 2 + 2 * 2 + 3


def test_every_protocol_recipe_and_engine_is_there() -> None:
    specs = [case.specs[0] for case in CASES.values()]
    assert {spec.batchnorm for spec in specs if spec.model.channels} == {
        "standard",
        "frozen_after_first_epoch",
    }
    assert {spec.model.family for spec in specs} == {"mlp", "siamese_convnet", "convstack"}
    student = CASES["student"].specs[0].recipe
    assert student.distillation and student.sharpness and student.augmentation.elastic
    assert CASES["student"].teachers


def test_the_newest_recipes_are_the_last_of_our_ladder(full_params: Params, source: Source) -> None:
    """A student and its teachers: who adds another variant there has the check train it."""
    name = full_params.studies["ladder"].variants[-1]
    student = next(run.spec for run in evaluation_runs(full_params, source, {}) if run.name == name)
    teacher = student.taught_by[0]
    case = CASES["taught ConvStack"]
    assert case.teachers == [teacher.model] * 2  # whose mean is taken
    for ours, its in ((case, student), (CASES["ConvStack"], teacher)):
        (spec,) = ours.specs
        assert spec.model == its.model
        assert set(parts(its.recipe)) <= set(parts(spec.recipe))
        for part in ("loss", "readout", "distillation"):
            assert getattr(spec.recipe, part) == getattr(its.recipe, part)
        assert spec.recipe.optimizer.name == its.recipe.optimizer.name == "adamw"
        assert spec.recipe.optimizer.betas == its.recipe.optimizer.betas
    assert case.specs[0].recipe.averaging  # what a search may add
    assert case.specs[0].recipe.augmentation.blend


def test_the_teachers_of_a_run_are_not_alike() -> None:
    one, other = (net.state_dict() for net in CASES["taught ConvStack"].teaching()[0])
    assert not torch.equal(one["branch.0.weight"], other["branch.0.weight"])


def test_a_full_stack_is_as_high_and_its_batch_as_large_as_most(full_params: Params) -> None:
    full = CASES["MLP, full stack"]
    assert len(full.specs) == STACK["cuda"]
    assert {(spec.batch_size, spec.train_pairs) for spec in full.specs} == {(100, 100)}
    assert full_params.training.batch_size == 100
    assert all(len(sets["train"]) == 100 for sets in full.sets.values())
    losses = trained.by_training(full, GPU).losses
    assert len(losses) == len(full.specs)
    assert len(np.unique(losses[:, 0].round(4))) == RUNS  # a few, again and again


def test_other_draws_are_other_pairs_and_weights() -> None:
    case = CASES["siamese ConvNet"]
    assert case.on_draw(0) == case
    other = case.on_draw(2)
    assert not {spec.seed for spec in case.specs} & {spec.seed for spec in other.specs}
    assert [spec.learning_rate for spec in other.specs] == [s.learning_rate for s in case.specs]


@pytest.mark.parametrize("name", ["ConvStack, gradients", "MLP, gradients"])
def test_kernels_that_do_not_repeat_their_bits_are_found(name: str) -> None:
    """Where graphs are compared with them this looks as if graphs were at fault."""
    times = iter(range(9))

    def drifts(case: Case, device: str) -> Found:
        found = trained.by_training(case, device)
        return replace(found, losses=found.losses * (1 + 1e-8 * next(times)))

    verdict = checked(name, by=drifts)
    (row,) = verdict.rows
    if name in RECORDED:
        assert (row.graphs, row.again) == (False, None)
        assert verdict.of_graphs
    else:
        assert (row.graphs, row.again) == (None, False)
        assert verdict.trouble == f"{name}: the same kernels come to other numbers the second time"


def test_cudnn_may_take_no_kernel_that_does_not_repeat_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    check(GPU, of=[])
    assert torch.backends.cudnn.deterministic


@pytest.mark.parametrize("name", ["MLP", "siamese ConvNet", "siamese ConvNet, frozen"])
def test_an_argument_that_is_not_copied_is_found(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step then takes the pairs that the recording took."""
    record = Replayed.record

    def stale(self: Replayed, argument: Tensor) -> Any:
        graph, _, result = record(self, argument)
        return graph, torch.empty_like(argument), result

    monkeypatch.setattr(Replayed, "record", stale)
    verdict = checked(name)
    assert verdict.trouble == ""
    assert verdict.of_graphs == (
        f"{name}: CUDA graphs come to other numbers than the same kernels without them"
    )


@pytest.mark.parametrize("what", ["losses", "weights"])
def test_graphs_that_are_off_by_a_bit_are_found(what: str) -> None:
    def off(case: Case, device: str) -> Found:
        found = trained.by_training(case, device)
        if graphs.eager():
            return found
        if what == "losses":
            return replace(found, losses=np.nextafter(found.losses, np.inf))
        bias = found.weights[1]["branch.5.bias"]
        bias[-1] = torch.nextafter(bias[-1], bias[-1] + 1)
        return found

    assert "other numbers" in checked("MLP, gradients", by=off).of_graphs


def forgets(monkeypatch: pytest.MonkeyPatch, kept: Callable[[Sequence[Tensor]], Any]) -> None:
    """Let recording leave only a part of the state as it was."""
    start = Replayed.__init__

    def init(self: Replayed, function: Any, state: Sequence[Tensor], mode: Any) -> None:
        start(self, function, kept(state), mode)

    monkeypatch.setattr(Replayed, "__init__", init)


def without_moments(state: Sequence[Tensor]) -> list[Tensor]:
    """Weights lie as (R, size), and so do Adam's moments, which are zero at the start."""
    return [tensor for tensor in state if tensor.dim() != 2 or tensor.any()]


def without_steps(state: Sequence[Tensor]) -> list[Tensor]:
    return [tensor for tensor in state if tensor.dim() != 0]


def without_statistics(state: Sequence[Tensor]) -> list[Tensor]:
    """BatchNorm's running means are zero at the start, its variances one."""
    means = {id(t) for t in state if t.dim() == 2 and not t.any() and t.numel() < 1000}
    return [tensor for tensor in state if id(tensor) not in means or tensor.numel() > 1000]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("MLP", without_moments),
        ("MLP", without_steps),
        ("siamese ConvNet", without_moments),
        ("siamese ConvNet", without_statistics),
        ("siamese ConvNet, frozen", without_statistics),
    ],
)
def test_a_state_that_recording_changes_is_found(
    name: str, kept: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    forgets(monkeypatch, kept)
    verdict = checked(name)
    assert verdict.trouble == ""
    assert verdict.of_graphs.startswith(f"{name}: CUDA graphs come to other numbers")


def test_statistics_of_no_batch_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """BatchNorm takes the statistics that it has kept where it is to take the batch's."""
    monkeypatch.setattr(Stacked, "train", lambda self, mode: self.net.train(False))
    assert checked("siamese ConvNet").trouble.startswith("siamese ConvNet: its ")


def test_a_protocol_that_does_not_freeze_is_found() -> None:
    def never(case: Case, device: str) -> Found:
        specs = [replace(spec, batchnorm="standard") for spec in case.specs]
        return trained.by_training(replace(case, specs=specs), device)

    verdict = checked("siamese ConvNet, frozen", by=never)
    assert verdict.trouble.startswith("siamese ConvNet, frozen: its ")


def test_a_test_by_the_statistics_of_its_batch_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stacked, "train", lambda self, mode: self.net.train(True))
    verdict = checked("siamese ConvNet, gradients")
    assert verdict.trouble.startswith("siamese ConvNet, gradients: its losses ")


def test_statistics_that_are_not_kept_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights are right then: what is wrong is seen in a test alone, and in the statistics."""
    normalise = Stacked.normalise

    def forgetting(self: Stacked, layer: Any, x: Tensor) -> Any:
        kept = [tensor.clone() for tensor in self.buffers]
        y = normalise(self, layer, x)
        with torch.no_grad():
            for tensor, own in zip(self.buffers, kept, strict=True):
                tensor.copy_(own)
        return y

    monkeypatch.setattr(Stacked, "normalise", forgetting)
    verdict = checked("siamese ConvNet, gradients")
    assert verdict.trouble.startswith("siamese ConvNet, gradients: its ")
    assert verdict.rows[0].weights == float("inf")  # batches are counted exactly


def test_numbers_that_are_none_are_found() -> None:
    def not_finite(case: Case, device: str) -> Found:
        found = trained.by_training(case, device)
        return replace(found, losses=found.losses * float("nan"))

    assert "losses are off by nan" in checked("MLP, gradients", by=not_finite).trouble


def test_a_weight_that_is_none_is_found() -> None:
    def not_finite(case: Case, device: str) -> Found:
        found = trained.by_training(case, device)
        found.weights[0]["branch.1.bias"][0] = float("nan")
        return found

    assert "its weights are off by nan" in checked("MLP, gradients", by=not_finite).trouble


def test_one_run_of_a_stack_that_is_wrong_is_found() -> None:
    def swapped(case: Case, device: str) -> Found:
        found = trained.by_training(case, device)
        return replace(found, weights=[found.weights[0], *reversed(found.weights[1:])])

    assert "its weights are off by" in checked("MLP", by=swapped).trouble


def fails(error: Exception, eager: bool) -> Callable[..., Found]:
    """A device that raises an error without graphs, or with them."""

    def train(case: Case, device: str) -> Found:
        if graphs.eager() is eager:
            raise error
        return trained.by_training(case, device)

    return train


def test_an_error_is_told() -> None:
    error = RuntimeError("CUDA error: an illegal memory access\nMore")
    verdict = checked("MLP, gradients", by=fails(error, eager=True))
    assert verdict.trouble == "MLP, gradients: CUDA error: an illegal memory access"


def test_an_error_of_recording_leaves_the_device_without_graphs() -> None:
    error = RuntimeError("operation not permitted when stream is capturing\nMore")
    verdict = checked("MLP, gradients", "siamese ConvNet, gradients", by=fails(error, eager=False))
    assert verdict.trouble == ""
    assert verdict.of_graphs == (
        "MLP, gradients: recording its steps fails: "
        "operation not permitted when stream is capturing"
    )
    # Kernels alone are checked on; graphs are not tried again.
    assert [(row.graphs, row.again) for row in verdict.rows] == [(False, None), (None, True)]


@pytest.mark.parametrize("eager", [True, False])
@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("full"),
        RuntimeError("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate`"),
        RuntimeError("CUDA error: out of memory"),
    ],
)
def test_too_little_memory_tells_nothing_of_a_device(eager: bool, error: RuntimeError) -> None:
    with pytest.raises(torch.OutOfMemoryError):
        checked("MLP, gradients", by=fails(error, eager))
