"""The steps that make reports: metrics, figures and tables."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from digitpairs import paths
from digitpairs.digits.source import Source
from digitpairs.identity import essentials
from digitpairs.pipeline.page_step import page_step
from digitpairs.pipeline.step import (
    COMPILING,
    COUNTING,
    DRAWING,
    REPORTING,
    TABULATING,
    Step,
    by_default,
    unplanned,
    winners_of,
)
from digitpairs.products.labels import (
    grid_labels,
    label_of,
    labels_of,
    labels_of_claims,
    printed_labels,
)
from digitpairs.runs import plan, sets
from digitpairs.runs.plan import Winners
from digitpairs.study import groups
from digitpairs.study.claims import SELECTION, compared_by
from digitpairs.study.grid import rates_tried, rivals
from digitpairs.study.groups import grids_repeated, made, tables_of_groups
from digitpairs.study.kinds import FIXED_FIGURES, FIXED_TABLES, KINDS
from digitpairs.study.schema import Params, Study, studies
from digitpairs.study.variants import SELECTED, resolve

# Metrics of every report; `claims` where there are claims.
EVALUATION, CURVES, SEARCH, SUMMARY = "evaluation.csv", "curves.csv", "search.csv", "summary.csv"
HEADLINE, CLAIMS, PAPER = "metrics.json", "claims.csv", "paper.csv"
PROTOCOL, GROUPS, STANDINGS = "protocol.csv", "groups.csv", "standings.csv"
LADDER = "ladder.csv"
METRICS = (
    *(EVALUATION, CURVES, SEARCH, SUMMARY, HEADLINE),
    *(CLAIMS, PAPER, PROTOCOL, GROUPS, STANDINGS, LADDER),
)
# Kinds of studies whose figures the report shows.
DRAWN = ("curves", "sweep", "forest", "spread", "ladder", "cost", "confused")
JUDGED = {"measure", "direction", "margin", "at_least", "compare"}  # of a claim: what decides it


def names(params: Params, medium: str) -> list[str]:
    """Name the metrics, figures or tables of the default report."""
    if medium == "metric":
        found = [*METRICS]
    else:
        fixed = FIXED_FIGURES if medium == "figure" else FIXED_TABLES
        found = [*groups.by_default(params, medium), *fixed]
    return [name for name in found if params.claims or name not in (CLAIMS, "claims")]


def report_steps(params: Params, source: Source | None, winners: Winners | None) -> dict[str, Step]:
    """Metrics, figures and tables."""
    evaluated = by_default(params, plan.evaluated(params, winners or {}))
    results = (paths.WINNERS, *map(paths.variant, evaluated))
    sample = (sets.pairs_path(params, source, 0),) if source else ()
    products = {
        f"metric-{EVALUATION}": metric(EVALUATION, *results),
        f"metric-{CURVES}": metric(CURVES, *results),
        f"metric-{SEARCH}": metric(SEARCH, paths.SEARCH),
        f"metric-{SUMMARY}": metric(SUMMARY, *results),
        f"metric-{HEADLINE}": metric(HEADLINE, paths.SOURCE, paths.metric(SUMMARY)),
        "figure-pairs": Step(paths.figure("pairs"), (paths.SOURCE,), sample, DRAWING, sample),
        "figure-search": Step(paths.figure("search"), (paths.SOURCE, paths.SEARCH), None, DRAWING),
        **{
            f"figure-{name}": figure(params, name, source, winners)
            for name in studies(params, "figure")
        },
        **{f"table-{name}": table(params, name, winners) for name in studies(params, "table")},
        f"metric-{PAPER}": metric(PAPER, *results),
        "table-paper": Step(
            paths.table("paper"),
            (paths.SOURCE, paths.metric(PAPER)),
            printed_labels(params),
            TABULATING,
        ),
    }
    products |= group_steps(params, winners, (*results, paths.SEARCH))
    if params.claims:
        products |= claim_steps(params, winners or {})
    products |= pdf_steps(params)
    products["page"] = page_step(params, source, winners or {})
    # Deletes the products of studies that are gone.
    return {**products, "tidy": Step((), (), unplanned([*products, "tidy"], "reports"), ())}


def group_steps(params: Params, winners: Winners | None, results: Sequence[str]) -> dict[str, Step]:
    """Metrics of what groups made too: how it was trained, and what it scores."""
    tables = {name: params.studies[name] for name in tables_of_groups(params)}
    shown = [
        path for name in tables for path in paths.without_answers(inputs_of(params, name, winners))
    ]
    content = {name: study.model_dump() for name, study in tables.items()}
    ladders = groups.ladders(params)
    climbed = [path for name in ladders for path in inputs_of(params, name, winners)]
    repeats = [name for name in made(params) if KINDS[params.studies[name].kind].repeats]
    repeated = dict.fromkeys(path for name in repeats for path in inputs_of(params, name, winners))
    return {
        f"metric-{PROTOCOL}": metric(PROTOCOL, *dict.fromkeys([*results, *shown])),
        f"metric-{GROUPS}": metric(GROUPS, *dict.fromkeys(shown), content=content),
        f"metric-{STANDINGS}": metric(
            STANDINGS, *repeated, content=published(params, grids_repeated(params))
        ),
        f"metric-{LADDER}": Step(
            (paths.metric(LADDER),),
            tuple(dict.fromkeys(climbed)),
            {name: content_of(params, name, winners) for name in ladders},
            COUNTING,
            committed=costs(),
        ),
    }


def pdf_steps(params: Params) -> dict[str, Step]:
    """The report: its source from metrics and templates, and what LaTeX makes of it."""
    metrics = [paths.metric(name) for name in names(params, "metric")]
    drawn = [name for name in shown_studies(params) if params.studies[name].kind in DRAWN]
    figures = [paths.figure(name)[0] for name in [*drawn, *(["claims"] if params.claims else [])]]
    said = {
        "claims": {name: claim.model_dump() for name, claim in params.claims.items()},
        "studies": {name: study.model_dump() for name, study in params.studies.items()},
        "labels": {name: label_of(params, name) for name in params.variants},
        "shown": params.shown,
    }
    source = (paths.REPORT_SOURCE, paths.REPORT_NUMBERS)
    read = (paths.SOURCE, paths.WINNERS, *metrics, *figures)
    return {
        "report_source": Step(source, read, said, REPORTING, committed=templates()),
        "pdf": Step((paths.REPORT,), (paths.REPORT_SOURCE, *figures), None, COMPILING),
    }


def shown_studies(params: Params) -> list[str]:
    """Name the studies that the report may show: by default, and of the groups that were made."""
    return [*groups.studies_of(params, None), *made(params)]


def templates() -> tuple[str, ...]:
    """Name what the report is written from beside results: templates, citation, costs."""
    return (*map(str, sorted(paths.TEMPLATES.glob("*.tex"))), str(paths.CITATION), paths.COSTS)


def claim_steps(params: Params, winners: Winners) -> dict[str, Step]:
    """What the claims come to. Figure and table read the results too: who trained them where."""
    claims = params.claims.items()
    selections = [claim for _, claim in claims if claim.measure == SELECTION]
    tried = list(dict.fromkeys(name for claim in selections for name in claim.compare))
    won = (name for claim in selections for name in claim.variants() if name not in tried)
    grids = (name.removesuffix(SELECTED) for name in won)
    folds = dict.fromkeys(paths.search(groups.suffix_of(params, grid)) for grid in grids)
    compared = compared_by(claim for _, claim in claims if claim.measure != SELECTION)
    read = (*folds, *plan.results_of(params, compared, winners))
    content = [
        {name: claim.model_dump(include=JUDGED) for name, claim in claims},
        {name: essentials(resolve(params, name)) for name in tried},
    ]
    said = {name: [claim.says, claim.source] for name, claim in claims}
    shown = (paths.SOURCE, paths.metric(CLAIMS), *read)
    labels = labels_of_claims(params, winners)
    judged = metric(CLAIMS, *read, *winners_of(params, compared), content=content)
    return {
        f"metric-{CLAIMS}": judged,
        "figure-claims": Step(paths.figure("claims"), shown, [said, labels], DRAWING),
        "table-claims": Step(paths.table("claims"), shown, [said, labels], TABULATING),
    }


def metric(name: str, *inputs: str, content: Any = None) -> Step:
    """A file of reports/metrics; `content` is what of the params decides it."""
    return Step((paths.metric(name),), inputs, content, COUNTING)


def figure(params: Params, name: str, source: Source | None, winners: Winners | None) -> Step:
    """A study's figure; an architecture is drawn from its models alone."""
    study, content = params.studies[name], content_of(params, name, winners)
    if KINDS[study.kind].results:
        read = (paths.figure(name), inputs_of(params, name, winners), content, DRAWING)
        digits = (test_digits(params, source),) if study.kind == "confused" and source else ()
        return Step(*read, pair_sets=digits, committed=committed(study))
    models = [asdict(resolve(params, variant).model) for variant in study.variants]
    return Step(paths.figure(name), (), [content, models], DRAWING)


