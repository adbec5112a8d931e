"""What reports show: claims and groups of studies whose results are there."""

from collections.abc import Collection, Iterable
from itertools import chain

from digitpairs.pipeline import stamps
from digitpairs.pipeline.report_steps import CLAIMS, claim_steps, inputs_of
from digitpairs.pipeline.step import Steps, maker
from digitpairs.pipeline.steps import all_runs, data_steps, default_steps
from digitpairs.runs.plan import Winners, settings_of
from digitpairs.search.ranking import read_winners
from digitpairs.study import groups
from digitpairs.study.claims import Claim
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Page, Params


def with_results(params: Params) -> Params:
    """Leave out claims and the page's nets of groups whose results are not there, or are old.

    Groups that were made are `shown` in the report. They are made by `snakemake GROUP` alone. A
    session asks once, at its start: what it shows does not change while it works.
    """
    graph = data_steps(params, all_runs(params))
    judged = {
        name: claim
        for name, claim in params.claims.items()
        if not claim.group or has_results(params, claim, graph)
    }
    asked = groups.groups(params) if params.shown is None else params.shown
    shown = [group for group in asked if is_made(params, group, graph)]
    return params.model_copy(
        update={"claims": judged, "shown": shown, "page": page_of(params, shown)}
    )


def page_of(params: Params, shown: Collection[str]) -> Page | None:
    """Leave out the nets of groups that are not shown."""
    if params.page is None:
        return None
    apart = groups.owners(params)
    nets = [name for name in params.page.nets if apart.get(name) in (None, *shown)]
    return params.page.model_copy(update={"nets": nets})


def is_made(params: Params, group: str, graph: Steps) -> bool:
    """Whether all results are there that the studies of a group show."""
    winners, studies = read_winners(params) or {}, groups.studies_of(params, group)
    if not all_known(params, groups.shown(params, studies), winners):
        return False
    drawn = [name for name in studies if KINDS[params.studies[name].kind].results]
    read = chain.from_iterable(inputs_of(params, name, winners) for name in drawn)
    return bool(drawn) and are_made(params, read, graph)


def all_known(params: Params, variants: Iterable[str], winners: Winners) -> bool:
    """Whether the winners among variants are known."""
    return all(settings_of(params, [name], winners) for name in variants)


def has_results(params: Params, claim: Claim, graph: Steps) -> bool:
    """Whether all is there that a claim compares and that a group makes."""
    winners = read_winners(params) or {}
    if not all_known(params, claim.variants(), winners):
        return False
    alone = params.model_copy(update={"claims": {"alone": claim}})
    return are_made(params, claim_steps(alone, winners)[f"metric-{CLAIMS}"].inputs, graph)


def are_made(params: Params, read: Iterable[str], graph: Steps) -> bool:
    """Whether what a group makes, of the files that are read, is as it would be made now."""
    default = default_steps(params, graph)
    return not any(
        stamps.due(graph, step)
        for step in dict.fromkeys(maker(graph, path) for path in read)
        if step not in default
    )
