"""What a run would do: the runs it plans, those it has, and about how long the others take.

Reads records, trains nothing, imports no torch. Times are scaled from the most similar recorded
runs. They are wall times, not CPU times: at the pace at which those ran, beside whatever else.
"""

import json
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median
from typing import Any

from digitpairs import store
from digitpairs.mnist import Source
from digitpairs.params import SELECTED, Params
from digitpairs.plan import RUNS, PlannedRun, cut, evaluation_runs, search_runs
from digitpairs.sizes import ANSWERS, CLASSES, HEAD_HIDDEN, SIDE
from digitpairs.spec import ModelSpec, RunSpec, from_json

START = 4.0  # seconds in which a job starts Python and torch and reads its pairs
SAMPLE = 5  # records read a recipe: a store of 10,000 runs should not take long

NO_DIGITS = "Which digits there will be is not known yet: every run counts as missing."
NO_WINNERS = "The search's winners are not known yet: their runs are not counted."
OLD_WINNERS = "The search has runs to train: should another net win, its runs come on top."

# What reading a record raises that is damaged, gone, or of another version of the code.
NO_RECORD = (store.BadRecord, OSError, ValueError, LookupError, TypeError, ArithmeticError)

Winners = Mapping[str, Mapping[str, Any]]  # by family, as selected.json has them
Runs = dict[str, RunSpec]  # by the record's path: variants that share it share the run
Paces = dict[Hashable, float]  # seconds a multiply-add, by what recorded runs have in common


@dataclass(frozen=True)
class Line:
    """The runs of a search or a study; `seconds` on one core for the missing, nan if unknown."""

    name: str
    planned: int
    missing: int
    seconds: float


@dataclass(frozen=True)
class Forecast:
    """A line a search and a study, the last for all runs, and what training the missing takes.

    `wall` is in seconds on `cores`, with the start of the jobs, nan if unknown. `rough` counts the
    missing runs whose time is that of other nets, scaled.
    """

    lines: list[Line]
    notes: list[str]
    jobs: int
    cores: int
    wall: float
    rough: int


def forecast(
    params: Params, source: Source | None, winners: Winners | None, cores: int
) -> Forecast:
    """Hold what the params plan against the records in data/runs.

    `source` and `winners` are None where the workflow has not settled them yet.
    """
    digits = source or Source("unknown", "")  # of which there is no record
    phases = [search_runs(params, digits), evaluation_runs(params, digits, winners or {})]
    searches, variants = map(by_name, phases)
    groups = {f"search {family}": runs for family, runs in searches.items()}
    groups |= shown(params, variants, winners or {})
    groups["all, shared runs once"] = everything = union(groups.values())

    missing = {path: spec for path, spec in everything.items() if not Path(path).exists()}
    known = paces(recorded(Path(RUNS))) if missing else {}
    seconds = {path: estimate(spec, known) for path, spec in missing.items()}
    lines = []
    for name, runs in groups.items():
        times = [seconds[path] for path in runs if path in missing]
        lines.append(Line(name, len(runs), len(times), sum(times)))

    notes = [] if source else [NO_DIGITS]
    if winners is None:
        notes.append(NO_WINNERS)
    elif source and any(path in missing for path in union(searches.values())):
        notes.append(OLD_WINNERS)
    jobs = [jobs_of(runs, seconds, params.execution.runs_per_job) for runs in phases]
    # The evaluation waits for the search's winners.
    wall = sum(phase_seconds(phase, cores, params.execution.threads) for phase in jobs)
    rough = sum(likenesses(spec)[0] not in known for spec in missing.values())
    return Forecast(lines, notes, sum(map(len, jobs)), cores, wall, rough)


def by_name(runs: Iterable[PlannedRun]) -> dict[str, Runs]:
    """Group runs by the variant, or the family searched, that asks for them."""
    groups: dict[str, Runs] = defaultdict(dict)
    for run in runs:
        groups[run.name][run.path] = run.spec
    return dict(groups)


def union(groups: Iterable[Runs]) -> Runs:
    """Take every run once."""
    return {path: spec for runs in groups for path, spec in runs.items()}


def shown(params: Params, variants: dict[str, Runs], winners: Winners) -> dict[str, Runs]:
    """Name the runs that each study shows, and those that none does. Architectures need none."""
    # A winner that was published has no runs of its own: it shows those of its family's variant.
    known = {family + SELECTED: variants[family] for family in winners if family in variants}
    known |= variants
    groups = {
        name: union(known.get(variant, {}) for variant in study.variants)
        for name, study in params.studies.items()
        if study.kind != "architecture"
    }
    seen = union(groups.values())
    if rest := {path: spec for path, spec in union(variants.values()).items() if path not in seen}:
        groups["in no study"] = rest
    return groups


