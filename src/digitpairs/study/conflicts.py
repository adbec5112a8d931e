"""What can be wrong with params that are each right alone."""

from collections.abc import Iterator, Mapping, Sequence

from digitpairs.errors import ParamsError, nearest, quoted
from digitpairs.models.registry import FAMILIES
from digitpairs.recipe import Augmentation
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.claim_conflicts import claim_conflicts
from digitpairs.study.grid import configurations, width
from digitpairs.study.groups import TAKEN, owners
from digitpairs.study.kinds import FIXED_FIGURES, FIXED_TABLES, KINDS
from digitpairs.study.misfits import misfits
from digitpairs.study.page_conflicts import page_conflicts
from digitpairs.study.schema import Data, Pairs, Params, Study
from digitpairs.study.strategy_conflicts import strategy_conflicts, trial_conflicts
from digitpairs.study.task import task_of
from digitpairs.study.variants import (
    SELECTED,
    check_sizes,
    given_labels,
    known_variants,
    most_seeds,
    resolve,
    seeds_of,
)

# Distinct digits to draw pairs from.
POOLS = {
    "mnist": {"train": 60000, "test": 10000},
    "embedded": {"train": 2500, "test": 2500},
    "own": {},  # known once they are read
}
MOST = 100_000  # configurations of a grid, before the parameter budget


def conflicts(params: Params) -> list[str]:
    """List what is wrong, a line each: key path, value, what is allowed."""
    # Grids and studies depend on the variants: these have to be sound first.
    early = [*data_conflicts(params.data), *target_conflicts(params)]
    found = list(dict.fromkeys(early or variant_conflicts(params))) or [
        *pairs_conflicts(params.pairs, POOLS.get(params.data.source, POOLS["mnist"])),
        *search_conflicts(params),
        *study_conflicts(params),
        *model_conflicts(params),
        *claim_conflicts(params),
    ]
    return found or list(page_conflicts(params))


def data_conflicts(data: Data) -> Iterator[str]:
    """Find images that would not be read, or that nothing is said of."""
    if data.source == "own" and not data.own:
        yield "data.own: missing; say of your images at least name, images, side and classes"
    if data.own and data.own.name in POOLS:
        yield f"data.own.name: {data.own.name}: is taken; choose another"
    if data.own and data.source != "own":
        yield (
            f"data.own: {data.own.name}: is not read where data.source is {data.source}; leave "
            "own out, or set source to own"
        )
    if data.folder and data.source in ("torchvision", "embedded", "own"):
        yield (
            f"data.folder: {quoted(data.folder)}: is not read where data.source is {data.source}; "
            "set folder to null, or source to auto or folder"
        )


def target_conflicts(params: Params) -> Iterator[str]:
    """Find a target that cannot be asked."""
    try:
        task_of(params)
    except ParamsError as error:
        yield str(error)


def model_conflicts(params: Params) -> Iterator[str]:
    """Find a run to keep that there is not."""
    kept = params.model
    if kept is None:
        return
    if kept.variant not in params.variants:
        known = nearest(kept.variant, list(params.variants))
        yield f"model.variant: {kept.variant}: is no variant of these params{known}"
    elif kept.seed >= (seeds := seeds_of(params, kept.variant)):
        yield f"model.seed: {kept.seed}: is no seed of {kept.variant}; choose 0 to {seeds - 1}"


def pairs_conflicts(pairs: Pairs, pools: Mapping[str, int]) -> Iterator[str]:
    """Find pair sets that need more distinct digits than `pools` has of each part."""
    for part, count in pairs.counts.items():
        if part in pools and 2 * count > pools[part]:
            yield (
                f"pairs.{part}: {count}: needs {2 * count} distinct digits of {pools[part]}; "
                f"choose at most {pools[part] // 2}"
            )


