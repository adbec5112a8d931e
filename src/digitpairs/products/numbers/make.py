"""Makes the files of reports/metrics, each from files."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.files import write_text
from digitpairs.products.labels import labels_of
from digitpairs.products.numbers import ladder, metrics
from digitpairs.products.numbers.beside import beside
from digitpairs.products.numbers.claims import claims
from digitpairs.products.numbers.grouped import grouped
from digitpairs.products.numbers.standings import standings
from digitpairs.products.numbers.trained import trained
from digitpairs.runs import collect, plan
from digitpairs.search.ranking import read_winners
from digitpairs.study.grid import rivals
from digitpairs.study.groups import grids_repeated, ladders, tables_of_groups
from digitpairs.study.schema import Params

TABLES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {  # made from collected results
    "evaluation.csv": metrics.evaluation,
    "curves.csv": metrics.curves,
    "search.csv": metrics.search,
    "summary.csv": metrics.summary,
    "paper.csv": beside,
    "protocol.csv": trained,
}


STANDINGS = [
    *("grid", "channels", "hidden", "options", "aux_weight", "recipe", "learning_rate"),
    *("parameters", "searches", "mean", "std", "rank", "wins", "winner", "chosen", "behind"),
    *("p_holm", "standing", "published"),
]


def make_metric(params: Params, name: str, inputs: Sequence[str]) -> None:
    """Write a file of reports/metrics; `inputs` are the files of its step."""
    if name in TABLES:
        content = as_csv(TABLES[name](collect.read(inputs)))
    elif name == "claims.csv":
        content = as_csv(claims(params, collect.read(inputs), read_winners(params) or {}))
    elif name == "groups.csv":
        content = as_csv(of_groups(params))
    elif name == "ladder.csv":
        content = as_csv(of_ladders(params))
    elif name == "standings.csv":
        content = as_csv(of_repeats(params, inputs))
    else:
        summary = pd.read_csv(paths.metric("summary.csv"))
        headline = metrics.headline(summary, known_source().name)
        content = json.dumps(headline, indent=2) + "\n"
    write_text(Path(paths.metric(name)), content)


def of_groups(params: Params) -> pd.DataFrame:
    """What the tables of groups show whose results are there."""
    shown = {name: params.studies[name] for name in tables_of_groups(params)}
    winners = read_winners(params) or {}
    results = {
        name: collect.read(plan.results_of(params, study.variants, winners))
        for name, study in shown.items()
    }
    return grouped(shown, results)


def of_ladders(params: Params) -> pd.DataFrame:
    """The rungs of ladders whose results are there, or that are made by default."""
    shown, winners = ladders(params), read_winners(params) or {}
    found = [
        ladder.rungs(
            collect.read(plan.results_of(params, study.variants, winners)),
            labels_of(params, study, winners),
        )
        for study in shown.values()
    ]
    return ladder.ladders(shown, found)


def of_repeats(params: Params, inputs: Sequence[str]) -> pd.DataFrame:
    """How configurations stand over repeats of the search, where these were made."""
    if not (grids := grids_repeated(params)):
        return pd.DataFrame(columns=STANDINGS)
    folds = collect.per_run(collect.read(inputs))
    found = standings(folds[folds["variant"].isin(grids)], rivals(params, grids))
    return found.assign(grid=found["variant"], winner=found["wins"] > 0)[STANDINGS]


def as_csv(frame: pd.DataFrame) -> str:
    """Write a frame as text."""
    return str(frame.to_csv(index=False, float_format="%.6g"))