def recorded(folder: Path) -> Iterator[tuple[RunSpec, float]]:
    """Read runs and their seconds a multiply-add from a few records a recipe.

    Says nothing of a record that is damaged or has no times, such as one that was restored.
    """
    paths = sorted(folder.glob("*/[!.]*.json"))  # no dot: not one that is being written
    for _, members in groupby(paths, key=lambda path: path.parent):
        for path in list(members)[:SAMPLE]:
            try:
                spec = from_json(json.loads(path.read_text(encoding="utf-8"))["spec"])
                record = store.read(path, spec)
                seconds = float(record["provenance"]["seconds"])
                epochs = len(record["epochs"]["train_loss"])  # fewer than planned if it diverged
                pace = seconds / work(spec, epochs)
            except NO_RECORD:
                continue
            yield spec, pace


def paces(runs: Iterable[tuple[RunSpec, float]]) -> Paces:
    """Take the median pace of the runs that are alike, for each way to be alike.

    The first run of a job may pay for kernels to be loaded; the median leaves that out.
    """
    groups: dict[Hashable, list[float]] = defaultdict(list)
    for spec, pace in runs:
        for likeness in likenesses(spec):
            groups[likeness].append(pace)
    return {likeness: median(group) for likeness, group in groups.items()}


def likenesses(spec: RunSpec) -> list[Hashable]:
    """List what recorded runs may share with this one, the most telling first.

    Above all the code: another version may train several times as fast.
    """
    net = (spec.model, spec.aux_weight > 0)
    shared = [(net, spec.batch_size), net, spec.model.family, "any"]
    return [*((spec.code, likeness) for likeness in shared), *shared]


def estimate(spec: RunSpec, known: Paces) -> float:
    """Estimate the seconds of a run on one core; nan where no run was ever recorded."""
    pace = next((known[key] for key in likenesses(spec) if key in known), math.nan)
    return pace * work(spec, spec.epochs)


def work(spec: RunSpec, epochs: int) -> float:
    """Count multiply-adds: the gradients of a training pair cost about two more passes."""
    if spec.folds:
        tested = spec.train_pairs / spec.folds
        trained = spec.train_pairs - tested
    else:
        tested, trained = spec.test_pairs or 0, spec.train_pairs
    return epochs * (3 * trained + tested) * multiply_adds(spec.model)


def multiply_adds(model: ModelSpec) -> int:
    """Count the multiply-adds of a pair's pass forward. Weight sharing saves none."""
    count, inputs, side = 0, 1 if model.siamese else 2, SIDE
    for size in model.channels:
        count += 9 * inputs * size * (side - 2) ** 2
        inputs, side = size, (side - 2) // 2
    count += dense(inputs * side * side, *model.hidden, CLASSES if model.siamese else ANSWERS)
    return 2 * count + dense(2 * CLASSES, HEAD_HIDDEN, ANSWERS) if model.siamese else count


def dense(*sizes: int) -> int:
    """Count the multiply-adds of linear layers of these sizes."""
    return sum(inputs * outputs for inputs, outputs in pairwise(sizes))


def jobs_of(
    runs: Iterable[PlannedRun], seconds: Mapping[str, float], size: int
) -> list[Sequence[float]]:
    """Cut those of the runs that are missing into jobs, as the workflow does: their seconds."""
    paths = dict.fromkeys(run.path for run in runs if run.path in seconds)
    return cut([seconds[path] for path in paths], size)


def phase_seconds(jobs: Sequence[Sequence[float]], cores: int, threads: int) -> float:
    """Estimate the seconds of jobs that go side by side on so many cores."""
    threads = min(threads, cores)  # Snakemake gives a job no more
    alone = [START + max(sum(job) / threads, *job) for job in jobs]
    return max(sum(alone) * threads / cores, *alone) if alone else 0.0


def describe(result: Forecast) -> str:
    """Write a forecast as a table and a few sentences."""
    names = max(len(line.name) for line in result.lines)
    rows = [f"{'':{names}}  {'runs':>7}  {'cached':>7}  {'missing':>7}  {'on one core':>12}"]
    for line in result.lines:
        counts = line.planned, line.planned - line.missing, line.missing
        time = duration(line.seconds) if line.missing else "-"
        rows.append(
            "  ".join([f"{line.name:{names}}", *(f"{n:>7,}" for n in counts), f"{time:>12}"])
        )
    return "\n".join([*rows, "", *result.notes, *conclusion(result)])


def conclusion(result: Forecast) -> list[str]:
    """Say what there is to train and how long that takes, and how far to trust it."""
    missing = result.lines[-1].missing
    if not missing:
        return ["Nothing to train."]
    training = f"To train: {counted(missing, 'run')} in {counted(result.jobs, 'job')}"
    if math.isnan(result.wall):
        return [f"{training}. Time unknown: no record has one (times do not travel with results)."]
    lines = [
        f"{training}, about {duration(result.wall)} on {counted(result.cores, 'core')} "
        "at the pace of the recorded runs, with the start of the jobs."
    ]
    if result.rough:
        lines.append(
            f"Rough: {counted(result.rough, 'run')} scaled from other nets, losses or code."
        )
    return lines


def counted(number: int, noun: str) -> str:
    """Write a number of things."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """Write seconds as people do: 40 s, 12 min, 1 h 24 min."""
    if math.isnan(seconds):
        return "unknown"
    if seconds < 59.5:
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min"
