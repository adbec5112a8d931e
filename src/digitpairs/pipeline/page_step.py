"""The step that makes reports/index.html, for people who would rather look."""

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.pipeline.step import SHOWING, Step, by_default, winners_of
from digitpairs.products.labels import labels_among
from digitpairs.products.page.chosen import STYLE, TEMPLATE, curves_of, runs_of, scripts
from digitpairs.runs import plan
from digitpairs.runs.plan import Winners
from digitpairs.study.claims import compared_by
from digitpairs.study.schema import Params

WORDS = {"says", "source", "quote"}  # of a claim; what decides it is in claims.csv


def page_step(params: Params, source: Source | None, winners: Winners) -> Step:
    """Verdicts, curves, all nets, and nets that answer what is drawn."""
    read = [paths.SOURCE, paths.metric("summary.csv")]
    if params.claims:
        read.append(paths.metric("claims.csv"))
    if study := curves_of(params):
        variants = params.studies[study].variants
        read += [*winners_of(params, variants), *plan.results_of(params, variants, winners)]
    nets = runs_of(params, source, winners) if source else {}
    read += winners_of(params, nets)
    shown = [*plan.evaluated(params, winners), *compared_by(params.claims.values())]
    labels = labels_among(params, dict.fromkeys([*by_default(params, shown), *nets]), winners)
    said = {name: claim.model_dump(include=WORDS) for name, claim in params.claims.items()}
    content = [said, labels, {name: run.path for name, run in nets.items()}]
    files = tuple(map(str, (TEMPLATE, STYLE, *scripts())))
    return Step((paths.PAGE,), tuple(dict.fromkeys(read)), content, SHOWING, committed=files)
