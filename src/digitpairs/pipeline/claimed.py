"""Which claims are judged: those whose results are there or are made by default."""

from digitpairs.pipeline import stamps
from digitpairs.pipeline.report_steps import CLAIMS, claim_steps
from digitpairs.pipeline.step import maker
from digitpairs.pipeline.steps import all_runs, data_steps, default_steps
from digitpairs.runs.plan import settings_of
from digitpairs.search.ranking import read_winners
from digitpairs.study.schema import Params


def with_results(params: Params) -> Params:
    """Leave out the claims of groups whose results were not made, or are no longer what they were.

    They are made by `snakemake GROUP` alone. A session asks once, at its start: what it shows does
    not change while it works.
    """
    judged = {
        name: claim
        for name, claim in params.claims.items()
        if not claim.group or has_results(params.model_copy(update={"claims": {name: claim}}))
    }
    return params.model_copy(update={"claims": judged})


def has_results(params: Params) -> bool:
    """Whether all is there that the claims of these params compare and that a group makes."""
    graph, winners = data_steps(params, all_runs(params)), read_winners() or {}
    variants = [name for claim in params.claims.values() for name in claim.variants()]
    if not all(settings_of(params, [name], winners) for name in variants):
        return False  # a winner is not known
    default = default_steps(params, graph)
    read = claim_steps(params, winners)[f"metric-{CLAIMS}"].inputs
    return not any(
        stamps.due(graph, step)
        for step in dict.fromkeys(maker(graph, path) for path in read)
        if step not in default
    )
