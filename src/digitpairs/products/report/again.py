"""How each item of a report is made again: a target of Snakemake and a file for each."""

from typing import NamedTuple

from digitpairs import paths
from digitpairs.study.groups import made, studies_of
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params


class Item(NamedTuple):
    """What can be made again by one target, and the file that it ends up in."""

    what: str
    target: str
    file: str


def items(params: Params) -> list[Item]:
    """List the items of a report: results, metrics, its studies, claims, the report itself."""
    listed = [
        Item("all of it", "all", paths.METRICS.parent.as_posix()),
        Item("results of a variant", "variants/NAME", paths.variant("NAME")),
        Item("one run", "runs/NAME/seed-N", paths.record("DIGEST", "seed-N")),
        Item("folds of the search", "search", paths.SEARCH),
    ]
    for name in [*studies_of(params, None), *made(params)]:
        study = params.studies[name]
        figure = KINDS[study.kind].medium == "figure"
        file = (paths.figure if figure else paths.table)(name)[0]
        listed.append(Item(study.title, f"studies/{name}", file))
    if params.claims:
        file = paths.metric("claims.csv")
        listed.append(Item("verdicts", file, file))
    file = paths.metric("paper.csv")
    listed.append(Item("numbers beside the paper's", file, file))
    listed.append(Item("this report", "pdf", paths.REPORT))
    return listed
