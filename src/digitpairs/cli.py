"""The command line: `digitpairs plan`, and the steps that Snakemake's rules call.

Heavy modules are imported by the command that needs them.
"""

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from digitpairs import paths
from digitpairs.digits.source import known_source, read_source
from digitpairs.errors import UserError, check_name, disk_message
from digitpairs.pipeline import stamps, targets
from digitpairs.pipeline.claimed import with_results
from digitpairs.pipeline.handover import PARAMS_VARIABLE
from digitpairs.pipeline.step import VARIANT
from digitpairs.pipeline.steps import all_runs, steps
from digitpairs.search.ranking import read_winners
from digitpairs.study.claims import json_schema as claims_schema
from digitpairs.study.groups import groups, suffixes
from digitpairs.study.load import load
from digitpairs.study.schema import Kept, Params
from digitpairs.study.schema import json_schema as params_schema

PEOPLE, STEPS = "Commands", "Steps of the pipeline, which Snakemake calls"

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="A reproducible study of nets that compare two handwritten digits.",
)

ParamsFile = Annotated[
    Path, typer.Option("--params", envvar=PARAMS_VARIABLE, help="the params file")
]
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
        print(f"error: {disk_message(error)}", file=sys.stderr)
        sys.exit(1)


def say(line: str) -> None:
    """Print a progress line at once."""
    print(line, flush=True)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        print(f"digitpairs {version('digitpairs')}")
        raise typer.Exit


@app.callback()
def options(
    shown: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that are given before a command."""


@app.command(rich_help_panel=PEOPLE)
def plan(
    group: Annotated[
        str | None, typer.Argument(help="a group of studies; else the default")
    ] = None,
    file: ParamsFile = DEFAULT,
    cores: Annotated[int, typer.Option(min=1, help="cores to train on")] = os.cpu_count() or 1,
) -> None:
    """Show what a run would do: the runs of each study, those missing, and about how long."""
    from digitpairs.runs.forecast import forecast
    from digitpairs.runs.forecast_text import describe
    from digitpairs.runs.restore import restore

    params = load(file)
    if group:
        check_name(group, groups(params))
    restore(say)
    print(describe(forecast(params, read_source(), read_winners(), cores, group)))


@app.command(rich_help_panel=PEOPLE)
def predict(
    weights: Annotated[Path, typer.Argument(help="a trained net, such as best.safetensors")],
    images: Annotated[list[Path], typer.Argument(help="photos of digits (PNG, JPEG), two a pair")],
) -> None:
    """Say which digit of two photos is larger, and of siamese nets which digits these are."""
    from digitpairs.photos.read import read_digit
    from digitpairs.runs.predict import check_even
    from digitpairs.runs.predict import predict as compare
    from digitpairs.runs.predict_text import describe
    from digitpairs.runs.weights import load as load_weights

    check_even(len(images))
    trained, digits = load_weights(weights), [read_digit(image) for image in images]
    predictions = compare(trained, digits)
    print(describe([*map(str, images)], predictions, trained.spec.recipe.readout))


@app.command(rich_help_panel=PEOPLE)
def train(
    variant: str,
    save: Annotated[Path, typer.Option(help="where the weights go, such as net.safetensors")],
    seed: Annotated[int, typer.Option(min=0, help="which of the variant's runs")] = 0,
    file: ParamsFile = DEFAULT,
) -> None:
    """Train one run of a variant and keep its weights: the same run as the study's."""
    params, target = load(file), f"runs/{variant}/seed-{seed}"
    if not targets.run_targets([target], params):
        raise targets.mistake(params, target)
    known_source()
    (run,) = targets.runs_of(params, target)
    from digitpairs.runs.one import train_one

    train_one(params, run, save, say)


@app.command(rich_help_panel=PEOPLE)
def readme() -> None:
    """Put tables and figures of reports/ into README.md and docs/results.md."""
    from digitpairs.products.marks import PAGES, fill_page

    for page in PAGES:
        fill_page(page)


@app.command(rich_help_panel=PEOPLE)
def schema(
    of: Annotated[str, typer.Argument(help="the file: `params` or `claims`")] = "params",
) -> None:
    """Print the JSON schema of the params file, or of the claims file."""
    check_name(of, ["params", "claims"])
    print(params_schema() if of == "params" else claims_schema(), end="")


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
def pairs(file: ParamsFile = DEFAULT) -> None:
    """Draw the pair sets of all seeds, with the test digits beside them, and delete others."""
    from digitpairs.runs import pair_sets

    params, source = load(file), known_source()
    pools = pair_sets.load_pools(params, source)
    with stamps.stamped(steps(params), "pairs"):
        pair_sets.draw_all(params, source, pools)


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
        stamps.check(path, "pairs")
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
def select(
    name: Annotated[str, typer.Argument(help="`select`, or `select-GROUP`")],
    file: ParamsFile = DEFAULT,
) -> None:
    """Pick each grid's winner from a search's results in data/results."""
    from digitpairs.search.winners import select_winners

    params = load(file)
    check_name(name, [f"select{suffix}" for suffix in suffixes(params)])
    with stamps.stamped(steps(params), name):
        select_winners(name.removeprefix("select"))


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
