"""The steps whose products have fixed names, and all that each product is made from.

A run's record carries its identity in its path. `data/results/search.parquet` or `figure3.pdf`
cannot: for these, this table says which settings, which code and which other products decide
their content. `stamps` holds products against it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, FiniteFloat

from digitpairs import mnist, plan
from digitpairs.files import write_text
from digitpairs.mnist import Source
from digitpairs.params import (
    FIGURE_FORMATS,
    FIGURE_KINDS,
    TABLE_KINDS,
    Params,
    studies,
)
from digitpairs.spec import PAIR_MODULES, digest, fingerprint
from digitpairs.variants import resolve

RAW, RESULTS, REPORTS = Path("data/raw"), Path("data/results"), Path("reports")
SOURCE = str(RAW / "source.json")
SEARCH, EVALUATION = (str(RESULTS / f"{name}.parquet") for name in ("search", "evaluation"))
SELECTED = str(RESULTS / "selected.json")
DONE = ".done"  # what the job of a block leaves beside its list

COLLECTING = ("results", "spec", "sizes")
SELECTING = ("selection", "results")
DRAWING = (
    "report",
    "plotting",
    "figures",
    "labels",
    "statistics",
    "architecture",
    "models",
    "pairs",
    "idx",
    "spec",
    "sizes",
)
TABLE_MODULES = ("report", "tables", "labels")
METRIC_MODULES = ("report", "metrics", "paper", "results", "selection", "statistics")


@dataclass(frozen=True)
class Step:
    """What a step makes, and from what: other steps' products, settings, modules of code."""

    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    settings: Any
    code: tuple[str, ...]

    @property
    def plan(self) -> str:
        """Digest of the settings and the code."""
        return digest([self.settings, fingerprint(*self.code)])


def steps(params: Params) -> dict[str, Step]:
    """Name every step, as things stand: which digits lie there, who won the search."""
    source, winners = read_source(), read_winners()
    return {**data_steps(params, source, winners), **report_steps(params, source)}


def data_steps(
    params: Params, source: Source | None, winners: dict[str, Any] | None
) -> dict[str, Step]:
    """Digits to collected results. Runs and pair sets are named by their paths' digests."""
    pair_sets, searched, evaluated = run_paths(
        params.model_dump_json(), source, json.dumps(winners)
    )
    raw = tuple(str(RAW / name) for name in mnist.MNIST_MD5)
    return {
        "digits": Step((*raw, SOURCE), (), params.data.model_dump(), ("mnist", "idx")),
        "pairs": Step(pair_sets, (SOURCE,), pair_sets, PAIR_MODULES),
        "search": Step((SEARCH,), (SOURCE,), searched, COLLECTING),
        "select": Step((SELECTED,), (SEARCH,), None, SELECTING),
        "evaluation": Step((EVALUATION,), (SOURCE, SELECTED), evaluated, COLLECTING),
    }


def report_steps(params: Params, source: Source | None) -> dict[str, Step]:
    """Metrics, figures and tables."""
    figures = {name: figure(params, name) for name in studies(params, FIGURE_KINDS)}
    sample = plan.pairs_path(params, source, 0) if source else None
    products = {
        "metrics-evaluation": metric("evaluation.csv", EVALUATION),
        "metrics-curves": metric("curves.csv", EVALUATION),
        "metrics-search": metric("search.csv", SEARCH),
        "metrics-summary": metric("summary.csv", metric_path("evaluation.csv")),
        "metrics-metrics": metric("metrics.json", SOURCE, metric_path("summary.csv")),
        # The path of the sample says what is in it: other seeds are no news to it.
        "figure-pairs": Step(figure_paths("pairs"), (SOURCE,), sample, DRAWING),
        "figure-search": Step(
            figure_paths("search"), (SOURCE, metric_path("search.csv")), None, DRAWING
        ),
        **{f"figure-{name}": step for name, step in figures.items()},
        **{f"table-{name}": table(params, name) for name in studies(params, TABLE_KINDS)},
    }
    # Forgets the products of studies that are gone: due as long as there are any.
    return {**products, "tidy": Step((), (), unplanned([*products, "tidy"]), ())}


def unplanned(names: Iterable[str]) -> list[str]:
    """Name the steps of the report that left a stamp and are no longer planned."""
    stamps = (REPORTS / "made").glob("[!.]*.json")  # no dot: not one that is being written
    return sorted({stamp.stem for stamp in stamps}.difference(names))


