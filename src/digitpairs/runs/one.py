"""Trains one run of a variant by itself and keeps its weights: the same run as the study's."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.errors import UserError
from digitpairs.models.registry import family_of
from digitpairs.pairs.draw import draw_sets, for_run
from digitpairs.pairs.pool import pool_of
from digitpairs.runs import kept, store, weights
from digitpairs.runs.block import check_code, outcome, result_of
from digitpairs.runs.device import choose_device, enough_memory
from digitpairs.runs.pair_sets import load_pools
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.provenance import environment
from digitpairs.spec import RunSpec, result_digest
from digitpairs.study.schema import Params
from digitpairs.training import loop
from digitpairs.training.cuda.repeatable import choose_repeatable
from digitpairs.training.loop import Result
from digitpairs.training.preprocess import fitted


def train_one(params: Params, run: PlannedRun, file: Path, say: Callable[[str], None]) -> None:
    """Train a run and write its weights; say how well it did, and whether it is the study's.

    Raises UserError where there is no folder to write to, and for a run that diverges.
    """
    if not file.absolute().parent.is_dir():
        raise UserError(f"{file}: there is no such folder; make it first")
    spec, execution = run.spec, params.execution
    pools = load_pools(params, known_source())
    check_code(family_of(spec.model), spec.recipe, spec.code)
    counts = {**params.pairs.counts, "train": spec.train_pairs}
    sets = draw_sets(pools, counts, spec.seed_of("pairs"), spec.model.task.side)
    device = choose_device(execution.device, execution.jobs_per_gpu, say)
    digits = pool_of(pools["test"], spec.model.task.side)
    choose_repeatable()

    def trained(one: RunSpec, teachers: Sequence[nn.Module]) -> Result:
        with enough_memory():
            return loop.train([one], {one.seed: sets}, device, digits, [teachers])

    teachers = []
    for teacher in spec.taught_by:
        if not Path(paths.kept(teacher.path)).exists():
            say(f"{run.name}: training its teacher {teacher.member} first")
            check_code(family_of(teacher.model), teacher.recipe, teacher.code)
            kept.keep(teacher, trained(teacher, ()).weights(0), sets)
        teachers.append(kept.read(teacher).net())
    result = trained(spec, teachers)
    (history,) = result.histories
    say(f"{run.name} {spec.member}: {outcome(history)}")
    if history.status == "diverged":
        raise UserError(f"{file}: not written: the run diverged")
    constants = fitted(spec.recipe.preprocessing, for_run(sets, spec)[0].pixels).constants
    about = {name: str(value) for name, value in environment(device).items()}
    about |= {name: str(value) for name, value in history.measures.items()}
    weights.save(file, spec, result.weights(0), constants, about)
    say(f"{file}: {beside_the_record(run, result_of(history))}")


def beside_the_record(run: PlannedRun, result: dict[str, Any]) -> str:
    """Say whether the study's own run came to the same numbers."""
    if not Path(run.path).exists():
        return "the weights; the study has no record of this run to compare with"
    recorded = store.read(Path(run.path), run.spec)
    if result_digest(run.spec, recorded) == result_digest(run.spec, result):
        return f"the weights of the run in {run.path}: all its numbers are the same to the bit"
    device = recorded["provenance"].get("device", "?")
    return f"the weights. WARNING: {run.path} has other numbers: it was computed on {device}"
