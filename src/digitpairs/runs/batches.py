"""Which runs of a block are trained side by side. None of it changes a result."""

from collections.abc import Hashable, Iterable, Sequence

from digitpairs.models.build import net_of
from digitpairs.runs.plan import STACK, PlannedRun, cut, in_common
from digitpairs.spec import RunSpec
from digitpairs.training.engines.choose import engine_for


def batches(runs: Iterable[PlannedRun], device: str) -> list[Sequence[PlannedRun]]:
    """Put runs together that can be trained side by side, in the order in which they came."""
    groups: dict[Hashable, list[PlannedRun]] = {}
    for run in runs:
        groups.setdefault(in_common(run.spec), []).append(run)
    return [
        batch
        for group in groups.values()
        for batch in cut(group, most_together(group[0].spec, device))
    ]


def most_together(spec: RunSpec, device: str) -> int:
    """How many runs like this one are trained side by side, at most."""
    engine = engine_for(net_of(spec.model), device, spec.model.task)
    return STACK[device] if engine.side_by_side else 1
