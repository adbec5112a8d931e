"""Makes a study's table from files: in LaTeX, and with what it comes to in Markdown and HTML."""

from collections.abc import Collection, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.files import write_text
from digitpairs.products.labels import (
    either,
    grid_labels,
    labels_of,
    labels_of_claims,
    printed_labels,
)
from digitpairs.products.numbers import ladder, places, spread, trials
from digitpairs.products.numbers.paper import PROTOCOL, Protocol, protocols
from digitpairs.products.numbers.standings import standings
from digitpairs.products.tables import budget, claims, paper, winners
from digitpairs.products.tables import trials as trials_table
from digitpairs.products.tables.render import html, latex, markdown
from digitpairs.products.tables.rows import rows
from digitpairs.runs import collect, plan
from digitpairs.runs.collect import per_run
from digitpairs.search.ranking import ranking, read_winners
from digitpairs.search.winners import entrants
from digitpairs.study.grid import rates_tried, rivals
from digitpairs.study.groups import suffixes_of
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params, Study
from digitpairs.study.space import as_trained
from digitpairs.study.variants import SELECTED


class Content(NamedTuple):
    """What a table says: its rows, its caption in sentences, and what they come to."""

    frame: pd.DataFrame
    sentences: Sequence[str]
    findings: Iterable[str] = ()


def make_table(params: Params, name: str, inputs: Sequence[str]) -> None:
    """Write a study's table, or that of `claims` or `paper`; `inputs` are the files of its step."""
    match name:
        case "claims":
            content = claims_content(params, inputs)
        case "paper":
            content = paper_content(params)
        case _ if KINDS[params.studies[name].kind].spread:
            content = spread_content(params, params.studies[name], inputs)
        case _ if KINDS[params.studies[name].kind].trials:
            content = trials_content(params, params.studies[name])
        case _ if KINDS[params.studies[name].kind].answers:
            content = answers_content(params, params.studies[name], inputs)
        case _ if KINDS[params.studies[name].kind].repeats:
            content = search_content(params, params.studies[name], inputs)
        case _:
            content = study_content(params, params.studies[name], inputs)
    note, text = known_source().note, " ".join(filter(None, content.sentences))
    tex, md, page = map(Path, paths.table(name))
    write_text(tex, latex(content.frame, name, text, note))
    in_markdown = markdown(content.frame, text, note, content.findings)
    write_text(md, in_markdown)
    write_text(page, html(in_markdown))


def study_content(params: Params, study: Study, inputs: Sequence[str]) -> Content:
    """What a study's table says."""
    won = read_winners(params) or {}
    kind = import_module(f"{__package__}.{study.kind}")
    results = collect.read(inputs)
    settings = plan.settings_of(params, study.variants, won)
    labels = labels_of(params, study, won)
    frame = rows(results, labels, kind.cells(study, results, settings))
    findings: Iterable[str] = ()
    sentences = [caption(study, kind.NOTE, protocols(results).values())]
    if KINDS[study.kind].compares:
        findings = kind.findings(study, results, labels)
        tried = rates_tried(params, study.variants)
        sentences += kind.remarks(study, results, labels, tried, won)
    return Content(frame, [*sentences, places.differences(results)], findings)


def spread_content(params: Params, study: Study, inputs: Sequence[str]) -> Content:
    """What a table of the spread over seeds says."""
    results, labels = collect.read(inputs), labels_of(params, study, read_winners(params) or {})
    found = spread.budget(results)
    return Content(
        budget.frame(found, labels),
        [f"{budget.title(study, found)}.", places.differences(results)],
        list(budget.findings(found, labels)),
    )


def answers_content(params: Params, study: Study, inputs: Sequence[str]) -> Content:
    """What a table of what nets make of single digits says."""
    kind = import_module(f"{__package__}.{study.kind}")
    results, labels = (
        collect.read(paths.without_answers(inputs)),
        labels_of(params, study, read_winners(params) or {}),
    )
    found = ladder.rungs(results, labels, from_first=study.kind == "limits")
    sentences = [f"{kind.title(study, found)}.", places.differences(results)]
    return Content(kind.frame(found, labels), sentences, list(kind.findings(found, labels)))


