"""The steps whose products have fixed names, and all that each product is made from.

A run's record carries its identity in its path. `data/results/search.parquet` or `figure3.pdf`
cannot: for these, this table says which params, which code and which other products decide their
content. `stamps` holds products against it. Rules take their files from here.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from digitpairs import paths
from digitpairs.digits.source import MNIST_MD5, Source, read_source
from digitpairs.identity import PAIRS, digest, fingerprint
from digitpairs.products.labels import label_of, labels_of
from digitpairs.runs import plan
from digitpairs.runs.plan import PlannedRun, Winners
from digitpairs.search.ranking import read_winners
from digitpairs.study import groups
from digitpairs.study.grid import rates_tried
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params, studies
from digitpairs.study.variants import SELECTED, resolve

# Code by folder, or the one file of a folder that a step uses.
DRAWING_PAIRS = (*PAIRS, "runs/pair_sets.py")
COLLECTING = ("runs/collect.py",)
SELECTING = ("search", *COLLECTING)
COUNTING = ("products/numbers", "models/registry.py", *SELECTING)
DRAWING = ("products/figures", "products/labels.py", *COUNTING, "models", *PAIRS)
KEEPING = ("runs/one.py", "runs/weights.py")
DESCRIBING = ("products/card.py", "products/labels.py", *KEEPING, *COUNTING, "models", *PAIRS)
TABULATING = ("products/tables", "products/labels.py", *COUNTING)

METRICS = ("evaluation.csv", "curves.csv", "search.csv", "summary.csv", "metrics.json")
# Steps whose products are data: these, and one a variant.
DATA = ("digits", "pairs", "search", "select", "evaluation", "weights", "model")
KEPT = ("weights", "model")  # made by `snakemake model` alone
VARIANT = "variant-"


@dataclass(frozen=True)
class Step:
    """What a step makes, and from what: other steps' products, params, places of code.

    `pair_sets` are read too. Their paths say what is in them, so that they make no step due.
    """

    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    params: Any
    code: tuple[str, ...]
    pair_sets: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Digest of the params and the code."""
        return digest([self.params, fingerprint(*self.code)])


Steps = Mapping[str, Step]


@dataclass(frozen=True)
class AllRuns:
    """All runs, as far as they are known: the search's, and each variant's.

    `pair_sets` are the files that these read: a pair set a seed, and the test digits.
    """

    pair_sets: tuple[str, ...]
    searched: dict[str, list[PlannedRun]]  # by what the names of its results end in
    evaluated: dict[str, list[PlannedRun]]

    @cached_property
    def search_digests(self) -> dict[str, str]:
        """Digest of each search's runs."""
        return {suffix: digest_of(runs) for suffix, runs in self.searched.items()}

    @cached_property
    def variant_digests(self) -> dict[str, str]:
        """Digest of each variant's runs."""
        return {name: digest_of(runs) for name, runs in self.evaluated.items()}


def steps(params: Params) -> dict[str, Step]:
    """Name every step, as things stand: which digits lie there, who won the search."""
    stamped = tuple(frozenset(stamped_steps(folder)) for folder in paths.STAMPS)
    winners = json.dumps(read_winners())
    return steps_from_json(params.model_dump_json(), read_source(), winners, stamped)


@lru_cache(maxsize=4)
def steps_from_json(
    params: str, source: Source | None, winners: str, stamped: tuple[frozenset[str], ...]
) -> dict[str, Step]:
    """Name every step; the arguments are all that it depends on, so that it can be remembered.

    Snakemake asks for the steps some hundred times while it builds its graph. `params` and
    `winners` are JSON; `stamped` are the steps that left a stamp in each folder.
    """
    given, won = Params.model_validate_json(params), json.loads(winners)
    data = data_steps(given, all_runs_with(given, source, won))
    return {**data, **report_steps(given, source, won)}


def data_steps(params: Params, known: AllRuns) -> dict[str, Step]:
    """Digits to collected results. Runs and pair sets are named by their paths' digests."""
    raw = tuple(str(paths.RAW / name) for name in MNIST_MD5)
    # The folder that is named does not count: each start checks that it holds what is in data/raw.
    source = [asdict(own)] if (own := params.data.own) else params.data.source
    data = {
        "digits": Step((*raw, paths.SOURCE), (), source, ("digits",)),
        "pairs": Step(known.pair_sets, (paths.SOURCE,), known.pair_sets, DRAWING_PAIRS),
    }
    for suffix, runs in known.search_digests.items():
        results = (paths.search(suffix),)
        data[f"search{suffix}"] = Step(results, (paths.SOURCE,), runs, COLLECTING)
        data[f"select{suffix}"] = Step((paths.winners(suffix),), results, None, SELECTING)
    for name, runs in known.variant_digests.items():
        read = (paths.SOURCE, *winners_of(params, [name]))
        data[VARIANT + name] = Step((paths.variant(name),), read, runs, COLLECTING)
    data |= model_steps(params, known)
    # Deletes the results of variants that are gone. Those of a group stay: a clone does not know
    # who won its search, since DVC keeps the variants alone.
    inputs = (paths.WINNERS, *map(paths.variant, by_default(params, known.evaluated)))
    of_groups = [VARIANT + name for name in groups.owners(params)]
    gone = unplanned([*data, *of_groups, "evaluation"], "data")
    return {**data, "evaluation": Step((), inputs, gone, ())}


