"""What can be wrong with params that are each right alone."""

from collections.abc import Iterator, Mapping, Sequence

from digitpairs.errors import ParamsError, nearest, quoted
from digitpairs.models.registry import FAMILIES
from digitpairs.study.grid import configurations, width
from digitpairs.study.kinds import FIXED_FIGURES, KINDS
from digitpairs.study.schema import Data, Pairs, Params
from digitpairs.study.variants import SELECTED, known_variants, resolve

# Distinct digits to draw pairs from.
POOLS = {"mnist": {"train": 60000, "test": 10000}, "embedded": {"train": 2500, "test": 2500}}
MOST = 100_000  # configurations of a grid, before the parameter budget


def conflicts(params: Params) -> list[str]:
    """List what is wrong, a line each: key path, value, what is allowed."""
    name = "embedded" if params.data.source == "embedded" else "mnist"
    # Grids and studies depend on the variants: these have to be sound first.
    return list(dict.fromkeys(variant_conflicts(params))) or [
        *data_conflicts(params.data),
        *pairs_conflicts(params.pairs, POOLS[name]),
        *search_conflicts(params),
        *study_conflicts(params),
    ]


def data_conflicts(data: Data) -> Iterator[str]:
    """Find a folder that would not be read."""
    if data.folder and data.source in ("torchvision", "embedded"):
        yield (
            f"data.folder: {quoted(data.folder)}: is not read where data.source is {data.source}; "
            "set folder to null, or source to auto or folder"
        )


def pairs_conflicts(pairs: Pairs, pools: Mapping[str, int]) -> Iterator[str]:
    """Find pair sets that need more distinct digits than `pools` has of each part."""
    for part, count in pairs.model_dump().items():
        if 2 * count > pools[part]:
            yield (
                f"pairs.{part}: {count}: needs {2 * count} distinct digits of {pools[part]}; "
                f"choose at most {pools[part] // 2}"
            )


def search_conflicts(params: Params) -> Iterator[str]:
    """Find seeds used twice, impossible budgets and folds, grids with no net in the budget."""
    search = params.search
    if search.seed < params.training.seeds:
        yield (
            f"search.seed: {search.seed}: is one of the evaluation's seeds "
            f"(0 to {params.training.seeds - 1}); choose a larger one"
        )
    if search.folds > params.pairs.train:
        yield f"search.folds: {search.folds}: is more than pairs.train ({params.pairs.train})"
    budget = f"{search.min_parameters} to {search.max_parameters}"
    if search.min_parameters > search.max_parameters:
        yield f"search.min_parameters: {budget}: must not exceed search.max_parameters"
        return
    closed = [family for family in search.grids if not FAMILIES[family].sizes]
    for family in closed:
        yield f"search.grids.{family}: has options, and a grid chooses sizes; leave it out"
    # Count first: each grid is listed as a whole below.
    wide = {family: count for family, grid in search.grids.items() if (count := width(grid)) > MOST}
    for family, count in wide.items():
        yield f"search.grids.{family}: makes {count:,} configurations; choose at most {MOST:,}"
    if wide or closed:
        return
    for family, settings in configurations(search).items():
        path, grid = f"search.grids.{family}", search.grids[family]
        convolutional = "channels" in FAMILIES[family].sizes
        if convolutional and not grid.channels:
            yield f"{path}.channels: missing; a {family} needs a list for each conv layer"
        elif grid.channels and not convolutional:
            yield f"{path}.channels: {grid.channels}: {family} has no conv layers; leave it out"
        elif len(set(settings)) < len(settings):
            yield f"{path}: a size or a learning rate is given twice in a list; give each once"
        elif not settings:
            yield f"{path}: no net of this grid has {budget} parameters; widen grid or budget"
        if family not in params.variants:
            yield f"{path}: needs a variant {family} to compare its winner with; add one"
        elif resolve(params, family).model.family != family:
            yield f"variants.{family}: has to be of the family {family}, as its name says"


def variant_conflicts(params: Params) -> Iterator[str]:
    """Find names that are reserved, bases that lead nowhere, sizes that fit no net."""
    for name in params.variants:
        if name.endswith(SELECTED):
            yield f"variants.{name}: names ending in {SELECTED} are for the search's winners"
        label = params.variants[name].label
        if label in params.variants and label != name:
            yield f"variants.{name}.label: {label!r}: is the name of another variant"
        try:
            resolve(params, name)
        except ParamsError as error:
            yield from str(error).splitlines()


def study_conflicts(params: Params) -> Iterator[str]:
    """Find names that are taken, unknown or given twice, and variants that a kind cannot show."""
    known = known_variants(params)
    for name, study in params.studies.items():
        path = f"studies.{name}"
        if name in FIXED_FIGURES:
            yield f"{path}: this name is taken; choose another"
        if unknown := [variant for variant in study.variants if variant not in known]:
            yield f"{path}.variants: {unknown[0]!r}: unknown{nearest(unknown[0], known)}"
            continue
        if twice := repeated(study.variants):
            yield f"{path}.variants: {twice!r}: is given twice; leave one out"
        own = [params.variants[v] for v in dict.fromkeys(study.variants) if v in params.variants]
        labels = [variant.label for variant in own if variant.label]
        if KINDS[study.kind].labelled and (twice := repeated(labels)):
            yield f"{path}.variants: two have the label {twice!r}; give one of them another"
        settings = {
            variant: resolve(params, variant) if variant in params.variants else None
            for variant in study.variants
        }
        yield from (f"{path}.variants: {problem}" for problem in KINDS[study.kind].check(settings))


def repeated(names: Sequence[str]) -> str | None:
    """Find the first name that is given twice."""
    return next((name for place, name in enumerate(names) if name in names[:place]), None)
