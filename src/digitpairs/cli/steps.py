"""The steps that Snakemake's rules call.

Heavy modules are imported by the command that needs them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from digitpairs import paths
from digitpairs.cli.app import DEFAULT, STEPS, ParamsFile, app, say
from digitpairs.digits.source import known_source
from digitpairs.errors import UserError, check_name
from digitpairs.pipeline import stamps, targets
from digitpairs.pipeline.claimed import with_results
from digitpairs.pipeline.step import ANSWERS, VARIANT
from digitpairs.pipeline.steps import all_runs, steps
from digitpairs.runs import sets
from digitpairs.study.groups import suffixes
from digitpairs.study.load import load
from digitpairs.study.schema import Kept, Params


@app.command(rich_help_panel=STEPS)
def digits(file: ParamsFile = DEFAULT) -> None:
    """Fetch the digits into data/raw."""
    from digitpairs.digits.choice import named_folder
    from digitpairs.digits.fetch import fetch

    params = load(file)
    folder = named_folder(params.data.source, params.data.folder)
    with stamps.stamped(steps(params), "digits"):
        source = fetch(paths.RAW, params.data.source, folder, say, params.data.own)
    say(f"{paths.RAW} holds the digits {source.identity}")


@app.command(rich_help_panel=STEPS)
def pairs(
    file: ParamsFile = DEFAULT,
    larger: Annotated[bool, typer.Option(help="those with more training pairs than usual")] = False,
) -> None:
    """Draw the pair sets of all seeds, with the test digits beside them, and delete others."""
    from digitpairs.runs import pair_sets

    params, source = load(file), known_source()
    pools = pair_sets.load_pools(params, source)
    name, draw = (sets.LARGER, pair_sets.draw_larger) if larger else ("pairs", pair_sets.draw_all)
    with stamps.stamped(steps(params), name):
        draw(params, source, pools)


@app.command(rich_help_panel=STEPS)
def block(
    file: Annotated[Path, typer.Argument(help="such as data/plan/blocks/...json")],
    threads: Annotated[int, typer.Option(min=1, help="cores to use")] = 1,
) -> None:
    """Train the runs of a block; those already recorded are kept."""
    from digitpairs.runs import blockfile
    from digitpairs.runs.block import train_block

    runs = blockfile.read(file)
    for path in blockfile.files_read(file):
        stamps.check(path, sets.drawn_by(path))
    train_block(runs, threads, say)


@app.command(rich_help_panel=STEPS)
def collect(
    what: Annotated[str, typer.Argument(help="a variant, or `search`")], file: ParamsFile = DEFAULT
) -> None:
    """Collect the records of the search or of a variant into data/results."""
    from digitpairs.runs import collect, store

    params = load(file)
    searched = {f"search{suffix}": runs for suffix, runs in all_runs(params).searched.items()}
    runs = all_runs(params).evaluated | searched
    check_name(what, list(runs))
    step = what if what in searched else VARIANT + what
    path = paths.search(what.removeprefix("search")) if what in searched else paths.variant(what)
    records = store.read_all(runs[what])  # first: where one is missing, the stamp stays
    with stamps.stamped(steps(params), step):
        collect.write(collect.collect(runs[what], records), path)


@app.command(rich_help_panel=STEPS)
def answers(variant: str, file: ParamsFile = DEFAULT) -> None:
    """Ask the nets of a variant, by their weights, what each test digit is."""
    from digitpairs.pairs import pool
    from digitpairs.runs import answers, store

    params = load(file)
    graph, runs = steps(params), all_runs(params).evaluated
    check_name(variant, [name for name in runs if ANSWERS + name in graph])
    records = store.read_all(runs[variant])
    with stamps.stamped(graph, ANSWERS + variant) as step:
        digits = pool.load(Path(step.pair_sets[0]))
        answers.write(answers.answers(runs[variant], records, digits), paths.answers(variant))


@app.command(rich_help_panel=STEPS)
def select(
    name: Annotated[str, typer.Argument(help="`select`, or `select-GROUP`")],
    file: ParamsFile = DEFAULT,
) -> None:
    """Pick each grid's winner from a search's results in data/results."""
    from digitpairs.search.winners import select_winners

    params = load(file)
    check_name(name, [f"select{suffix}" for suffix in suffixes(params)])
    with stamps.stamped(steps(params), name):
        select_winners(params, name.removeprefix("select"))


@app.command(rich_help_panel=STEPS)
def weights(file: ParamsFile = DEFAULT) -> None:
    """Train the run that is kept, and write its weights."""
    from digitpairs.runs.one import train_one

    params = load(file)
    kept = kept_run(params)
    with stamps.stamped(steps(params), "weights"):
        (run,) = targets.runs_of(params, f"runs/{kept.variant}/seed-{kept.seed}")
        train_one(params, run, Path(paths.WEIGHTS), say)


@app.command(rich_help_panel=STEPS)
def model(file: ParamsFile = DEFAULT) -> None:
    """Write the card of the weights that are kept."""
    from digitpairs.products.card import make_card

    params = load(file)
    kept_run(params)
    with stamps.stamped(steps(params), "model") as step:
        make_card(params, step.inputs)


@app.command(rich_help_panel=STEPS)
def metric(name: str, file: ParamsFile = DEFAULT) -> None:
    """Write a file of reports/metrics."""
    from digitpairs.products.numbers.make import make_metric

    product("metric", name, file, make_metric)


@app.command(rich_help_panel=STEPS)
def figure(name: str, file: ParamsFile = DEFAULT) -> None:
    """Draw a figure of reports/figures: a study's, `search`, `pairs` or `claims`."""
    from digitpairs.products.figures.make import make_figure

    product("figure", name, file, make_figure)


