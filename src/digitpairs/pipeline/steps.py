"""The steps whose products have fixed names, and all that each product is made from.

A run's record carries its identity in its path. `searches/search.parquet` or `figure3.pdf` cannot:
for these, this table says which params, which code and which other products decide their content.
`stamps` holds products against it. Rules take their files from here.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache

from digitpairs import paths
from digitpairs.digits.source import MNIST_MD5, Source, read_source
from digitpairs.identity import digest
from digitpairs.pipeline.report_steps import report_steps
from digitpairs.pipeline.step import (
    ANSWERING,
    ANSWERS,
    COLLECTING,
    DESCRIBING,
    DRAWING_PAIRS,
    KEEPING,
    OF_MODEL,
    SELECTING,
    VARIANT,
    Step,
    Steps,
    by_default,
    maker,
    stamped_steps,
    unplanned,
    winners_of,
)
from digitpairs.products.labels import label_of
from digitpairs.runs import plan, sets
from digitpairs.runs.plan import PlannedRun, Winners
from digitpairs.search.ranking import read_winners
from digitpairs.study import groups
from digitpairs.study.schema import Params
from digitpairs.study.searches import rungs_of
from digitpairs.study.variants import SELECTED


@dataclass(frozen=True)
class AllRuns:
    """All runs, as far as they are known: the search's, and each variant's.

    `pair_sets` are the files that these read: a pair set a seed, and the test digits.
    """

    pair_sets: tuple[str, ...]
    searched: dict[str, list[PlannedRun]]  # by what the names of its results end in
    evaluated: dict[str, list[PlannedRun]]
    larger_sets: tuple[str, ...] = ()  # pair sets that some variants alone read

    @cached_property
    def search_digests(self) -> dict[str, str]:
        """Digest of each search's runs."""
        return {suffix: digest_of_search(runs) for suffix, runs in self.searched.items()}

    @cached_property
    def variant_digests(self) -> dict[str, str]:
        """Digest of each variant's runs."""
        return {name: digest_of(runs) for name, runs in self.evaluated.items()}


def steps(params: Params) -> dict[str, Step]:
    """Name every step, as things stand: which digits lie there, who won the search."""
    stamped = tuple(frozenset(stamped_steps(folder)) for folder in paths.STAMPS)
    winners = json.dumps(read_winners(params))
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
    if larger := known.larger_sets:
        data[sets.LARGER] = Step(larger, (paths.SOURCE,), larger, DRAWING_PAIRS)
    repeats, rungs = groups.repeated(params), groups.rungs(params)
    for suffix, runs in known.search_digests.items():
        results = (paths.search(suffix),)
        data[f"search{suffix}"] = Step(results, (paths.SOURCE,), runs, COLLECTING)
        if suffix in rungs:
            data |= rung_steps(params, *rungs[suffix], runs)
        elif suffix not in repeats:  # of these, no winner is evaluated
            data[f"select{suffix}"] = Step((paths.winners(suffix),), results, None, SELECTING)
    for name, runs in known.variant_digests.items():
        read = (paths.SOURCE, *winners_of(params, [name]))
        data[VARIANT + name] = Step((paths.variant(name),), read, runs, COLLECTING)
    data |= answer_steps(params, known)
    data |= model_steps(params, known)
    # Deletes the results of variants that are gone. Those of a group stay: a clone does not know
    # who won its search, since DVC keeps the variants alone.
    inputs = (paths.WINNERS, *map(paths.variant, by_default(params, known.evaluated)))
    of_groups = [kind + name for name in groups.owners(params) for kind in (VARIANT, ANSWERS)]
    gone = unplanned([*data, *of_groups, "evaluation"], "data")
    return {**data, "evaluation": Step((), inputs, gone, ())}


def answer_steps(params: Params, known: AllRuns) -> dict[str, Step]:
    """What nets make of each test digit: of the variants whose answers studies show."""
    digits = known.pair_sets[-1:]  # the test digits
    asked = plan.looked_at(params)
    return {
        ANSWERS + name: Step(
            (paths.answers(name),),
            (paths.SOURCE, paths.variant(name)),
            known.variant_digests[name],
            ANSWERING,
            digits,
        )
        for name in known.evaluated
        if name in asked
    }


