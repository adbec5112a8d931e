"""Makes figures from files. One that does not come from full MNIST says so."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.pairs import pairset, pool
from digitpairs.products.figures import claims, confused, pairs, plotting, ranks, search
from digitpairs.products.labels import grid_labels, labels_of, labels_of_claims
from digitpairs.products.numbers import answered, ladder, places
from digitpairs.runs import collect, sets
from digitpairs.runs.collect import per_run
from digitpairs.search.ranking import read_winners
from digitpairs.study.grid import rivals
from digitpairs.study.kinds import FIXED_FIGURES, KINDS
from digitpairs.study.schema import Params, Study
from digitpairs.study.task import task_of
from digitpairs.study.variants import resolve


def make_figure(params: Params, name: str, inputs: Sequence[str]) -> None:
    """Draw a study's figure, the `search` heat map, the `claims`, or sample `pairs` of seed 0.

    `inputs` are the files of its step.
    """
    read = paths.without_answers(inputs)
    results = collect.read(read) if shows_runs(params, name) else None
    with plotting.style():
        match name:
            case "pairs":
                sample = sets.pairs_path(params, known_source(), 0)
                figure = pairs.draw(pairset.load(Path(sample))["train"], task_of(params))
            case "search":
                figure = search.draw(results)
            case "claims":
                found = pd.read_csv(paths.metric("claims.csv"))
                labels = labels_of_claims(params, read_winners(params) or {})
                figure = claims.draw(found, params.claims, labels)
            case _:
                figure = draw_study(params, params.studies[name], results)
        plotting.save(figure, name, notes(inputs, results))


def shows_runs(params: Params, name: str) -> bool:
    """Whether a figure shows what runs came to."""
    if name in FIXED_FIGURES:
        return name != "pairs"
    return KINDS[params.studies[name].kind].results


def draw_study(params: Params, study: Study, results: pd.DataFrame | None) -> Figure:
    """Draw a study: a file of this folder has its kind's name."""
    kind = KINDS[study.kind]
    if kind.repeats and results is not None:
        return draw_search(params, study, results)
    if kind.answers and results is not None:
        return draw_answers(params, study, results)
    draw: Callable[..., Figure] = import_module(f"{__package__}.{study.kind}").draw
    content = results if kind.results else {name: resolve(params, name) for name in study.variants}
    labels = [labels_of(params, study, read_winners(params) or {})] if kind.labelled else []
    return draw(study, content, *labels)


def draw_answers(params: Params, study: Study, results: pd.DataFrame) -> Figure:
    """Draw a study of what nets make of single digits; `confused` shows those of the last one."""
    labels = labels_of(params, study, read_winners(params) or {})
    if study.kind == "confused":
        digits = Path(paths.test_digits(sets.pairs_path(params, known_source(), 0)))
        asked = answered.of_variant(list(labels)[-1])
        return confused.draw(study, asked, pool.load(digits), task_of(params), labels)
    draw: Callable[..., Figure] = import_module(f"{__package__}.{study.kind}").draw
    return draw(study, ladder.rungs(results, labels), labels)


def draw_search(params: Params, study: Study, results: pd.DataFrame) -> Figure:
    """Draw a study of the search and its repeats."""
    folds, grids = per_run(results), grid_labels(params, study.variants)
    published = rivals(params, grids)
    return ranks.draw(study, folds[folds["variant"].isin(grids)], published, grids)


def notes(inputs: Sequence[str], results: pd.DataFrame | None) -> list[str]:
    """What stands at a figure's foot: which digits it shows, and where its runs differ in place.

    What is drawn from nets alone is the same whichever digits there are.
    """
    digits = known_source().note if paths.SOURCE in inputs else None
    found = [digits, None if results is None else places.differences(results)]
    return [note for note in found if note]
