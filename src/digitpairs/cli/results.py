"""What people ask of results: a summary, a comparison of two variants, the claims' verdicts.

They read what was made and make nothing. Heavy modules are imported by the command that needs them.
"""

from pathlib import Path
from typing import Annotated

import typer

from digitpairs import paths
from digitpairs.cli.app import DEFAULT, PEOPLE, ParamsFile, app
from digitpairs.digits.source import read_source
from digitpairs.errors import UserError, check_name
from digitpairs.pipeline import stamps
from digitpairs.pipeline.claimed import with_results
from digitpairs.pipeline.report_steps import CLAIMS, SUMMARY
from digitpairs.pipeline.step import VARIANT, Steps
from digitpairs.pipeline.steps import steps
from digitpairs.runs.plan import Winners, settings_of
from digitpairs.search.ranking import read_winners
from digitpairs.study.claims import SELECTION
from digitpairs.study.load import claims_file, load
from digitpairs.study.schema import Params
from digitpairs.study.variants import known_variants


@app.command(rich_help_panel=PEOPLE)
def summary(file: ParamsFile = DEFAULT) -> None:
    """Show the results: the accuracies of each variant, beside the paper's."""
    path = paths.metric(SUMMARY)
    notes = [made(steps(load(file)), f"metric-{SUMMARY}", path, snakemake(path, file))]
    import pandas as pd

    from digitpairs.products.terminal.screen import screen
    from digitpairs.products.terminal.summary import summary as shown

    console = screen()
    console.print(shown(console, pd.read_csv(path)))
    tell(notes)


@app.command(rich_help_panel=PEOPLE)
def compare(
    variant: Annotated[str, typer.Argument(help="a variant, or a winner GRID_selected")],
    reference: Annotated[str, typer.Argument(help="what it is compared with")],
    margin: Annotated[
        float, typer.Option(help="differences of accuracy within it do not matter")
    ] = 0.005,
    file: ParamsFile = DEFAULT,
) -> None:
    """Compare two variants seed by seed: differences, intervals, tests."""
    params = load(file)
    winners = read_winners(params) or {}
    if not 0 < margin < 1:
        raise UserError(f"--margin {margin:g}: should be an accuracy above 0 and below 1")
    ours, theirs = (result_of(params, name, winners, file) for name in (variant, reference))
    if ours == theirs:
        winner = "" if variant == reference else "; the search selected what was a variant already"
        raise UserError(f"{variant} and {reference}: have the same runs{winner}; name two others")
    graph = steps(params)
    notes = [
        made(graph, VARIANT + name, paths.variant(name), snakemake(f"variants/{name}", file))
        for name in (ours, theirs)
    ]
    from digitpairs.products.labels import labels_among
    from digitpairs.products.numbers import places
    from digitpairs.products.terminal.compare import compared, comparison
    from digitpairs.products.terminal.screen import screen
    from digitpairs.runs import collect

    results = collect.read([paths.variant(ours), paths.variant(theirs)])
    labels = labels_among(params, [ours, theirs], winners)
    console = screen()
    console.print(comparison(console, compared(results, ours, theirs, margin), labels, margin))
    tell([*notes, places.differences(results)])


@app.command(rich_help_panel=PEOPLE)
def claims(
    everything: Annotated[
        bool, typer.Option("--all", help="Show each comparison that a claim makes.")
    ] = False,
    file: ParamsFile = DEFAULT,
) -> None:
    """Show what the claims come to: verdicts, and how large the differences are."""
    params = load(file)
    if not params.claims:
        raise UserError(f"no claims: there are none in {claims_file(file)}")
    judged, path = with_results(params), paths.metric(CLAIMS)
    graph, step = steps(judged), f"metric-{CLAIMS}"
    if step not in graph:
        raise UserError(f"no claim has results yet: {left_out(params, list(params.claims), file)}")
    outdated = made(graph, step, path, snakemake(path, file))
    notes = [outdated]
    import pandas as pd

    found = pd.read_csv(path, dtype={"reference": str})
    missing = [name for name in params.claims if name not in set(found["claim"])]
    notes.append(left_out(params, [name for name in missing if name not in judged.claims], file))
    if not outdated:  # else they may merely be new
        notes.append(uncompared([name for name in missing if name in judged.claims]))
    if len(missing) == len(params.claims):
        raise UserError(" ".join(filter(None, [f"{path} judges no claim.", *notes])))
    from digitpairs.products.terminal.claims import claims as shown
    from digitpairs.products.terminal.screen import screen

    names = [*found["variant"], *found["reference"][found["measure"] != SELECTION]]
    labels = labels_of_compared(params, names) if everything else None
    console = screen()
    console.print(shown(console, found, params.claims, labels))
    tell(notes)


def result_of(params: Params, name: str, winners: Winners, file: Path) -> str:
    """Name whose results a variant has: a winner that is a variant has that one's.

    Raises UserError for a variant that is not known, and for a winner that is not known yet.
    """
    check_name(name, known_variants(params))
    if not (known := settings_of(params, [name], winners)):
        command = snakemake(f"variants/{name}", file)
        raise UserError(f"{name}: the search has no winner yet; `{command}` makes its results")
    return next(iter(known))


def labels_of_compared(params: Params, names: list[str]) -> dict[str, str]:
    """Label what claims compare; what the params do not know now goes by its name."""
    from digitpairs.products.labels import labels_of_claims

    labels = labels_of_claims(params, read_winners(params) or {})
    own = {name: name for name in names if not name.replace(".", "", 1).isdigit()}
    return own | labels


def made(graph: Steps, step: str, path: str, command: str) -> str:
    """Say why a file may not be what would be made now; nothing where it is.

    Raises UserError where there is no such file.
    """
    if not Path(path).exists():
        raise UserError(f"{path}: not made yet; `{command}` makes it")
    if reason := stamps.due(graph, step):
        return f"{path} may be out of date ({reason}); `{command}` makes it again."
    return ""


def left_out(params: Params, names: list[str], file: Path) -> str:
    """Say which claims have no results, and what makes these."""
    groups = dict.fromkeys(params.claims[name].group or "" for name in names)
    commands = " and ".join(f"`{snakemake(group, file)}`" for group in groups)
    return f"Without results: {', '.join(names)}; give {commands}." if names else ""


def uncompared(names: list[str]) -> str:
    """Say which claims have nothing to compare."""
    why = "a winner is not known, or is what it is compared with"
    return f"Nothing to compare: {', '.join(names)} ({why})." if names else ""


def snakemake(target: str, file: Path) -> str:
    """Write the command that makes a target."""
    params = "" if file == DEFAULT else f"--configfile {file}"
    return " ".join(filter(None, ["snakemake", target, params]))


def tell(notes: list[str]) -> None:
    """Print what has to be known of the results: below them, where it is seen."""
    from digitpairs.products.terminal.screen import screen, text

    console, source = screen(), read_source()
    about = f"These results are {source.note}." if source and source.note else ""
    for note in filter(None, [*notes, about]):
        console.print(text(console, f"Note: {note}"))
