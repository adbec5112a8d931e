"""The application: what every command shares."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from digitpairs.pipeline.handover import PARAMS_VARIABLE

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
