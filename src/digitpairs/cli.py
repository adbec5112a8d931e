"""The command line: `digitpairs digits | pairs | train | collect | select | ...`.

Heavy modules are imported by the command that needs them.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from digitpairs import stamps
from digitpairs.errors import UserError, told
from digitpairs.mnist import Source
from digitpairs.params import (
    FIGURE_KINDS,
    FIXED_FIGURES,
    TABLE_KINDS,
    Params,
    load,
    nearest,
    studies,
)
from digitpairs.params import schema as params_schema
from digitpairs.steps import RAW, SELECTED, read_source, read_winners, steps

if TYPE_CHECKING:
    from digitpairs.plan import PlannedRun

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)

ParamsFile = Annotated[Path, typer.Option("--params", help="the params file")]
DEFAULT = Path("params.yaml")


def main() -> None:
    """Run the command line; a mistake of the user gets a message, not a traceback."""
    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except FileNotFoundError as error:
        print(f"error: {error.filename} is not there; an earlier step makes it", file=sys.stderr)
        sys.exit(1)
    except OSError as error:  # a full disk, a directory that may not be written
        print(f"error: {told(error)}", file=sys.stderr)
        sys.exit(1)


def say(line: str) -> None:
    """Print a progress line at once."""
    print(line, flush=True)


@app.command()
def digits(params: ParamsFile = DEFAULT) -> None:
    """Fetch the digits into data/raw."""
    from digitpairs import mnist

    settings = load(params)
    folder = os.environ.get("DIGITPAIRS_MNIST") or settings.data.folder
    with stamps.stamped(steps(settings), "digits"):
        source = mnist.fetch(RAW, settings.data.source, Path(folder) if folder else None, warn=say)
    say(f"{RAW} holds the digits {source.identity}")


@app.command()
def plan(
    params: ParamsFile = DEFAULT,
    cores: Annotated[int, typer.Option(min=1, help="cores to train on")] = os.cpu_count() or 1,
) -> None:
    """Show what a run would do: the runs of each study, those missing, and about how long."""
    from digitpairs import forecast, restore

    settings = load(params)
    restore.restore(say)
    print(forecast.describe(forecast.forecast(settings, read_source(), read_winners(), cores)))


@app.command()
def pairs(params: ParamsFile = DEFAULT) -> None:
    """Draw the pair sets of all seeds; forget those that the params do not ask for."""
    from digitpairs import mnist, pairs, plan
    from digitpairs.conflicts import pairs_conflicts

    settings, source = load(params), known_source()
    pools = {part: mnist.load(RAW, part) for part in pairs.PARTS}
    # Known only now, where `auto` took the embedded digits for want of MNIST.
    sizes = {part: len(pool.labels) for part, pool in pools.items()}
    if problems := list(pairs_conflicts(settings.pairs, sizes)):
        raise UserError(f"{source.name} digits: {'; '.join(problems)}")
    counts = settings.pairs.model_dump()
    with stamps.stamped(steps(settings), "pairs"):
        wanted = []
        for seed in plan.seeds(settings):
            sets = {part: pairs.draw(pools[part], counts[part], seed, part) for part in pairs.PARTS}
            wanted.append(Path(plan.pairs_path(settings, source, seed)))
            pairs.save(wanted[-1], sets)
        for path in set(Path(plan.PAIRS).glob("*/*.parquet")).difference(wanted):
            path.unlink()


@app.command()
def train(
    records: Annotated[list[str] | None, typer.Argument(help="such as data/runs/...")] = None,
    listed: Annotated[Path | None, typer.Option("--list", help="a file that names records")] = None,
    params: ParamsFile = DEFAULT,
    threads: Annotated[int, typer.Option(help="cores to use; 0: as the params say")] = 0,
) -> None:
    """Train the runs of these records; those already recorded are kept."""
    from digitpairs import plan

    wanted = [*(records or []), *(listed.read_text().split() if listed else [])]
    if not wanted:
        raise UserError("name records to make, or a file that does by --list")
    settings, source = load(params), known_source()
    planned = plan.search_runs(settings, source)
    planned += plan.evaluation_runs(settings, source, read_winners() or {})
    by_path = {run.path: run for run in reversed(planned)}
    if unknown := [record for record in wanted if record not in by_path]:
        raise UserError(f"{unknown[0]}: no run that {params} plans has this record")
    ensure(settings, [by_path[record] for record in wanted], threads)


@app.command()
def collect(what: Literal["search", "evaluation"], params: ParamsFile = DEFAULT) -> None:
    """Collect the records of the search or the evaluation into data/results."""
    from digitpairs import plan, results

    settings, source = load(params), known_source()
    with stamps.stamped(steps(settings), what):
        runs = (
            plan.search_runs(settings, source)
            if what == "search"
            else plan.evaluation_runs(settings, source, known_winners())
        )
        results.write(results.collect(runs, ensure(settings, runs)), what)


@app.command()
def select(params: ParamsFile = DEFAULT) -> None:
    """Pick each family's winner from data/results/search.parquet."""
    from digitpairs import results, selection
    from digitpairs.files import write_text

    with stamps.stamped(steps(load(params)), "select"):
        winners = selection.winners(selection.ranking(results.per_run(results.read("search"))))
        write_text(Path(SELECTED), json.dumps(winners, indent=2) + "\n")


