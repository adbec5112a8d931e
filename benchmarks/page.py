"""Puts the tables into docs/performance.md, between its marks: all numbers are from CSV files."""

import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from benchmarks import tables
from benchmarks.cases import EPOCHS
from benchmarks.figures import Measured
from benchmarks.goals import GOALS, Goal, percent
from benchmarks.training import ALONE, OURS, PLAIN, REFERENCE
from digitpairs.products import marks

PAGE = Path("docs/performance.md")
UNKNOWN = "not measured"


def renew() -> Path:
    """Write the page anew from what was measured last."""
    found = measured()
    parts = {
        "goals": goals(found),
        "training": training(found),
        "stack": stack(found),
        "fidelity": fidelity(tables.read("fidelity")),
        "cores": cores(found),
        "start": start(found),
        "workflow": workflow(found),
        "scale": scale(tables.read("scale")),
        "gpu": gpu(found),
        "machines": machines(found),
    }
    fill(PAGE, parts)
    return PAGE


def fill(page: Path, parts: Mapping[str, str]) -> None:
    """Put each part between its marks on a page; a page that lacks some is an error."""
    if missing := marks.fill(page, parts):
        raise SystemExit(f"{page} has lost its marks for {', '.join(missing)}")


def measured() -> Measured:
    """Read what was measured last."""
    return Measured(*map(tables.read, ("training", "workflow", "gpu", "stack", "cores", "start")))


def goals(found: Measured) -> str:
    """Write all goals and what was reached; a goal with several values is met by the worst."""
    rows = [[goal.name, goal.target, reached(goal, found), met(goal, found)] for goal in GOALS]
    return table(["What", "Goal", "Reached", "Met"], rows)


def reached(goal: Goal, found: Measured) -> str:
    """Write a goal's values."""
    values = goal.values(found)
    return ", ".join(map(goal.write, values)) if values else UNKNOWN


def met(goal: Goal, found: Measured) -> str:
    """Say whether all of a goal's values attain it."""
    values = goal.values(found)
    if not values:
        return goal.owed
    good = min(values) >= goal.bound if goal.at_least else max(values) <= goal.bound
    return "yes" if good else "no"


def training(found: Measured) -> str:
    """Write a line a net: CPU seconds of a run of 50 epochs by each loop, and what that makes."""
    engines = (REFERENCE, PLAIN, OURS)
    head = ["Net", *engines, ALONE, "against reference", "against plain fast", "share of peak"]
    rows = []
    for model in found.models:
        times = [f"{found.run_seconds(model, engine) * EPOCHS:.2f} s" for engine in engines]
        alone = found.run_seconds(model, ALONE) * EPOCHS  # nan for ConvNets
        times.append("" if math.isnan(alone) else f"{alone:.2f} s")
        ratios = [f"{found.speedup(model, engine):.2f}×" for engine in (REFERENCE, PLAIN)]
        rows.append([model, *times, *ratios, percent(found.share_of_peak(model))])
    return table(head, rows) if rows else UNKNOWN.capitalize() + "."


def stack(found: Measured) -> str:
    """Write a line a loop: CPU seconds of 50 epochs of a ConvStack, and how much faster ours is."""
    if found.stack is None:
        return UNKNOWN.capitalize() + "."
    rows = []
    for loop in found.stack["loop"].unique():
        times = f"{found.stack_seconds(loop).median() * EPOCHS:.1f} s"
        (speedup,) = found.stack_speedup(loop)
        rows.append([loop, times, "" if loop == OURS else f"{speedup:.2f}×"])
    return table(["Loop", "CPU, 50 epochs", "Ours is faster by"], rows)


def fidelity(runs: pd.DataFrame | None) -> str:
    """Write a line a variant: the mean of both, and the difference with its 95 % interval."""
    if runs is None:
        return UNKNOWN.capitalize() + "."
    head = ["Variant", "Runs", "Measure", "Plain modules", "Now", "Difference"]
    rows = [
        [
            f"`{row.variant}`",
            str(row.runs),
            row.measure.replace("_accuracy", " epoch"),
            f"{row.plain:.4f}",
            f"{row.fast:.4f}",
            f"{row.difference:+.4f} ({row.low:+.4f} to {row.high:+.4f})",
        ]
        for row in runs.itertuples()
    ]
    outside = int(((runs["low"] > 0) | (runs["high"] < 0)).sum())
    chance = f"{0.05 * len(runs):.1f} would by chance"
    return f"{table(head, rows)}\n\n{outside} of {len(runs)} intervals leave out zero; {chance}."


