"""Makes reports/index.html: one file, with its style, scripts, numbers and nets inside."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.files import write_text
from digitpairs.pairs.pool import pool_of
from digitpairs.products.labels import label_of, labels_among, labels_of, labels_of_claims
from digitpairs.products.numbers.paper import PUBLISHED, trained_as
from digitpairs.products.page import content
from digitpairs.products.page.chosen import STYLE, TEMPLATE, curves_of, runs_of, scripts
from digitpairs.runs import collect
from digitpairs.runs.pair_sets import load_pools
from digitpairs.runs.plan import PlannedRun, Winners
from digitpairs.search.ranking import read_winners, setting_of
from digitpairs.study.grid import rival
from digitpairs.study.schema import Params
from digitpairs.study.task import task_of
from digitpairs.study.variants import SELECTED

EXAMPLES = 2  # of each digit, to load into a canvas

Data = dict[str, Any]


def make_page(params: Params, inputs: Sequence[str], say: Callable[[str], None]) -> None:
    """Write the page; `inputs` are the files of its step."""
    source, winners = known_source(), read_winners(params) or {}
    summary = pd.read_csv(paths.metric("summary.csv"))
    labels = labels_among(params, summary["variant"], winners)
    data: Data = {"ladder": list(content.ladder(summary, labels))}
    text = f"{len(summary)} nets, {summary['runs'].sum():,} runs."
    if params.claims:
        found = pd.read_csv(paths.metric("claims.csv"))
        compared = labels_of_claims(params, winners)
        data["claims"] = list(content.cards(found, params.claims, compared))
        text = content.lead(found)
    if study := curves_of(params):
        shown = labels_of(params, params.studies[study], winners)
        data["curves"] = list(content.curves(collect.read(inputs), shown))
    if runs := runs_of(params, source, winners):
        data["nets"] = list(trained_nets(params, runs, winners, say))
        data["examples"] = examples(params)
    write_text(Path(paths.PAGE), render(data, text, source.note))


def trained_nets(
    params: Params, runs: Mapping[str, PlannedRun], winners: Winners, say: Callable[[str], None]
) -> Iterator[Data]:
    """Train the nets that answer what is drawn."""
    from digitpairs.products.page import nets  # and torch: slow to import

    labels = labels_among(params, runs, winners)
    for name, run in runs.items():
        net = nets.as_data(nets.trained(params, run, say))
        yield {"label": labels[name], "about": about(params, name, run), **net}


def about(params: Params, name: str, run: PlannedRun) -> str:
    """Say which net answers; of a winner of the search, what its label is a change of."""
    seed = f"seed {run.spec.seed}"
    if name not in params.variants:
        base = label_of(params, rival(params, name.removesuffix(SELECTED)))
        return f"{base}, changed and selected by the search; {seed}"
    published = trained_as(setting_of(run.spec)) in PUBLISHED
    return f"As published; {seed}" if published else seed.capitalize()


def examples(params: Params) -> list[Data]:
    """Take the first test digits of each class."""
    pool = pool_of(load_pools(params, known_source())["test"], task_of(params).side)
    rows = [row for digit in range(10) for row in (pool.labels == digit).nonzero()[0][:EXAMPLES]]
    return content.pixels(pool.pixels[rows], pool.labels[rows])


def render(data: Data, lead: str, note: str | None) -> str:
    """Fill the template: nothing of the data can end the script that holds it."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return template.render(
        lead=lead,
        note=note,
        has=data.keys(),
        style=STYLE.read_text(encoding="utf-8"),
        script="\n".join(file.read_text(encoding="utf-8") for file in scripts()),
        data=text.replace("<", "\\u003c"),
    )