def search_conflicts(params: Params) -> Iterator[str]:
    """Find seeds used twice, impossible budgets and folds, grids with no net in the budget."""
    search = params.search
    most = most_seeds(params)
    if search.seed < most:
        yield (
            f"search.seed: {search.seed}: is one of the evaluation's seeds (0 to {most - 1}); "
            "choose a larger one"
        )
    if search.folds > params.pairs.train:
        yield f"search.folds: {search.folds}: is more than pairs.train ({params.pairs.train})"
    budget = f"{search.min_parameters} to {search.max_parameters}"
    if search.min_parameters > search.max_parameters:
        yield f"search.min_parameters: {budget}: must not exceed search.max_parameters"
        return
    # Each grid is listed as a whole below: first it is counted, and starts somewhere.
    wrong = [line for name in search.grids for line in grid_conflicts(params, name)]
    yield from wrong
    if wrong:
        return
    for name, settings in configurations(params).items():
        path = f"search.grids.{name}"
        yield from fold_conflicts(params, name, settings)
        if search.grids[name].strategy:
            yield from trial_conflicts(params, name, settings)
            continue
        if len(set(settings)) < len(settings):
            yield f"{path}: a choice is given twice in a list; give each once"
        elif not settings:
            yield f"{path}: no net of this grid has {budget} parameters; widen grid or budget"
        first = {line: None for setting in settings for line in misfits(setting, search.epochs)}
        yield from (f"{path}.{line}" for line in first)


def fold_conflicts(params: Params, name: str, settings: Sequence[Setting]) -> Iterator[str]:
    """Find settings of a grid whose runs learn from too many or too few pairs to be folds."""
    path, search = f"search.grids.{name}", params.search
    for pairs in sorted({setting.training.pairs or 0 for setting in settings} - {0}):
        if pairs > params.pairs.train:
            yield (
                f"{path}.base: has training.pairs: {pairs}, more than pairs.train "
                f"({params.pairs.train}), which folds are of; choose another base"
            )
        if search.folds > pairs:
            yield f"search.folds: {search.folds}: is more than training.pairs ({pairs}) of {name}"


def grid_conflicts(params: Params, name: str) -> Iterator[str]:
    """Find a grid that starts nowhere, has no sizes or is too wide."""
    path, grid = f"search.grids.{name}", params.search.grids[name]
    if grid.label in params.variants:
        yield f"{path}.label: {grid.label!r}: is the name of a variant"
    if grid.strategy or grid.space:
        yield from strategy_conflicts(params, name, grid)
        return
    if (count := width(grid)) > MOST:
        yield f"{path}: makes {count:,} configurations; choose at most {MOST:,}"
    if grid.base:
        if grid.base not in params.variants:
            known = nearest(grid.base, params.variants)
            yield f"{path}.base: {grid.base!r}: unknown variant{known}"
            return
        family = resolve(params, grid.base).model.family
    elif name not in FAMILIES:
        yield f"{path}: {name!r}: is no family, so that it needs a base{nearest(name, FAMILIES)}"
        return
    else:
        family = name
        if not FAMILIES[family].sizes:
            yield f"{path}: a {family} has options in place of sizes, so that it needs a base"
            return
        if not (grid.hidden and grid.learning_rate):
            missing = "learning_rate" if grid.hidden else "hidden"
            yield f"{path}.{missing}: missing; it has to be set"
        if family not in params.variants:
            yield f"{path}: needs a variant {family} to compare its winner with; add one"
        elif resolve(params, family).model.family != family:
            yield f"variants.{family}: has to be of the family {family}, as its name says"
    smallest = ModelSpec(family, (1,), (1,) * len(grid.channels), task=task_of(params))
    try:
        check_sizes(path, smallest)
    except ParamsError as error:
        yield str(error)
    sizes = FAMILIES[family].sizes
    if "channels" in sizes and not grid.channels and not grid.base:
        yield f"{path}.channels: missing; a {family} needs a list for each conv layer"
    for key, choices in (("channels", grid.channels), ("hidden", grid.hidden)):
        if choices and key not in sizes:
            yield f"{path}.{key}: {choices}: a {family} has no {key}; leave it out"


def variant_conflicts(params: Params) -> Iterator[str]:
    """Find names that are reserved, bases that lead nowhere, sizes that fit no net."""
    for name in params.variants:
        if name.endswith(SELECTED):
            yield f"variants.{name}: names ending in {SELECTED} are for the search's winners"
        label = params.variants[name].label
        if label in params.variants and label != name:
            yield f"variants.{name}.label: {label!r}: is the name of another variant"
        try:
            setting = resolve(params, name)
        except ParamsError as error:
            yield from str(error).splitlines()
            continue
        own = setting.training
        epochs = own.epochs or params.training.epochs
        batchnorm = own.batchnorm or params.training.batchnorm
        yield from (f"variants.{name}.{line}" for line in misfits(setting, epochs, batchnorm))
        shuffle = params.training.shuffle if own.shuffle is None else own.shuffle
        if own.varies == "order" and not shuffle and setting.recipe.augmentation == Augmentation():
            yield (
                f"variants.{name}.training.varies: 'order': nothing is drawn where "
                "training.shuffle is false; set it to true, or vary weights or pairs"
            )
        digits = POOLS.get(params.data.source, POOLS["mnist"]).get("train")
        if digits and own.pairs and 2 * own.pairs > digits:
            yield (
                f"variants.{name}.training.pairs: {own.pairs}: needs {2 * own.pairs} "
                f"distinct digits of {digits}; choose at most {digits // 2}"
            )


