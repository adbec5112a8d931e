"""How the whole paper scales: when it would end on more cores than this machine has.

The runs are cut into blocks as the workflow does it, by estimates, and each job takes what it took
(benchmarks/recorded.py). The most urgent job that is ready goes to the first core that is free, as
Snakemake does it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from benchmarks import tables
from digitpairs.digits.source import Source
from digitpairs.pipeline import steps
from digitpairs.pipeline.report_steps import report_steps
from digitpairs.pipeline.step import VARIANT, Steps, maker
from digitpairs.products.figures.plotting import METADATA, style
from digitpairs.runs import cut, pace
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.timetable import Job, ends
from digitpairs.runs.workers import on_cores
from digitpairs.study.load import load
from digitpairs.study.schema import Params
from digitpairs.study.variants import SELECTED

CORES = (1, 2, 4, 8, 16, 32, 64)
WRONG = (1 / 3, 3)  # estimates, for a machine that is slower or faster than they say
PICTURE = Path("docs/cores.svg")
IDLE = "snakemake"  # reads the params and builds its graph
NET = ["variant", "channels", "hidden", "learning_rate"]
COLUMNS = [*NET, "seed", "fold", "seconds"]  # of the recorded runs

Row = dict[str, Any]
Key = tuple[str, ...]


def main() -> None:
    """Simulate with the times that were recorded last, and write reports/benchmarks/cores.csv."""
    found, took = tables.read("runs"), tables.read("steps")
    if found is None or took is None:
        raise SystemExit("nothing is recorded yet: `make bench-workflow` does that")
    params = load(Path("params.yaml"))
    machine = str(took["machine"].iloc[0])
    took = dict(zip(took["step"], took["seconds"], strict=True))
    rows = [row(params, found, took, cores) for cores in CORES]
    print(tables.write("cores", rows, machine))
    draw(rows)


def draw(rows: list[Row]) -> None:
    """Draw cores against time, and write docs/cores.svg."""
    numbers = [row["cores"] for row in rows]
    with style():
        figure, axes = plt.subplots(figsize=(6, 3.4))
        ideal = [row["training"] / row["cores"] / 60 for row in rows]
        axes.plot(numbers, ideal, color="0.6", linestyle="--", label="ideal: training alone")
        for what, label, marker in (
            ("trained_after", "all runs trained", "o"),
            ("done_after", "all products made", "s"),
        ):
            minutes = [row[what] / 60 for row in rows]
            axes.plot(numbers, minutes, marker=marker, markersize=4, label=label)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks(numbers, [str(number) for number in numbers])
        ticks = [0.5, 1, 2, 5, 10, 20, 30]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel("Cores")
        axes.set_ylabel("Minutes for the whole paper")
        axes.legend()
        figure.savefig(PICTURE, metadata=METADATA["svg"])
        plt.close(figure)


def row(params: Params, found: pd.DataFrame, took: Mapping[str, float], cores: int) -> Row:
    """Simulate with estimates as they are, and with all of them too low or too high."""
    low, high = (simulate(params, found, took, cores, by)["trained_after"] for by in WRONG)
    return {**simulate(params, found, took, cores), "if_low": low, "if_high": high}


def simulate(
    params: Params, found: pd.DataFrame, took: Mapping[str, float], cores: int, wrong: float = 1.0
) -> Row:
    """Say when the training and all products would be done on so many cores.

    Estimates are `wrong` times what they are for the machine that was measured.
    """
    default = {name: claim for name, claim in params.claims.items() if not claim.group}
    params, winners = params.model_copy(update={"claims": default}), winners_in(found)
    source = Source("mnist", "recorded")
    known = steps.all_runs_with(params, source, winners)
    graph = {**steps.data_steps(params, known), **report_steps(params, source, winners)}
    graph = {name: graph[name] for name in steps.default_steps(params, graph)}
    seconds = {key_of(*row[:6]): row[6] for row in rows_of(found)}
    runs = {
        name: of_step
        for name, of_step in (
            ("search", known.searched[""]),
            *((VARIANT + variant, of) for variant, of in known.evaluated.items()),
        )
        if name in graph
    }
    blocks, block_of = cut_blocks(runs, seconds, cores, wrong)
    jobs = [Job(IDLE, took[IDLE]), *blocks]
    for name in graph:
        needs = {IDLE, *before(graph, name)}
        needs |= {block_of[run.path] for run in runs.get(name, ())}
        urgent = cut.FIRST if name in ("search", "select") else 0.0
        jobs.append(Job(name, took[kind(name)], urgent, needs))
    end = ends(jobs, cores)
    trained = max(end[block.name] for block in blocks) - end["pairs"]
    training = sum(seconds.values())
    return {
        "cores": cores,
        "jobs": len(blocks),
        "training": training,
        "trained_after": trained,
        "done_after": max(end.values()),
    }


def cut_blocks(
    runs: Mapping[str, list[PlannedRun]], seconds: Mapping[Key, float], cores: int, wrong: float
) -> tuple[list[Job], dict[str, str]]:
    """Cut all runs into blocks, those of winners apart; name the block of each run's record."""
    workers = on_cores(cores, 1)
    jobs: list[Job] = []
    block_of: dict[str, str] = {}
    won = {name for name in runs if name.endswith(SELECTED)}
    for names, needs in ((runs.keys() - won, "pairs"), (won, "select")):
        phase = {run.path: run for name in runs if name in names for run in runs[name]}
        estimates = {path: wrong * pace.estimate(run.spec, {}) for path, run in phase.items()}
        for part in cut.parts(list(phase.values()), "auto", estimates, workers):
            name = f"block-{len(jobs)}"
            wall = workers.wall([seconds[key(run)] for run in part.runs])
            jobs.append(Job(name, wall, cut.urgency(part), {IDLE, needs}))
            block_of |= {run.path: name for run in part.runs}
    return jobs, block_of


def before(graph: Steps, name: str) -> set[str]:
    """Name the steps that a step waits for."""
    return {maker(graph, path) for path in graph[name].inputs}


def kind(name: str) -> str:
    """Name the step whose seconds were measured for steps like this one."""
    return name.partition("-")[0] if "-" in name else name


def winners_in(found: pd.DataFrame) -> dict[str, Any]:
    """Read which nets won, of those that were trained as winners."""
    won = found[found["variant"].str.endswith(SELECTED)].drop_duplicates("variant")
    return {
        row.variant.removesuffix(SELECTED): {
            "model": {
                "family": row.variant.removesuffix(SELECTED),
                "channels": sizes(row.channels),
                "hidden": sizes(row.hidden),
            },
            "learning_rate": row.learning_rate,
        }
        for row in won.itertuples()
    }


def rows_of(found: pd.DataFrame) -> Any:
    """List what each run is of, and its seconds."""
    return found[COLUMNS].fillna({"channels": ""}).itertuples(index=False)


def key(run: PlannedRun) -> Key:
    """Name a run as the recorded times do."""
    model, spec = run.spec.model, run.spec
    channels, hidden = ("-".join(map(str, of)) for of in (model.channels, model.hidden))
    fold = -1 if spec.fold is None else spec.fold
    return key_of(run.name, channels, hidden, spec.learning_rate, spec.seed, fold)


def key_of(*parts: Any) -> Key:
    """Make a key of what a run is of."""
    return tuple(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)


def sizes(text: Any) -> list[int]:
    """Read sizes of layers, such as 128-32; none of a net that has no such layers."""
    return [int(size) for size in text.split("-")] if isinstance(text, str) else []
