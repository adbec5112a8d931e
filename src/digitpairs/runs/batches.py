"""Which runs of a block are trained side by side. None of it changes a result.

On a GPU that holds but for rounding: docs/performance.md says what is known of it.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence

from digitpairs.models.build import net_of
from digitpairs.runs.plan import STACK, PlannedRun, cut, in_common
from digitpairs.spec import RunSpec
from digitpairs.training.engines.choose import engine_for


def batches(
    runs: Iterable[PlannedRun], device: str, room: int | None = None
) -> list[Sequence[PlannedRun]]:
    """Put runs together that can be trained side by side, in the order in which they came.

    `room` is how many bytes those of a batch may take; None for as many as they like.
    """
    groups: dict[Hashable, list[PlannedRun]] = {}
    for run in runs:
        groups.setdefault(in_common(run.spec), []).append(run)
    return [
        batch
        for group in groups.values()
        for batch in cut(group, most_together(group[0].spec, device, room, len(group)))
    ]


def most_together(
    spec: RunSpec, device: str, room: int | None = None, of: int | None = None
) -> int:
    """How many runs like this one are trained side by side, at most: their teachers look on.

    Where there are but `of` such runs, whether more would fit is not counted.
    """
    models = [spec.model, *(teacher.model for teacher in spec.teachers)]
    engines = [engine_for(net_of(model), device, model.task) for model in models]
    most = STACK[device] if all(engine.side_by_side for engine in engines) else 1
    if room is None or most == 1:
        return most
    return fitting(spec, most if of is None else min(most, of), room)


def fitting(spec: RunSpec, most: int, room: int) -> int:
    """How many runs fit into so many bytes of a GPU, from 1 to `most`."""
    from digitpairs.runs import footprint  # its first count takes a second
    from digitpairs.runs.bound import bound

    if bound(spec, most) <= room or footprint.needed(spec, most) <= room:
        return most
    return max(1, bisect_right(range(1, most), room, key=lambda n: footprint.needed(spec, n)))