def test_digits(params: Params, source: Source) -> str:
    """Name the file of the test digits."""
    return paths.test_digits(sets.pairs_path(params, source, 0))


def table(params: Params, name: str, winners: Winners | None) -> Step:
    """A study's table; one that compares says which of the rates tried have won."""
    study, content = params.studies[name], content_of(params, name, winners)
    if KINDS[study.kind].compares:
        content.append(rates_tried(params, study.variants))
    made = (paths.table(name), inputs_of(params, name, winners), content, TABULATING)
    return Step(*made, committed=committed(study))


def published(params: Params, grids: Iterable[str]) -> dict[str, Any]:
    """What the winners of grids are compared with, as plain data."""
    return {grid: essentials(of) for grid, of in rivals(params, grids).items()}


def committed(study: Study) -> tuple[str, ...]:
    """Name the committed files that a study's product shows: other processors' results."""
    kind = KINDS[study.kind]
    return (paths.PROCESSORS,) if kind.spread else costs() if kind.answers else ()


def costs() -> tuple[str, ...]:
    """Name the committed files that ladders show: what runs cost, and what others published."""
    return paths.BEYOND, str(paths.PUBLIC)


def content_of(params: Params, name: str, winners: Winners | None) -> list[Any]:
    """What of the params a study's product shows: the study itself, and labels of variants."""
    study = params.studies[name]
    labelled = KINDS[study.kind].labelled
    if KINDS[study.kind].trials:
        searched = (params.search.grids[name.removesuffix(SELECTED)] for name in study.variants)
        return [study.model_dump(), [grid.model_dump() for grid in searched]]
    if KINDS[study.kind].repeats:
        grids = grid_labels(params, study.variants)
        return [study.model_dump(), grids, published(params, grids)]
    return [study.model_dump(), labels_of(params, study, winners or {}) if labelled else None]