def study_conflicts(params: Params) -> Iterator[str]:
    """Find names that are taken, unknown or given twice, and variants that a kind cannot show."""
    known = known_variants(params)
    for name, study in params.studies.items():
        path = f"studies.{name}"
        if study.group in TAKEN:
            yield f"{path}.group: {study.group!r}: is the name of a rule or folder; choose another"
        if study.group and "." in study.group:
            yield f"{path}.group: {study.group!r}: looks like a file; choose a name without a dot"
        if name in (*FIXED_FIGURES, *FIXED_TABLES):
            yield f"{path}: this name is taken; choose another"
        if unknown := [variant for variant in study.variants if variant not in known]:
            yield f"{path}.variants: {unknown[0]!r}: unknown{nearest(unknown[0], known)}"
            continue
        if twice := repeated(study.variants):
            yield f"{path}.variants: {twice!r}: is given twice; leave one out"
        labels = given_labels(params)
        for block in study.blocks() if KINDS[study.kind].labelled else ():
            own = [labels[variant] for variant in dict.fromkeys(block) if variant in labels]
            if twice := repeated(own):
                yield f"{path}.variants: two have the label {twice!r}; give one of them another"
        yield from (f"{path}.references: {problem}" for problem in wrong_references(params, study))
        if study.goals and study.kind != "ladder":
            yield f"{path}.goals: {study.kind!r}: has none; leave them out, or choose ladder"
        if KINDS[study.kind].repeats:
            yield from (f"{path}.{problem}" for problem in wrong_repeats(params, study))
        if KINDS[study.kind].trials:
            yield from (f"{path}.{problem}" for problem in wrong_trials(params, study))
        settings = {
            variant: resolve(params, variant) if variant in params.variants else None
            for variant in study.variants
        }
        yield from (f"{path}.variants: {problem}" for problem in KINDS[study.kind].check(settings))


def wrong_repeats(params: Params, study: Study) -> Iterator[str]:
    """Find a study of a repeated search that has no repeats, or no file of its own for them."""
    for name in study.variants:
        grid = params.search.grids.get(name.removesuffix(SELECTED))
        if grid and grid.strategy:
            yield f"variants: {name!r}: has rungs in place of repeats; show its trials"
    if not params.search.repeats:
        yield f"kind: {study.kind!r}: shows repeats of the search; set search.repeats to 1 or more"
    if not study.group:
        yield "group: missing; repeats of the search are made by `snakemake GROUP` alone: name one"
    elif study.group in owners(params).values():
        yield f"group: {study.group!r}: trains variants; give repeats of the search another group"


def wrong_trials(params: Params, study: Study) -> Iterator[str]:
    """Find a study of trials that shows more than one search, or one that has no trials."""
    if len(study.variants) > 1:
        yield "variants: shows the trials of one search; give the others studies of their own"
    for name in study.variants:
        grid = params.search.grids.get(name.removesuffix(SELECTED))
        if grid and not grid.strategy:
            yield f"variants: {name!r}: its grid has no strategy, so that it has no trials"


def wrong_references(params: Params, study: Study) -> Iterator[str]:
    """Find references of a kind that compares nothing, and those that can be none."""
    if study.references and not KINDS[study.kind].compares:
        kinds = " or ".join(name for name, kind in KINDS.items() if kind.compares)
        yield f"a {study.kind} compares nothing; leave them out, or choose {kinds}"
    wrong = [
        name
        for name in study.references
        if name not in study.variants or name not in params.variants
    ]
    for name in wrong:
        yield f"{name!r}: has to be among the study's variants, and no winner of the search"
    compares = study.references and KINDS[study.kind].compares and not wrong
    for name, *others in study.blocks() if compares else ():
        if not others:
            yield f"{name!r}: is compared with nothing: let another variant follow, or leave it out"


def repeated(names: Sequence[str]) -> str | None:
    """Find the first name that is given twice."""
    return next((name for place, name in enumerate(names) if name in names[:place]), None)
