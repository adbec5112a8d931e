"""The command line: `digitpairs digits | pairs | train | collect | select | ...`.

Heavy modules are imported by the command that needs them.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from digitpairs.errors import UserError
from digitpairs.mnist import Source, read_source
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

if TYPE_CHECKING:
    from digitpairs.plan import PlannedRun

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)

RAW = Path("data/raw")
RESULTS = Path("data/results")
SELECTED = RESULTS / "selected.json"
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


def say(line: str) -> None:
    """Print a progress line at once."""
    print(line, flush=True)


@app.command()
def digits(params: ParamsFile = DEFAULT) -> None:
    """Fetch the digits into data/raw."""
    from digitpairs import mnist

    data = load(params).data
    folder = os.environ.get("DIGITPAIRS_MNIST") or data.folder
    source = mnist.fetch(RAW, data.source, Path(folder) if folder else None, warn=say)
    say(f"data/raw holds the digits {source.identity}")


@app.command()
def pairs(params: ParamsFile = DEFAULT) -> None:
    """Draw the pair sets of all seeds."""
    from digitpairs import mnist, pairs, plan
    from digitpairs.conflicts import pairs_conflicts

    settings, source = load(params), read_digits()
    pools = {part: mnist.load(RAW, part) for part in pairs.PARTS}
    # Known only now, where `auto` took the embedded digits for want of MNIST.
    sizes = {part: len(pool.labels) for part, pool in pools.items()}
    if problems := list(pairs_conflicts(settings.pairs, sizes)):
        raise UserError(f"{source.name} digits: {'; '.join(problems)}")
    counts = settings.pairs.model_dump()
    for seed in plan.seeds(settings):
        sets = {part: pairs.draw(pools[part], counts[part], seed, part) for part in pairs.PARTS}
        pairs.save(Path(plan.pairs_path(settings, source, seed)), sets)


@app.command()
def train(
    records: Annotated[list[str], typer.Argument(help="records to make, such as data/runs/...")],
    params: ParamsFile = DEFAULT,
    threads: Annotated[int, typer.Option(help="runs side by side; 0: as the params say")] = 0,
) -> None:
    """Train the runs of these records, in one process; those already recorded are kept."""
    from digitpairs import plan

    settings, source = load(params), read_digits()
    winners = read_winners() if SELECTED.exists() else {}
    planned = plan.search_runs(settings, source)
    planned += plan.evaluation_runs(settings, source, winners)
    by_path = {run.path: run for run in reversed(planned)}
    if unknown := [record for record in records if record not in by_path]:
        raise UserError(f"{unknown[0]}: no run that {params} plans has this record")
    ensure(settings, [by_path[record] for record in records], threads)


@app.command()
def collect(what: Literal["search", "evaluation"], params: ParamsFile = DEFAULT) -> None:
    """Collect the records of the search or the evaluation into data/results."""
    from digitpairs import plan, results

    settings, source = load(params), read_digits()
    runs = (
        plan.search_runs(settings, source)
        if what == "search"
        else plan.evaluation_runs(settings, source, read_winners())
    )
    results.write(results.collect(runs, ensure(settings, runs)), RESULTS / f"{what}.parquet")


@app.command()
def select() -> None:
    """Pick each family's winner from data/results/search.parquet."""
    import pandas as pd

    from digitpairs import results, selection
    from digitpairs.files import write_text

    runs = results.per_run(pd.read_parquet(RESULTS / "search.parquet"))
    winners = selection.winners(selection.ranking(runs))
    write_text(SELECTED, json.dumps(winners, indent=2) + "\n")


@app.command()
def metrics(name: Literal["evaluation", "summary", "search", "curves", "metrics"]) -> None:
    """Write a file of reports/metrics."""
    from digitpairs import report

    report.make_metrics(name)


@app.command()
def figure(name: str, params: ParamsFile = DEFAULT) -> None:
    """Draw a figure of reports/figures: a study's, `search` or `pairs`."""
    from digitpairs import report

    settings = load(params)
    check_name(name, [*FIXED_FIGURES, *studies(settings, FIGURE_KINDS)])
    report.make_figure(settings, name)


@app.command()
def table(name: str, params: ParamsFile = DEFAULT) -> None:
    """Write a study's table of reports/tables."""
    from digitpairs import report

    settings = load(params)
    check_name(name, studies(settings, TABLE_KINDS))
    report.make_table(settings, name)


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


def read_digits() -> Source:
    """Read which digits lie in data/raw."""
    try:
        return read_source(RAW)
    except FileNotFoundError:
        raise UserError(f"{RAW} has no digits yet; run `digitpairs digits` first") from None


def read_winners() -> dict[str, Any]:
    """Read the search's winners."""
    try:
        return dict(json.loads(SELECTED.read_text()))
    except FileNotFoundError:
        raise UserError(f"{SELECTED} is not there yet; run `digitpairs select` first") from None


def ensure(settings: Params, runs: "list[PlannedRun]", threads: int = 0) -> list[dict[str, Any]]:
    """Return the runs' records, training what is missing."""
    from digitpairs import block, plan

    source, execution = read_digits(), settings.execution
    return block.ensure(
        runs,
        lambda seed: plan.pairs_path(settings, source, seed),
        execution.device,
        threads or execution.threads,
        say,
    )