def inputs_of(params: Params, study: str, winners: Winners | None) -> tuple[str, ...]:
    """What a study's product shows: the results of its variants, who won where it shows that."""
    variants = params.studies[study].variants
    if KINDS[params.studies[study].kind].repeats:
        return (paths.SOURCE, *searched(params, params.studies[study]))
    if KINDS[params.studies[study].kind].trials:
        # Who won, too: what picks the winner fails where a trial saw what it should not.
        folds = map(paths.search, tried(params, params.studies[study]))
        return (paths.SOURCE, *winners_of(params, variants), *folds)
    results = plan.results_of(params, variants, winners or {})
    read = (paths.SOURCE, *winners_of(params, variants), *results)
    if not KINDS[params.studies[study].kind].answers:
        return read
    return (*read, *(paths.answers(Path(file).stem) for file in results))


def tried(params: Params, study: Study) -> list[str]:
    """What the names of the results end in that a study of trials shows: of each rung."""
    grids = [name.removesuffix(SELECTED) for name in study.variants]
    return [suffix for grid in grids for suffix in groups.suffixes_of(params, grid)]


def searched(params: Params, study: Study) -> tuple[str, ...]:
    """Name the results of the searches that a study of repeats shows."""
    grids = (name.removesuffix(SELECTED) for name in study.variants)
    suffixes = (*(groups.suffix_of(params, grid) for grid in grids), f"-{study.group}")
    return tuple(dict.fromkeys(map(paths.search, suffixes)))
