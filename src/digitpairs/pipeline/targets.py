"""Names of targets that a person can type, and the runs that each needs.

`runs/VARIANT/seed-N` is a run, `variants/VARIANT` all of a variant's, `search/GRID` all that
the search trains of a grid, `studies/STUDY` what a figure or table shows.
"""

from collections.abc import Collection, Iterable
from itertools import chain
from pathlib import Path

from digitpairs import paths
from digitpairs.errors import UserError, nearest
from digitpairs.pipeline import stamps
from digitpairs.pipeline.step import ANSWERS, VARIANT, Steps, maker, winners_of
from digitpairs.pipeline.steps import all_runs, default_steps, steps, upstream
from digitpairs.runs.plan import PlannedRun
from digitpairs.study import groups
from digitpairs.study.grid import rival
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params
from digitpairs.study.variants import SELECTED, known_variants, seeds_of


def run_targets(arguments: Iterable[str], params: Params) -> list[str]:
    """Pick the targets that are runs."""
    runs = {
        f"runs/{variant}/{seed}"
        for variant in known_variants(params)
        for seed in seed_names(params, variant)
    }
    return [argument for argument in dict.fromkeys(arguments) if argument in runs]


def seed_names(params: Params, variant: str) -> list[str]:
    """Name the seeds of a variant, or of a search's winner."""
    own = variant if variant in params.variants else rival_of_winner(params, variant)
    return [f"seed-{seed}" for seed in range(seeds_of(params, own))]


def mistake(params: Params, target: str) -> UserError:
    """Say what is wrong with a target `runs/...`, `variants/...`, `search/...` or `studies/...`."""
    kind, _, name = target.partition("/")
    variants = known_variants(params)
    noun, known = {
        "runs": ("variant", variants),
        "variants": ("variant", variants),
        "search": ("grid", list(params.search.grids)),
        "studies": ("study", list(params.studies)),
    }[kind]
    name, slash, seed = name.partition("/") if kind == "runs" else (name, "", "")
    if name not in known:
        return UserError(f"{target}: no such {noun}{nearest(name, known)}")
    if kind == "runs" and seed not in (seeds := seed_names(params, name)):
        which = f"it is one of seed-0 to {seeds[-1]}" if len(seeds) > 1 else "there is seed-0 alone"
        if slash:
            return UserError(f"{target}: no such seed; {which}")
        return UserError(
            f"{target}: names no seed, and {which}; give `snakemake runs/{name}/seed-0` for one "
            f"run, or `snakemake variants/{name}` for all"
        )
    return UserError(f"{target}: is a target only if it is written like this, with no more slashes")


def rival_of_winner(params: Params, name: str) -> str:
    """Name the variant that a search's winner, GRID_selected, is compared with."""
    return rival(params, name.removesuffix(SELECTED))


def checkpoints_of(params: Params, target: str) -> tuple[str, ...]:
    """Name the checkpoints that are reached before the runs of a target are known."""
    kind, name, *_ = target.split("/")
    if kind == "search":
        return ("digits", *(f"select{one}" for one in groups.suffixes_of(params, name)[:-1]))
    if not name.endswith(SELECTED):
        return ("digits",)
    return ("digits", f"select{groups.suffix_of(params, name.removesuffix(SELECTED))}")


def runs_of(params: Params, target: str) -> list[PlannedRun]:
    """List the runs of a target `runs/VARIANT/seed-N`, `variants/VARIANT` or `search/GRID`.

    A winner of the search that is a variant has that one's runs.
    """
    kind, name, *member = target.split("/")
    runs = all_runs(params)
    if kind == "search":
        return [run for run in chain(*runs.searched.values()) if run.name == name]
    known = name if name in runs.evaluated else rival_of_winner(params, name)
    return [run for run in runs.evaluated[known] if not member or [run.spec.member] == member]


def product(params: Params, study: str) -> tuple[str, ...]:
    """Name the files of a study's figure or table."""
    figure = KINDS[params.studies[study].kind].medium == "figure"
    return paths.figure(study) if figure else paths.table(study)


def needed(params: Params, targets: Collection[str]) -> list[PlannedRun]:
    """List the runs that targets need, those of the search first.

    Only for cutting blocks: a run that is needed but not listed here gets a block of its own.
    """
    graph, runs = steps(params), all_runs(params)
    wanted: set[str] = set()
    for target in targets or ["all"]:
        kind, _, name = target.partition("/")
        if kind in ("runs", "variants", "search") and name:
            continue  # their rules ask for their own runs alone
        files = {target}
        if target in groups.groups(params):
            files.update(*(product(params, study) for study in groups.studies_of(params, target)))
        elif kind == "studies" and name:
            files.update(product(params, name))
        made = [step for step in graph if step == target or files & set(graph[step].outputs)]
        # Else it is another rule's name, or no target at all.
        for step in made or default_steps(params, graph):
            wanted |= {step, *upstream(graph, step)}
    searched = [found for suffix, found in runs.searched.items() if f"search{suffix}" in wanted]
    # While the winners are due, those that are on file may not win again.
    evaluated = [
        found if is_due(graph, wanted, ANSWERS + name) else unrecorded(found)
        for name, found in runs.evaluated.items()
        if VARIANT + name in wanted
        and not any(stamps.due(graph, maker(graph, won)) for won in winners_of(params, [name]))
    ]
    return list(chain(*searched, *evaluated))


def is_due(graph: Steps, wanted: Collection[str], step: str) -> bool:
    """Whether a step has to be done for what is wanted."""
    return step in wanted and stamps.due(graph, step) is not None


def unrecorded(runs: Iterable[PlannedRun]) -> list[PlannedRun]:
    """Pick the runs that have no record; their weights are asked for by answers alone."""
    return [run for run in runs if not Path(run.path).exists()]