def rung_steps(params: Params, grid: str, rung: int, runs: str) -> dict[str, Step]:
    """Collect a rung of a strategy, whose trials the rung before let pass, and let some pass."""
    this, before = (f"-{groups.promoted(grid, place)}" for place in (rung, rung - 1))
    read = (paths.SOURCE, *([paths.winners(before)] if rung else []))
    results = (paths.search(this),)
    after = rungs_of(params.search.grids[grid])[rung + 1 :]
    kept = after[0].keep if after else 1
    return {
        f"search{this}": Step(results, read, runs, COLLECTING),
        f"select{this}": Step((paths.winners(this),), results, [grid, rung, kept], SELECTING),
    }


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


def default_steps(params: Params, graph: Iterable[str]) -> list[str]:
    """Pick the steps that no group of studies has for itself."""
    owned = groups.owners(params)
    apart = {*OF_MODEL, sets.LARGER, *(VARIANT + name for name in owned)}
    by_default = plan.looked_at(params, None)
    apart |= {ANSWERS + name for name in plan.looked_at(params) - by_default}
    for group in groups.groups(params):
        apart |= {f"search-{group}", f"select-{group}"}
        for study in groups.studies_of(params, group):
            apart |= {f"figure-{study}", f"table-{study}"}
    for suffix, (grid, _) in groups.rungs(params).items():
        if grid + SELECTED in owned:
            apart |= {f"search{suffix}", f"select{suffix}"}
    return [name for name in graph if name not in apart]


def checkpoints(steps: Iterable[str]) -> list[str]:
    """Pick the steps that decide what other steps there are."""
    return [name for name in steps if name == "digits" or name.startswith("select")]


def all_runs(params: Params) -> AllRuns:
    """Plan all runs, as things stand: which digits lie there, who won the search."""
    return all_runs_with(params, read_source(), read_winners(params))


def all_runs_with(params: Params, source: Source | None, winners: Winners | None) -> AllRuns:
    """Plan all runs with these digits and winners."""
    # Claims and the report train nothing: they are left out, so that with and without some all is
    # remembered.
    without = params.model_copy(update={"claims": {}, "shown": None, "page": None})
    return runs_from_json(without.model_dump_json(), source, json.dumps(winners))


@lru_cache(maxsize=4)
def runs_from_json(params: str, source: Source | None, winners: str) -> AllRuns:
    """Plan all runs; arguments are JSON, so that thousands of digests can be remembered."""
    given, won = Params.model_validate_json(params), json.loads(winners) or {}
    evaluated: dict[str, list[PlannedRun]] = {name: [] for name in plan.evaluated(given, won)}
    if source is None:
        return AllRuns((), {suffix: [] for suffix in groups.suffixes(given)}, evaluated)
    for run in plan.evaluation_runs(given, source, won):
        evaluated[run.name].append(run)
    pair_sets = list(sets.pair_sets(given, source))
    larger = tuple(sets.pair_sets(given, source, larger=True))
    files = (*pair_sets, paths.test_digits(pair_sets[0]))
    return AllRuns(files, plan.searches(given, source, won), evaluated, larger)


def digest_of(runs: Iterable[PlannedRun]) -> str:
    """Digest of runs in their order, each with its variant's name."""
    return digest([[run.name, run.path] for run in runs])


def digest_of_search(runs: Sequence[PlannedRun]) -> str:
    """Digest of the folds of a search and its repeats, which differ in their seeds alone."""
    seeds = list(dict.fromkeys(run.spec.seed for run in runs))
    if not seeds:  # a rung that no trial has reached yet
        return digest([])
    first = digest_of(run for run in runs if run.spec.seed == seeds[0])
    return digest([first, seeds]) if len(seeds) > 1 else first


def upstream(steps: Steps, name: str) -> set[str]:
    """Name all steps whose products a step depends on."""
    near = {maker(steps, path) for path in steps[name].inputs}
    return near.union(*(upstream(steps, other) for other in near))
