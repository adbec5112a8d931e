"""What can be wrong with params that are each right alone."""

from collections.abc import Iterator, Mapping, Sequence

from digitpairs.errors import ParamsError, nearest, quoted
from digitpairs.recipe import Augmentation
from digitpairs.study.claim_conflicts import claim_conflicts
from digitpairs.study.groups import TAKEN, owners
from digitpairs.study.kinds import FIXED_FIGURES, FIXED_TABLES, KINDS
from digitpairs.study.misfits import misfits
from digitpairs.study.page_conflicts import page_conflicts
from digitpairs.study.schema import Data, Pairs, Params, Study
from digitpairs.study.search_conflicts import search_conflicts
from digitpairs.study.task import task_of
from digitpairs.study.variants import (
    SELECTED,
    given_labels,
    known_variants,
    resolve,
    seeds_of,
)

# Distinct digits to draw pairs from.
POOLS = {
    "mnist": {"train": 60000, "test": 10000},
    "embedded": {"train": 2500, "test": 2500},
    "own": {},  # known once they are read
}


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
        # With fewer digits, who draws them says so: such a variant may belong to a group alone.
        digits = POOLS["mnist"]["train"]
        if params.data.source != "own" and own.pairs and 2 * own.pairs > digits:
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
