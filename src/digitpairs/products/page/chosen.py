"""What the page shows: which study's curves, which runs' nets, and the files that it is made of."""

from pathlib import Path

from digitpairs.digits.source import Source
from digitpairs.runs import plan
from digitpairs.runs.plan import PlannedRun, Winners
from digitpairs.spec import PAPERS_TASK
from digitpairs.study.schema import Params
from digitpairs.study.task import task_of

FOLDER = Path(__file__).parent
SCRIPTS = ("svg", "claims", "curves", "ladder", "table", "net", "digit", "draw", "page")
TEMPLATE, STYLE = FOLDER / "template.html", FOLDER / "page.css"


def scripts() -> list[Path]:
    """Name the scripts, in their order."""
    return [FOLDER / f"{name}.js" for name in SCRIPTS]


def curves_of(params: Params) -> str | None:
    """Name the study whose curves are shown: the first that is made by default."""
    studies = params.studies.items()
    return next((name for name, one in studies if one.kind == "curves" and not one.group), None)


def runs_of(params: Params, source: Source, winners: Winners) -> dict[str, PlannedRun]:
    """Plan the run of each net; a winner that is a variant goes by that one's name.

    None where the task is not the paper's: people draw MNIST's digits, to compare them.
    """
    if not (page := params.page) or not page.nets or task_of(params) != PAPERS_TASK:
        return {}
    names = plan.settings_of(params, page.nets, winners)
    planned = plan.evaluation_runs(params, source, winners)
    found = {run.name: run for run in planned if run.spec.seed == page.seed}
    return {name: found[name] for name in names}