def model_steps(params: Params, known: AllRuns) -> dict[str, Step]:
    """The weights of the run that is kept, and the card that describes them."""
    if (kept := params.model) is None or not (runs := known.evaluated.get(kept.variant)):
        return {}  # nothing is kept, or the digits are not known yet
    (run,) = [run.path for run in runs if run.spec.seed == kept.seed]
    shown = (paths.SOURCE, paths.WEIGHTS, paths.variant(kept.variant))
    label = label_of(params, kept.variant)
    return {
        "weights": Step((paths.WEIGHTS,), (paths.SOURCE,), run, KEEPING),
        "model": Step((paths.CARD,), shown, [kept.variant, kept.seed, label], DESCRIBING),
    }


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


def stamp_path(name: str) -> Path:
    """Where a step's stamp lies: DVC tracks those of data, git those of reports."""
    if name.startswith(VARIANT):
        return paths.STAMPS["data"] / "variants" / f"{name.removeprefix(VARIANT)}.json"
    folder = "data" if name.startswith(DATA) else "reports"
    return paths.STAMPS[folder] / f"{name}.json"


def stamped_steps(folder: str) -> set[str]:
    """Name the steps that left a stamp in a folder."""
    made, no_dot = paths.STAMPS[folder], "[!.]*.json"  # a dot: one that is being written
    variants = {VARIANT + stamp.stem for stamp in made.glob(f"variants/{no_dot}")}
    return variants | {stamp.stem for stamp in made.glob(no_dot)}


def unplanned(names: Iterable[str], folder: str) -> list[str]:
    """Name the steps that left a stamp in a folder and are no longer planned."""
    return sorted(stamped_steps(folder).difference(names))


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


def winners_of(params: Params, variants: Iterable[str]) -> tuple[str, ...]:
    """Name the files that say which nets won, of those of the variants that are winners."""
    grids = (name.removesuffix(SELECTED) for name in variants if name not in params.variants)
    return tuple(dict.fromkeys(paths.winners(groups.suffix_of(params, grid)) for grid in grids))


def by_default(params: Params, names: Iterable[str]) -> list[str]:
    """Pick the variants and winners that are evaluated by default."""
    apart = groups.owners(params)
    return [name for name in names if name not in apart]


def default_steps(params: Params, graph: Iterable[str]) -> list[str]:
    """Pick the steps that no group of studies has for itself."""
    apart = {*KEPT, *(VARIANT + name for name in groups.owners(params))}
    for group in groups.groups(params):
        apart |= {f"search-{group}", f"select-{group}"}
        for study in groups.studies_of(params, group):
            apart |= {f"figure-{study}", f"table-{study}"}
    return [name for name in graph if name not in apart]


def checkpoints(steps: Iterable[str]) -> list[str]:
    """Pick the steps that decide what other steps there are."""
    return [name for name in steps if name == "digits" or name.startswith("select")]


def all_runs(params: Params) -> AllRuns:
    """Plan all runs, as things stand: which digits lie there, who won the search."""
    return all_runs_with(params, read_source(), read_winners())


def all_runs_with(params: Params, source: Source | None, winners: Winners | None) -> AllRuns:
    """Plan all runs with these digits and winners."""
    return runs_from_json(params.model_dump_json(), source, json.dumps(winners))


@lru_cache(maxsize=4)
def runs_from_json(params: str, source: Source | None, winners: str) -> AllRuns:
    """Plan all runs; arguments are JSON, so that thousands of digests can be remembered."""
    given, won = Params.model_validate_json(params), json.loads(winners) or {}
    evaluated: dict[str, list[PlannedRun]] = {name: [] for name in plan.evaluated(given, won)}
    searched: dict[str, list[PlannedRun]] = {suffix: [] for suffix in groups.suffixes(given)}
    if source is None:
        return AllRuns((), searched, evaluated)
    for run in plan.evaluation_runs(given, source, won):
        evaluated[run.name].append(run)
    pair_sets = [plan.pairs_path(given, source, seed) for seed in plan.seeds(given)]
    files = (*pair_sets, paths.test_digits(pair_sets[0]))
    suffix_of = {grid: groups.suffix_of(given, grid) for grid in given.search.grids}
    for run in plan.search_runs(given, source):
        searched[suffix_of[run.name]].append(run)
    return AllRuns(files, searched, evaluated)


def digest_of(runs: Iterable[PlannedRun]) -> str:
    """Digest of runs in their order, each with its variant's name."""
    return digest([[run.name, run.path] for run in runs])


def upstream(steps: Steps, name: str) -> set[str]:
    """Name all steps whose products a step depends on."""
    near = {maker(steps, path) for path in steps[name].inputs}
    return near.union(*(upstream(steps, other) for other in near))


def maker(steps: Steps, path: str) -> str:
    """Name the step that makes a product. Raises LookupError where none does."""
    for name, step in steps.items():
        if path in step.outputs:
            return name
    raise LookupError(f"no step makes {path}")
