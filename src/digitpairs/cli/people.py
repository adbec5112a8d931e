"""What people call: plans, answers of a trained net, a run of its own, schemas.

Heavy modules are imported by the command that needs them.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from digitpairs.cli.app import DEFAULT, PEOPLE, ParamsFile, app, say
from digitpairs.digits.source import known_source, read_source
from digitpairs.errors import check_name
from digitpairs.pipeline import targets
from digitpairs.search.ranking import read_winners
from digitpairs.study.claims import json_schema as claims_schema
from digitpairs.study.groups import groups
from digitpairs.study.load import load
from digitpairs.study.schema import json_schema as params_schema


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
    print(describe(forecast(params, read_source(), read_winners(params), cores, group)))


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
def readme(file: ParamsFile = DEFAULT) -> None:
    """Put tables, figures and numbers of reports/ into README.md and docs/results.md."""
    from digitpairs.products.marks import PAGES, fill_page

    params = load(file)
    for page in PAGES:
        fill_page(page, params)


@app.command(rich_help_panel=PEOPLE)
def schema(
    of: Annotated[str, typer.Argument(help="the file: `params` or `claims`")] = "params",
) -> None:
    """Print the JSON schema of the params file, or of the claims file."""
    check_name(of, ["params", "claims"])
    print(params_schema() if of == "params" else claims_schema(), end="")