def search_content(params: Params, study: Study, inputs: Sequence[str]) -> Content:
    """What a table of the search and its repeats says."""
    folds, grids = per_run(collect.read(inputs)), grid_labels(params, study.variants)
    found = standings(folds[folds["variant"].isin(grids)], rivals(params, grids))
    return Content(
        winners.frame(found, grids),
        [f"{winners.title(study, found)}.", places.differences(folds)],
        list(winners.findings(found, grids)),
    )


def trials_content(params: Params, study: Study) -> Content:
    """What a table of a strategy's trials says."""
    (grid,) = (name.removesuffix(SELECTED) for name in study.variants)
    files = map(paths.search, suffixes_of(params, grid))
    rungs = [per_run(collect.read([file])) for file in files]
    ranked = [ranking(runs) for runs in rungs]
    judged = [entrants(params, grid, place, table) for place, table in enumerate(ranked)]
    found = trials.trials(ranked, judged)
    found["setting"] = [as_trained(params, setting) for setting in found["setting"]]
    title = trials_table.title(study, trials.seen(rungs), [judged_on(runs) for runs in rungs])
    return Content(
        trials_table.frame(found, list(params.search.grids[grid].space), len(rungs)),
        [f"{title}.", places.differences(pd.concat(rungs))],
        list(trials_table.findings(found, len(rungs))),
    )


def judged_on(runs: pd.DataFrame) -> str:
    """Say how many trials a rung judges, on how many folds of how many pair sets."""
    trials = runs["run"].str.split("/").str[0].nunique()
    sets, folds = runs["seed"].nunique(), runs["fold"].nunique()
    return f"{trials} on {sets} sets × {folds} {'fold' if folds == 1 else 'folds'}"


def claims_content(params: Params, inputs: Sequence[str]) -> Content:
    """What the table of the claims says."""
    found, results = pd.read_csv(paths.metric("claims.csv")), collect.read(inputs)
    labels = labels_of_claims(params, read_winners(params) or {})
    trained_by = protocols(results[results["fold"] < 0]).values()
    others = sorted({str(protocol) for protocol in trained_by if protocol != PROTOCOL})
    about = f"Not by the paper's protocol: {'; '.join(others)}." if others else ""
    return Content(
        claims.rows(found, params.claims, labels),
        [f"{claims.title(found)}.", about, places.differences(results)],
        claims.findings(found, params.claims),
    )


def paper_content(params: Params) -> Content:
    """What the table of our numbers beside the paper's says."""
    found = pd.read_csv(paths.metric("paper.csv"))
    about = "" if len(found) else "None here: no run follows the paper's protocol."
    return Content(paper.rows(found, printed_labels(params)), [f"{paper.TITLE}.", about])


def caption(study: Study, note: str, trained_by: Collection[Protocol]) -> str:
    """Say what is shown, over how many runs, in plain text; and by which protocol but the paper's.

    `note` is what the kind of table adds.
    """
    seeds = either(protocol.seeds for protocol in trained_by)
    others = sorted({str(protocol) for protocol in trained_by if protocol != PROTOCOL})
    papers = any(protocol.is_papers_task for protocol in trained_by)
    chosen = ", as the paper's numbers are" if papers else ""
    text = (
        f"{study.title}. Test accuracy, mean and standard deviation over {seeds} seeds. "
        f"The best epoch is chosen on the test set{chosen}. "
        "Many pairs: the final epoch on pairs of all test digits. "
        f"WS: weight sharing{note}."
    )
    if not others:
        return text
    if papers:
        return f"{text} Not the paper's protocol, so its numbers are left out: {'; '.join(others)}."
    return f"{text} Trained on {'; '.join(others)}."
