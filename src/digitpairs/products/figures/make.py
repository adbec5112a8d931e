"""Makes figures from files. One that does not come from full MNIST says so."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.pairs import pairset
from digitpairs.products.figures import pairs, plotting, search
from digitpairs.products.numbers.make import read_csv
from digitpairs.runs import collect, plan
from digitpairs.study.kinds import FIXED_FIGURES, KINDS
from digitpairs.study.schema import Params, Study
from digitpairs.study.variants import resolve

Draw = Callable[[Study, Any], Figure]


def make_figure(params: Params, name: str, inputs: Sequence[str]) -> None:
    """Draw a study's figure, the `search` heat map, or sample `pairs` of seed 0.

    `inputs` are the files of its step.
    """
    with plotting.style():
        fixed = name in FIXED_FIGURES
        figure = draw_fixed(params, name) if fixed else draw_study(params, name, inputs)
        # What is drawn from nets alone is the same whichever digits there are.
        note = known_source().note if paths.SOURCE in inputs else None
        plotting.save(figure, name, note)


def draw_fixed(params: Params, name: str) -> Figure:
    """Draw a figure that every report has."""
    if name == "search":
        return search.draw(read_csv("search.csv"))
    sample = plan.pairs_path(params.pairs, known_source(), 0)
    return pairs.draw(pairset.load(Path(sample))["train"])


def draw_study(params: Params, name: str, inputs: Sequence[str]) -> Figure:
    """Draw a study: a file of this folder has its kind's name."""
    study = params.studies[name]
    draw: Draw = import_module(f"digitpairs.products.figures.{study.kind}").draw
    if not KINDS[study.kind].results:
        return draw(study, {variant: resolve(params, variant) for variant in study.variants})
    return draw(study, collect.read(*(path for path in inputs if path.endswith(".parquet"))))