def start(found: Measured) -> str:
    """Write a line a kind of job: the median of its start, and how many times it was measured."""
    if found.start is None:
        return UNKNOWN.capitalize() + "."
    kinds = found.start.groupby("kind", sort=False)["cpu_seconds"]
    rows = [[str(kind), seconds(of.median()), str(len(of))] for kind, of in kinds]
    return table(["A job that trains", "CPU", "Times"], rows)


def workflow(found: Measured) -> str:
    """Write a line a measure: the median, and how many times it was measured."""
    if found.workflow is None:
        return UNKNOWN.capitalize() + "."
    rows = []
    for measure, of in found.workflow.groupby("measure", sort=False):
        value, unit = of["value"].median(), of["unit"].iloc[0]
        write = {
            "runs": "{:,.0f}".format,
            "jobs": "{:.0f}".format,
            "×": "{:.2f}×".format,
            "s": seconds,
        }[unit]
        rows.append([str(measure), write(value), str(len(of))])
    return table(["Measure", "Median", "Times"], rows)


def cores(found: Measured) -> str:
    """Write a line a number of cores: when training and all products are done, by simulation."""
    if found.cores is None:
        return UNKNOWN.capitalize() + "."
    rows = []
    for row in found.cores.itertuples():
        ideal = row.training / row.cores
        ends = [row.trained_after, row.done_after]
        shares = [cell for end in ends for cell in (seconds(end), percent(ideal / end))]
        wrong = [percent(ideal / end) for end in (row.if_low, row.if_high)]
        rows.append([str(row.cores), str(row.jobs), seconds(ideal), *shares, *wrong])
    head = ["Cores", "Jobs", "Ideal", "Trained after", "of ideal", "All done after", "of ideal"]
    head += ["estimates × 1/3", "× 3"]
    return table(head, rows)


def scale(found: pd.DataFrame | None) -> str:
    """Write a line a part of what many runs cost, and the estimate for 100,000."""
    if found is None:
        return UNKNOWN.capitalize() + "."
    runs = f"{found['runs'].max():,} runs"
    head = ["Part", "CPU a run", f"CPU, {runs}", "memory", "CPU, 100,000 runs", "memory"]
    rows = [
        [
            row.part,
            f"{row.cpu_seconds / row.runs * 1e3:.2f} ms",
            f"{row.cpu_seconds:.1f} s",
            f"{row.gb:.2f} GB",
            f"{row.cpu_seconds / row.runs * 1e5 / 60:.1f} min",
            f"{row.gb / row.runs * 1e5:.1f} GB",
        ]
        for row in found.itertuples()
    ]
    return table(head, rows)


def gpu(found: Measured) -> str:
    """Write a line for all that was measured on a GPU, and checked there."""
    if found.gpu is None:
        return "Owed: no machine with a GPU has run `make bench-gpu` yet."
    from benchmarks.gpu import shown  # which imports all that it measures

    return shown(found.gpu)


def machines(found: Measured) -> str:
    """Say where and at which commit each part was measured, and how busy the machine was."""
    parts = {
        "training": found.training,
        "ConvStack": found.stack,
        "start of a job": found.start,
        "workflow": found.workflow,
        "cores": found.cores,
        "GPU": found.gpu,
    }
    parts["the same results"] = tables.read("fidelity")
    parts["many runs"] = tables.read("scale")
    rows = []
    for name, frame in parts.items():
        if frame is None:
            rows.append([name, UNKNOWN, "", ""])
            continue
        load = f"{frame['load'].median():.1f}" if "load" in frame else ""
        digits = f", {frame['digits'].iloc[0]} digits" if "digits" in frame else ""
        rows.append([name, f"{frame['machine'].iloc[0]}{digits}", frame["commit"].iloc[0], load])
    return table(["Part", "Machine", "Commit", "Load"], rows)


def seconds(value: float) -> str:
    """Write seconds, long ones as minutes."""
    return f"{value / 60:.1f} min" if value >= 120 else f"{value:.2f} s"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Write a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
