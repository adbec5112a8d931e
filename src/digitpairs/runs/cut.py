"""Cuts runs into blocks by what they cost, in the order in which they are to be trained.

The search goes first, because the runs of its winners wait for it. Students come after the others,
in blocks of their own, which wait for their teachers. Within these the longest runs go first.
Blocks get smaller as less is left, down to a least size. So the last jobs end together, whatever
the estimates were wrong by.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from digitpairs.runs.plan import STACK, PlannedRun, cut, in_common
from digitpairs.runs.workers import Workers

BLOCKS = 2  # a worker's share of what is left is cut into so many

SEARCH = 1e6  # makes the search more urgent than other training
FIRST = 1e9  # makes a step that others wait for more urgent than all training

Seconds = Mapping[str, float]  # what runs take on one core, by the path of their record


@dataclass(frozen=True)
class Part:
    """Runs for one job, and the seconds that each takes on one core."""

    runs: tuple[PlannedRun, ...]
    times: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """Seconds of all runs on one core."""
        return sum(self.times)


def parts(
    runs: Sequence[PlannedRun], size: int | Literal["auto"], seconds: Seconds, workers: Workers
) -> list[Part]:
    """Cut runs into parts: of `size` runs in the order given, or by cost."""
    blocks = (
        by_cost(runs, seconds, workers)
        if size == "auto"
        else [block for phase in phases(runs) for block in cut(phase, size)]
    )
    return [Part(tuple(block), tuple(seconds[run.path] for run in block)) for block in blocks]


def urgency(part: Part) -> float:
    """Say how urgent a part is: winners wait for the search, and the longest goes first."""
    searched = any(run.spec.fold is not None for run in part.runs)
    return part.seconds + SEARCH * searched


def phases(runs: Sequence[PlannedRun]) -> list[list[PlannedRun]]:
    """Sort runs by what may wait for what: the search and, in each half, students last."""
    kinds = [(True, False), (True, True), (False, False), (False, True)]
    found: dict[tuple[bool, bool], list[PlannedRun]] = {kind: [] for kind in kinds}
    for run in runs:
        found[run.spec.fold is not None, bool(run.spec.teachers)].append(run)
    return [phase for phase in found.values() if phase]


def by_cost(
    runs: Sequence[PlannedRun], seconds: Seconds, workers: Workers
) -> Iterator[list[PlannedRun]]:
    """Cut runs so that each worker gets several parts and a job's start is a small share of it."""
    left = total(runs, seconds)
    least = workers.least(left)
    for phase in phases(runs):
        rest = total(phase, seconds)
        part: list[PlannedRun] = []
        taken = goal = 0.0
        for piece in pieces(phase, seconds, least):
            cost = total(piece, seconds)
            if part and taken + cost / 2 > goal:
                yield part
                left, rest, part, taken = left - taken, rest - taken, [], 0.0
            if not part:  # what is left of the phase makes so many parts, none of which is small
                goal = rest / max(1, int(rest / max(least, left / (BLOCKS * workers.jobs))))
            part += piece
            taken += cost
        if part:
            yield part
            left -= taken


def pieces(
    runs: Iterable[PlannedRun], seconds: Seconds, least: float
) -> Iterator[Sequence[PlannedRun]]:
    """List what stays together: runs that train side by side, while they make no job by themselves.

    The longest runs come first.
    """
    stacks: dict[Hashable, list[PlannedRun]] = {}
    for run in sorted(runs, key=lambda run: -seconds[run.path]):
        stacks.setdefault(in_common(run.spec), []).append(run)
    for stack in (part for alike in stacks.values() for part in cut(alike, STACK["cpu"])):
        yield from [stack] if total(stack, seconds) <= least else cut(stack, 1)


def total(runs: Iterable[PlannedRun], seconds: Seconds) -> float:
    """Add up the seconds of runs."""
    return sum(seconds[run.path] for run in runs)
