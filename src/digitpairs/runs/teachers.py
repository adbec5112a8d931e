"""Runs that teach other runs: ordinary runs, whose weights are kept."""

from collections.abc import Iterable
from dataclasses import replace

from digitpairs.runs.plan import PlannedRun


def teachers_of(runs: Iterable[PlannedRun]) -> list[PlannedRun]:
    """List the runs that teach these, each once, by the name of a student; weights are kept."""
    taught = (
        PlannedRun(run.name, spec, run.pairs, kept=True)
        for run in runs
        for spec in run.spec.taught_by
    )
    return list({run.path: run for run in taught}.values())


def with_teachers(runs: Iterable[PlannedRun]) -> list[PlannedRun]:
    """Put the runs that teach before all others, each run once.

    One that is planned for itself, too, goes by its own name.
    """
    own = {run.path: run for run in runs}
    teachers = {run.path: run for run in teachers_of(own.values())}
    for path in own.keys() & teachers.keys():
        teachers[path] = replace(own.pop(path), kept=True)
    return [*teachers.values(), *own.values()]