@app.command()
def metrics(
    name: Literal["evaluation", "summary", "search", "curves", "metrics"],
    params: ParamsFile = DEFAULT,
) -> None:
    """Write a file of reports/metrics."""
    from digitpairs import report

    with stamps.stamped(steps(load(params)), f"metrics-{name}"):
        report.make_metrics(name)


@app.command()
def figure(name: str, params: ParamsFile = DEFAULT) -> None:
    """Draw a figure of reports/figures: a study's, `search` or `pairs`."""
    from digitpairs import report

    settings = load(params)
    check_name(name, [*FIXED_FIGURES, *studies(settings, FIGURE_KINDS)])
    with stamps.stamped(steps(settings), f"figure-{name}"):
        report.make_figure(settings, name)


@app.command()
def table(name: str, params: ParamsFile = DEFAULT) -> None:
    """Write a study's table of reports/tables."""
    from digitpairs import report

    settings = load(params)
    check_name(name, studies(settings, TABLE_KINDS))
    with stamps.stamped(steps(settings), f"table-{name}"):
        report.make_table(settings, name)


@app.command()
def tidy(params: ParamsFile = DEFAULT) -> None:
    """Delete the products of studies that the params no longer name."""
    settings = load(params)
    for path in stamps.forget(steps(settings)):
        say(f"{path}: no study asks for it any longer; deleted")
    with stamps.stamped(steps(settings), "tidy"):
        pass  # stamped as done now that nothing is left to forget


@app.command()
def readme(file: Path = Path("README.md")) -> None:
    """Put the tables of reports/tables into the README."""
    from digitpairs import report

    report.fill_readme(file)


@app.command()
def schema() -> None:
    """Print the JSON schema of the params file."""
    print(params_schema(), end="")


def check_name(name: str, known: list[str]) -> None:
    """Raise UserError for a product that nobody planned."""
    if name not in known:
        raise UserError(f"{name!r}: unknown{nearest(name, known)}")


def known_source() -> Source:
    """Read which digits lie in data/raw."""
    if source := read_source():
        return source
    raise UserError(f"{RAW} has no digits yet; run `digitpairs digits` first")


def known_winners() -> dict[str, Any]:
    """Read the search's winners."""
    if winners := read_winners():
        return winners
    raise UserError(f"{SELECTED} is not there yet; run `digitpairs select` first")


def ensure(settings: Params, runs: "list[PlannedRun]", threads: int = 0) -> list[dict[str, Any]]:
    """Return the runs' records, training what is missing."""
    from digitpairs import block, plan

    source, execution = known_source(), settings.execution

    def pairs_path(seed: int) -> str:
        path = plan.pairs_path(settings, source, seed)
        stamps.check(path, "pairs")
        return path

    threads = threads or execution.threads
    return block.ensure(runs, pairs_path, execution.device, threads, say, execution.jobs_per_gpu)