def metric(name: str, *inputs: str) -> Step:
    """A file of reports/metrics."""
    return Step((metric_path(name),), inputs, None, METRIC_MODULES)


def figure(params: Params, name: str) -> Step:
    """A study's figure; an architecture is drawn from its models alone."""
    study = params.studies[name]
    if study.kind == "architecture":
        models = [asdict(resolve(params, variant)) for variant in study.variants]
        return Step(figure_paths(name), (), [study.model_dump(), models], DRAWING)
    inputs = (SOURCE, metric_path("evaluation.csv"), metric_path("curves.csv"))
    return Step(figure_paths(name), inputs, study.model_dump(), DRAWING)


def table(params: Params, name: str) -> Step:
    """A study's table."""
    return Step(
        tuple(str(REPORTS / "tables" / f"{name}.{ending}") for ending in ("tex", "md")),
        (SOURCE, SELECTED, metric_path("evaluation.csv"), metric_path("summary.csv")),
        [params.studies[name].model_dump(), params.training.seeds],
        TABLE_MODULES,
    )


def figure_paths(name: str) -> tuple[str, ...]:
    """The files of a figure."""
    return tuple(str(REPORTS / "figures" / f"{name}.{ending}") for ending in FIGURE_FORMATS)


def metric_path(name: str) -> str:
    """A file of reports/metrics."""
    return str(REPORTS / "metrics" / name)


@lru_cache(maxsize=4)
def run_paths(
    params: str, source: Source | None, winners: str
) -> tuple[tuple[str, ...], str | None, str | None]:
    """Paths of the pair sets; digests over the runs searched and evaluated. As far as known.

    Takes its arguments as JSON, so that they can be remembered: thousands of digests.
    """
    if source is None:
        return (), None, None
    settings, won = Params.model_validate_json(params), json.loads(winners)
    pair_sets = tuple(plan.pairs_path(settings, source, seed) for seed in plan.seeds(settings))
    searched = named(plan.search_runs(settings, source))
    evaluated = None if won is None else named(plan.evaluation_runs(settings, source, won))
    return pair_sets, searched, evaluated


def named(runs: Iterable[plan.PlannedRun]) -> str:
    """Digest of the runs in their order, each with its variant's name."""
    return digest([[run.name, run.path] for run in runs])


def read_source() -> Source | None:
    """Read which digits lie in data/raw; None before they are fetched."""
    try:
        source = mnist.read_source(RAW)
        return source if source.name in mnist.CHECKSUMS else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Winner(BaseModel):
    """What `selected.json` says of a family's winner that runs hang on."""

    hidden: list[int]
    channels: list[int]
    learning_rate: FiniteFloat


def read_winners() -> dict[str, Any] | None:
    """Read the search's winners; None before they are known."""
    try:
        winners = json.loads(Path(SELECTED).read_text(encoding="utf-8")).items()
        return {family: Winner(**winner).model_dump() for family, winner in winners}
    except (OSError, ValueError, AttributeError, TypeError):
        return None


def upstream(steps: Mapping[str, Step], name: str) -> set[str]:
    """Name all steps whose products a step hangs on."""
    near = {maker(steps, path) for path in steps[name].inputs}
    return near.union(*(upstream(steps, other) for other in near))


def maker(steps: Mapping[str, Step], path: str) -> str:
    """Name the step that makes a product."""
    return next(name for name, step in steps.items() if path in step.outputs)


def write_params(params: Params, folder: Path) -> Path:
    """Write the params in full, for jobs to read: later edits do not reach a job under way."""
    text = yaml.safe_dump(params.model_dump(), sort_keys=False)
    path = folder / f"params-{digest(text)}"
    if not path.exists():
        write_text(path, text)
    return path


def write_blocks(runs: Iterable[plan.PlannedRun], size: int, folder: Path) -> list[Path]:
    """Cut the runs that have no record into blocks, each the work of one job; list each in a file.

    A block is named by its runs, so that each start finds the same one, or what is left.
    """
    missing = {run.path: run for run in runs if not Path(run.path).exists()}
    files = []
    for block in plan.cut(list(missing.values()), size):
        records = [run.path for run in block]
        files.append(folder / f"{block[0].name}-{digest(records)}.txt")
        files[-1].with_suffix(DONE).unlink(missing_ok=True)  # of records that were lost since
        if not files[-1].exists():
            write_text(files[-1], "\n".join(records) + "\n")
    return files
