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
    """How many runs like this one are trained side by side, at most: their teachers look on."""
    models = [spec.model, *(teacher.model for teacher in spec.teachers)]
    engines = [engine_for(net_of(model), device, model.task) for model in models]
    return STACK[device] if all(engine.side_by_side for engine in engines) else 1