@app.command(rich_help_panel=STEPS)
def table(name: str, file: ParamsFile = DEFAULT) -> None:
    """Write a table of reports/tables: a study's, `claims` or `paper`."""
    from digitpairs.products.tables.make import make_table

    product("table", name, file, make_table)


@app.command(rich_help_panel=STEPS)
def report_source(file: ParamsFile = DEFAULT) -> None:
    """Write the report's LaTeX from its templates, and where each number in it comes from."""
    from digitpairs.products.report.source import make_source

    params = with_results(load(file))
    with stamps.stamped(steps(params), "report_source"):
        make_source(params)


@app.command(rich_help_panel=STEPS)
def pdf(file: ParamsFile = DEFAULT) -> None:
    """Compile the report by LaTeX."""
    from digitpairs.products.report.compiled import make_pdf

    params = with_results(load(file))
    with stamps.stamped(steps(params), "pdf") as step:
        make_pdf(step.inputs)


@app.command(rich_help_panel=STEPS)
def page(file: ParamsFile = DEFAULT) -> None:
    """Write reports/index.html, for people who would rather look."""
    from digitpairs.products.page.make import make_page

    params = with_results(load(file))
    known_source()
    with stamps.stamped(steps(params), "page") as step:
        make_page(params, step.inputs, say)


@app.command(rich_help_panel=STEPS)
def tidy(folder: str, file: ParamsFile = DEFAULT) -> None:
    """Delete what the params no longer ask for: results in `data`, products in `reports`."""
    check_name(folder, list(paths.STAMPS))
    params, step = with_results(load(file)), "evaluation" if folder == "data" else "tidy"
    graph = steps(params)
    for path in stamps.delete_products(graph, graph[step].params):
        say(f"{path}: deleted, because the params no longer ask for it")
    graph = steps(params)
    stamps.finish(graph, step, stamps.begin(graph, step))


def kept_run(params: Params) -> Kept:
    """Read which run is kept. Raises UserError where none is, or the digits are not there."""
    if params.model is None:
        raise UserError("model: missing from the params; say of which variant the weights are kept")
    known_source()
    return params.model


def product(medium: str, name: str, file: Path, make: Callable[..., None]) -> None:
    """Make a metric, figure or table by the function for it."""
    params = with_results(load(file))
    graph = steps(params)
    check_name(name, [step.partition("-")[2] for step in graph if step.startswith(f"{medium}-")])
    with stamps.stamped(graph, f"{medium}-{name}") as step:
        make(params, name, step.inputs)
