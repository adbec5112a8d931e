"""Names of targets that a person can type, and the runs that each needs.

`runs/VARIANT/seed-N` is a run, `variants/VARIANT` all of a variant's, `search/FAMILY` all that
the search trains of a family, `studies/STUDY` what a figure or table shows.
"""

import re
from collections.abc import Collection, Iterable
from itertools import chain

from digitpairs import paths
from digitpairs.errors import UserError, nearest
from digitpairs.pipeline import stamps
from digitpairs.pipeline.steps import VARIANT, all_runs, steps, upstream
from digitpairs.runs.plan import PlannedRun
from digitpairs.study.grid import rival
from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params
from digitpairs.study.variants import SELECTED, known_variants, seeds_of

RUN = re.compile(r"runs/(.+)/(seed-\w+)")


def run_targets(arguments: Iterable[str], params: Params) -> list[str]:
    """Pick the targets that are runs. Raises UserError for a run that nobody plans."""
    found = {argument: RUN.fullmatch(argument) for argument in arguments}
    for target, match in found.items():
        if match is None:
            continue
        variant, member = match.groups()
        known = known_variants(params)
        if variant not in known:
            raise UserError(f"{target}: no such variant{nearest(variant, known)}")
        compared = variant if variant in params.variants else rival_of_winner(params, variant)
        seeds = [f"seed-{seed}" for seed in range(seeds_of(params, compared))]
        if member not in seeds:
            raise UserError(f"{target}: no such seed; it is one of seed-0 to {seeds[-1]}")
    return [target for target, match in found.items() if match]


def rival_of_winner(params: Params, name: str) -> str:
    """Name the variant that a search's winner, GRID_selected, is compared with."""
    return rival(params, name.removesuffix(SELECTED))


def checkpoints_of(target: str) -> tuple[str, ...]:
    """Name the checkpoints that are reached before the runs of a target are known."""
    return ("digits", "select") if target.split("/")[1].endswith(SELECTED) else ("digits",)


def runs_of(params: Params, target: str) -> list[PlannedRun]:
    """List the runs of a target `runs/VARIANT/seed-N`, `variants/VARIANT` or `search/FAMILY`.

    A winner of the search that is a variant has that one's runs.
    """
    kind, name, *member = target.split("/")
    runs = all_runs(params)
    if kind == "search":
        return [run for run in runs.searched if run.name == name]
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
        files = product(params, name) if kind == "studies" and name else (target,)
        made = [step for step in graph if step == target or set(files) & set(graph[step].outputs)]
        if not made:  # another rule's name, or no target at all
            wanted |= graph.keys()
        for step in made:
            wanted |= {step, *upstream(graph, step)}
    searched = runs.searched if "search" in wanted else []
    # While the winners are due, those that are on file may not win again.
    known = params.variants if stamps.due(graph, "select") else runs.evaluated
    evaluated = [runs.evaluated[name] for name in known if VARIANT + name in wanted]
    return list(chain(searched, *evaluated))
