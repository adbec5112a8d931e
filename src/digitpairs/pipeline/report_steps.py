"""The steps that make reports: metrics, figures and tables."""

from dataclasses import asdict
from typing import Any

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.pipeline.step import (
    COUNTING,
    DRAWING,
    TABULATING,
    Step,
    by_default,
    unplanned,
    winners_of,
)
from digitpairs.products.labels import labels_of
from digitpairs.runs import plan
from digitpairs.runs.plan import Winners
from digitpairs.study.grid import rates_tried
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params, studies
from digitpairs.study.variants import resolve

METRICS = ("evaluation.csv", "curves.csv", "search.csv", "summary.csv", "metrics.json")


def report_steps(params: Params, source: Source | None, winners: Winners | None) -> dict[str, Step]:
    """Metrics, figures and tables."""
    evaluated = by_default(params, plan.evaluated(params, winners or {}))
    results = (paths.WINNERS, *map(paths.variant, evaluated))
    evaluation, curves, search, summary, headline = METRICS
    sample = (plan.pairs_path(params, source, 0),) if source else ()
    products = {
        f"metric-{evaluation}": metric(evaluation, *results),
        f"metric-{curves}": metric(curves, *results),
        f"metric-{search}": metric(search, paths.SEARCH),
        f"metric-{summary}": metric(summary, *results),
        f"metric-{headline}": metric(headline, paths.SOURCE, paths.metric(summary)),
        "figure-pairs": Step(paths.figure("pairs"), (paths.SOURCE,), sample, DRAWING, sample),
        "figure-search": Step(paths.figure("search"), (paths.SOURCE, paths.SEARCH), None, DRAWING),
        **{f"figure-{name}": figure(params, name, winners) for name in studies(params, "figure")},
        **{f"table-{name}": table(params, name, winners) for name in studies(params, "table")},
    }
    # Deletes the products of studies that are gone.
    return {**products, "tidy": Step((), (), unplanned([*products, "tidy"], "reports"), ())}


def metric(name: str, *inputs: str) -> Step:
    """A file of reports/metrics."""
    return Step((paths.metric(name),), inputs, None, COUNTING)


def figure(params: Params, name: str, winners: Winners | None) -> Step:
    """A study's figure; an architecture is drawn from its models alone."""
    study, content = params.studies[name], content_of(params, name, winners)
    if KINDS[study.kind].results:
        return Step(paths.figure(name), inputs_of(params, name, winners), content, DRAWING)
    models = [asdict(resolve(params, variant).model) for variant in study.variants]
    return Step(paths.figure(name), (), [content, models], DRAWING)


def table(params: Params, name: str, winners: Winners | None) -> Step:
    """A study's table; one that compares says which of the rates tried have won."""
    study, content = params.studies[name], content_of(params, name, winners)
    if KINDS[study.kind].compares:
        content.append(rates_tried(params, study.variants))
    return Step(paths.table(name), inputs_of(params, name, winners), content, TABULATING)


def content_of(params: Params, name: str, winners: Winners | None) -> list[Any]:
    """What of the params a study's product shows: the study itself, and labels of variants."""
    study = params.studies[name]
    labelled = KINDS[study.kind].labelled
    return [study.model_dump(), labels_of(params, study, winners or {}) if labelled else None]


def inputs_of(params: Params, study: str, winners: Winners | None) -> tuple[str, ...]:
    """What a study's product shows: the results of its variants, who won where it shows that."""
    variants = params.studies[study].variants
    return (
        paths.SOURCE,
        *winners_of(params, variants),
        *plan.results_of(params, variants, winners or {}),
    )
