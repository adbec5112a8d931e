"""What a run would do: the runs it plans, those it has, and about how long the others take.

Reads records, trains nothing, imports no torch.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.runs import store
from digitpairs.runs.cut import SEARCH, parts, urgency
from digitpairs.runs.pace import comparables, estimate, paces, recorded
from digitpairs.runs.plan import PlannedRun, Winners, evaluation_runs, searches
from digitpairs.runs.teachers import with_teachers
from digitpairs.runs.timetable import Job, ends
from digitpairs.runs.workers import on_cores
from digitpairs.study.grid import rival
from digitpairs.study.groups import named, owners, repeated, shown, studies_of, suffixes_of
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params
from digitpairs.study.variants import SELECTED

NO_DIGITS = "Which digits there will be is not known yet: every run counts as missing."
NO_WINNERS = "The search's winners are not known yet: their runs are not counted."
OLD_WINNERS = "The search has runs to train: should another net win, its runs come on top."

Runs = dict[str, PlannedRun]  # by the record's path: variants that share it share the run


@dataclass(frozen=True)
class Line:
    """The runs of a search or a study; `seconds` on one core for the missing."""

    name: str
    planned: int
    missing: int
    seconds: float


@dataclass(frozen=True)
class Forecast:
    """A line a search and a study, the last for all runs, and what training the missing takes.

    `wall` is in seconds on `cores`, with the start of the jobs. `rough` counts the missing runs
    whose time is that of other nets, scaled. `here`: whether runs that were recorded here say
    how fast this machine is.
    """

    lines: list[Line]
    notes: list[str]
    jobs: int
    cores: int
    wall: float
    rough: int
    here: bool


def forecast(
    params: Params,
    source: Source | None,
    winners: Winners | None,
    cores: int,
    group: str | None = None,
) -> Forecast:
    """Hold what the params plan by default, or for a group, against the records in data/runs.

    `source` and `winners` are None before the workflow has made them.
    """
    digits = source or Source("unknown", "")  # of which there is no record
    searched, evaluated = map(taught, planned(params, digits, winners or {}, group))
    searches, variants = by_name(searched), by_name(evaluated)
    groups = {f"search {family}": runs for family, runs in searches.items()}
    groups |= by_study(params, variants, winners or {}, group)
    groups["all, shared runs once"] = everything = union(groups.values())

    missing = {path: run for path, run in everything.items() if not store.is_there(run)}
    known = paces(recorded(paths.RUNS)) if missing else {}
    seconds = {path: estimate(run.spec, known) for path, run in missing.items()}
    lines = []
    for name, runs in groups.items():
        times = [seconds[path] for path in runs if path in missing]
        lines.append(Line(name, len(runs), len(times), sum(times)))

    notes = [] if source else [NO_DIGITS]
    if searches and not searches.keys() & (winners or {}).keys():
        notes.append(NO_WINNERS)
    elif source and any(path in missing for path in union(searches.values())):
        notes.append(OLD_WINNERS)
    jobs = jobs_of([*searched, *evaluated], params, seconds, cores)
    wall = max(ends(jobs, on_cores(cores, params.execution.threads).jobs).values(), default=0.0)
    rough = sum(comparables(run.spec)[0] not in known for run in missing.values())
    return Forecast(lines, notes, len(jobs), cores, wall, rough, bool(known))


def taught(runs: list[PlannedRun]) -> list[PlannedRun]:
    """Add the teachers of students that are to be trained, by the names of these.

    A run that has a record counts as there. A clone has no weights, and needs them for teachers
    alone.
    """
    there: list[PlannedRun] = []
    missing: list[PlannedRun] = []
    for run in runs:
        own = replace(run, kept=False) if run.kept else run
        (there if store.is_there(own) else missing).append(own)
    return [*there, *with_teachers(missing)]


def planned(
    params: Params, source: Source, winners: Winners, group: str | None = None
) -> tuple[list[PlannedRun], list[PlannedRun]]:
    """List the runs of the search and of the evaluation that are made by default, or by a group.

    A group needs all that its studies show, and the whole search that a winner among it is of.
    """
    searched = searches(params, source, winners)
    evaluated = evaluation_runs(params, source, winners)
    apart = owners(params)
    if not group:
        common = [""]
        for grid in params.search.grids:
            common += [one for one in suffixes_of(params, grid) if grid + SELECTED not in apart]
        return [run for one in dict.fromkeys(common) for run in searched[one]], [
            run for run in evaluated if run.name not in apart
        ]
    studies = studies_of(params, group)
    wanted, about = shown(params, studies), named(params, studies)
    grids = [name.removesuffix(SELECTED) for name in about if name not in params.variants]
    searched_again = repeated(params).get(f"-{group}", [])
    needed = {f"-{group}"}.union(*(suffixes_of(params, grid) for grid in [*grids, *searched_again]))
    # A winner that its grid's base is already has the base's runs.
    wanted += [rival(params, grid) for grid in grids if grid + SELECTED in wanted]
    return (
        [run for suffix, runs in searched.items() if suffix in needed for run in runs],
        [run for run in evaluated if run.name in wanted],
    )


def by_name(runs: Iterable[PlannedRun]) -> dict[str, Runs]:
    """Group runs by the variant, or the family searched, that asks for them."""
    groups: dict[str, Runs] = defaultdict(dict)
    for run in runs:
        groups[run.name][run.path] = run
    return dict(groups)


def union(groups: Iterable[Runs]) -> Runs:
    """Take every run once."""
    return {path: run for runs in groups for path, run in runs.items()}


def by_study(
    params: Params, variants: dict[str, Runs], winners: Winners, group: str | None
) -> dict[str, Runs]:
    """Name the runs that each study shows, and those that none does. Some kinds need none."""
    # A winner that was published has no runs of its own: it shows those of its rival.
    grids = {grid: rival(params, grid) for grid in winners if grid in params.search.grids}
    known = {grid + SELECTED: variants[one] for grid, one in grids.items() if one in variants}
    known |= variants
    groups = {
        name: union(known.get(variant, {}) for variant in study.variants)
        for name, study in params.studies.items()
        if study.group == group and KINDS[study.kind].evaluates
    }
    seen = union(groups.values())
    if rest := {path: run for path, run in union(variants.values()).items() if path not in seen}:
        groups["in no study"] = rest
    return groups


def jobs_of(
    runs: Iterable[PlannedRun], params: Params, seconds: Mapping[str, float], cores: int
) -> list[Job]:
    """Cut those of the runs that are missing into jobs, as the workflow does.

    Runs of winners are known, and cut, once the search has ended.
    """
    workers = on_cores(cores, params.execution.threads)
    missing = list({run.path: run for run in runs if run.path in seconds}.values())
    won = [run for run in missing if is_of_winner(run, params)]
    first = [run for run in missing if not is_of_winner(run, params)]
    jobs: list[Job] = []
    for phase in (first, won):
        search = [job.name for job in jobs if job.urgency >= SEARCH]
        for part in parts(phase, params.execution.runs_per_job, seconds, workers):
            name = f"block-{len(jobs)}"
            jobs.append(Job(name, workers.wall(part.times), urgency(part), tuple(search)))
    return jobs


def is_of_winner(run: PlannedRun, params: Params) -> bool:
    """Whether a run is of a search's winner that is no variant."""
    return run.spec.fold is None and run.name not in params.variants
