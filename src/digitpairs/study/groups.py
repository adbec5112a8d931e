"""Groups of studies that are made only when they are asked for: `snakemake GROUP`.

What the studies of a group alone show belongs to that group: variants, winners, and the grids
that these won. All else is made by default.
"""

from collections.abc import Iterable

from digitpairs.study.kinds import KINDS
from digitpairs.study.schema import Params, Study
from digitpairs.study.variants import SELECTED

# Names of rules, which are targets too, and of folders. A group has a name of its own.
RULES = (
    *(
        "all",
        "answers",
        "card",
        "delete_old_variants",
        "digits",
        "draw_larger_pairs",
        "draw_pairs",
        "evaluation",
        "figure",
        "kept",
        "metric",
    ),
    *("mistyped_target", "model", "page", "pairs", "pdf", "report", "report_source", "reported"),
    *("search", "select", "table", "tidy", "train", "variant", "weights"),
)
FOLDERS = ("benchmarks", "data", "docs", "logs", "profiles", "reports", "src", "tests", "workflow")
TAKEN = (*RULES, *FOLDERS)


def groups(params: Params) -> list[str]:
    """Name the groups."""
    return list(dict.fromkeys(study.group for study in params.studies.values() if study.group))


def studies_of(params: Params, group: str | None) -> list[str]:
    """Name the studies of a group, or those that are made by default."""
    return [name for name, study in params.studies.items() if study.group == group]


def made(params: Params) -> list[str]:
    """Name the studies of the groups that the report shows."""
    return [name for group in params.shown or [] for name in studies_of(params, group)]


def tables_of_groups(params: Params) -> list[str]:
    """Name those that are tables of what variants score."""
    kinds = {name: KINDS[params.studies[name].kind] for name in made(params)}
    return [name for name, of in kinds.items() if of.medium == "table" and of.evaluates]


def ladders(params: Params) -> dict[str, Study]:
    """Name the ladders that are made by default, and those of groups that the report shows."""
    names = [*studies_of(params, None), *made(params)]
    return {name: params.studies[name] for name in names if params.studies[name].kind == "ladder"}


def grids_repeated(params: Params) -> list[str]:
    """Name the grids whose search was made again, by the studies that the report shows."""
    shown = (params.studies[name] for name in made(params))
    names = (name for study in shown if KINDS[study.kind].repeats for name in study.variants)
    return list(dict.fromkeys(name.removesuffix(SELECTED) for name in names))


def by_default(params: Params, medium: str) -> list[str]:
    """Name the figures or tables that are made by default."""
    names = studies_of(params, None)
    return [name for name in names if KINDS[params.studies[name].kind].medium == medium]


def owners(params: Params) -> dict[str, str]:
    """Name the group of each variant and winner that belongs to one."""
    common = named(params, studies_of(params, None))
    found: dict[str, str] = {}
    for group in groups(params):
        for variant in named(params, studies_of(params, group)):
            if variant not in common:
                found.setdefault(variant, group)
    return found


def named(params: Params, names: Iterable[str]) -> list[str]:
    """Name the variants and winners that studies are about, but for those of repeated searches."""
    studies = [params.studies[name] for name in names]
    once = (study for study in studies if not KINDS[study.kind].repeats)
    return list(dict.fromkeys(variant for study in once for variant in study.variants))


def shown(params: Params, names: Iterable[str]) -> list[str]:
    """Name the variants and winners whose runs studies show. A study of trials shows folds."""
    return named(params, (name for name in names if not KINDS[params.studies[name].kind].trials))


def suffixes(params: Params) -> list[str]:
    """List what the names of search results end in: the common ones, each group's, each rung's."""
    return ["", *(f"-{group}" for group in groups(params)), *rungs(params)]


def rungs(params: Params) -> dict[str, tuple[str, int]]:
    """List the rungs of all strategies by what the names of their results end in.

    Each is a grid and the place of one of its rungs, counted from 0.
    """
    return {
        f"-{promoted(name, rung)}": (name, rung)
        for name, grid in params.search.grids.items()
        if grid.strategy
        for rung in range(len(grid.strategy.rungs))
    }


def promoted(grid: str, rung: int, place: int | None = None) -> str:
    """Name a rung of a strategy or, of those that go on from it, the one of a place from 0."""
    return f"{grid}+{rung + 1}" + ("" if place is None else f"#{place + 1}")


def repeated(params: Params) -> dict[str, list[str]]:
    """List the grids whose search is repeated, by what the names of these results end in."""
    found: dict[str, dict[str, None]] = {}
    for study in params.studies.values():
        if study.group and KINDS[study.kind].repeats:
            grids = (name.removesuffix(SELECTED) for name in study.variants)
            found.setdefault(f"-{study.group}", {}).update(dict.fromkeys(grids))
    return {suffix: list(grids) for suffix, grids in found.items()}


def suffixes_of(params: Params, grid: str) -> list[str]:
    """What the names of all results end in that a grid's are among: the last one has its winner."""
    own = [suffix for suffix, (name, _) in rungs(params).items() if name == grid]
    return own or [suffix_of(params, grid)]


def suffix_of(params: Params, grid: str) -> str:
    """What the names of the results end in that a grid's winner is found by."""
    if strategy := params.search.grids[grid].strategy:
        return f"-{promoted(grid, len(strategy.rungs) - 1)}"
    group = owners(params).get(grid + SELECTED)
    return f"-{group}" if group else ""
