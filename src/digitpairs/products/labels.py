"""Names of variants for people. No two variants of one product bear the same.

Only what is compared with different references may have one label in the params.

A variant is called by its `label` in the params. One without is called by what it is, and what
differs is added where several would read the same.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from digitpairs.identity import essentials
from digitpairs.models.registry import FAMILIES, family_of
from digitpairs.products.numbers.paper import PUBLISHED, trained_as
from digitpairs.runs import plan
from digitpairs.runs.plan import Winners
from digitpairs.spec import ModelSpec, Setting
from digitpairs.study.claims import compared_by
from digitpairs.study.grid import rival
from digitpairs.study.schema import Params, Study
from digitpairs.study.variants import SELECTED, given_labels, resolve

# What ends the label of a search's winner, and of a variant that the search found again. No
# `label` of the params ends so (study/schema.py).
WON, ALSO_WON = ", selected", ", also selected"
LONGEST = 40  # characters of what two nets' options differ in; else they go by their names


def labels_of(params: Params, study: Study, winners: Winners) -> dict[str, str]:
    """Label what a study shows, in its order."""
    settings = plan.settings_of(params, study.variants, winners)
    labels = distinct(settings, given_labels(params))
    again = {
        rival(params, grid)
        for grid in winners
        if grid + SELECTED in study.variants and grid + SELECTED not in settings
    }
    return {name: text + ALSO_WON if name in again else text for name, text in labels.items()}


def labels_among(params: Params, names: Iterable[str], winners: Winners) -> dict[str, str]:
    """Label variants that stand together; a winner that is a variant goes by that one's name."""
    return distinct(plan.settings_of(params, names, winners), given_labels(params))


def labels_of_claims(params: Params, winners: Winners) -> dict[str, str]:
    """Label all that claims compare."""
    return labels_among(params, compared_by(params.claims.values()), winners)


def printed_labels(params: Params) -> dict[str, str]:
    """Label the variants of which the paper printed numbers."""
    settings = {name: resolve(params, name) for name in params.variants}
    printed = (name for name, one in settings.items() if trained_as(one) in PUBLISHED)
    return {name: label_of(params, name) for name in printed}


def label_of(params: Params, variant: str) -> str:
    """Label one variant of the params by itself."""
    return given_labels(params).get(variant) or label(variant, resolve(params, variant))


def comparison(variant: str, reference: str | float, labels: Mapping[str, str]) -> str:
    """Say what a claim compares: a variant against another, a number, or the search's winner."""
    if str(reference).endswith(SELECTED) and reference not in labels:
        against = "the search's winner"
    else:
        against = labels.get(str(reference)) or f"{float(reference):g}".removeprefix("0")
    return f"{labels[variant]}, against {against}"


def distinct(settings: Mapping[str, Setting], given: Mapping[str, str]) -> dict[str, str]:
    """Label each variant; `given` are the labels of the params.

    Those that would read the same get what differs among them, or else their own names.
    """
    labels = {name: given.get(name) or label(name, one) for name, one in settings.items()}
    for text, count in Counter(labels.values()).items():
        alike = {name: settings[name] for name in labels if labels[name] == text}
        if count > 1:
            differing = [write for write in DETAILS if len(set(map(write, alike.values()))) > 1]
            options = differing_options(alike)
            labels |= {
                name: label(name, one, [*(write(one) for write in differing), options[name]])
                for name, one in alike.items()
                if name not in given
            }
    counts = Counter(labels.values())
    return {
        name: text if counts[text] == 1 or name in given else name for name, text in labels.items()
    }


def label(name: str, setting: Setting, details: Iterable[str] = ()) -> str:
    """Say what a variant is: "Siamese ConvNet, WS, λ = 100", then details."""
    parts = [family_of(setting.model).label]
    if setting.model.shared:
        parts.append("WS")
    if setting.aux_weight:
        parts.append(f"λ = {number(setting.aux_weight)}")
    text = ", ".join(filter(None, [*parts, *details]))
    return text + WON if name.endswith(SELECTED) else text


def sizes(model: ModelSpec) -> str:
    """Name the sizes of a model, conv channels before hidden layers: "128-32, 400"."""
    return ", ".join("-".join(map(str, part)) for part in (model.channels, model.hidden) if part)


def configuration(setting: Setting) -> str:
    """Say what a grid tries: sizes, learning rate and what else is not the paper's."""
    weight = f"λ = {number(setting.aux_weight)}" if setting.aux_weight else ""
    rate = f"rate {number(setting.learning_rate)}"
    return ", ".join(filter(None, [sizes(setting.model), rate, weight, recipe_parts(setting)]))


def grid_labels(params: Params, variants: Iterable[str]) -> dict[str, str]:
    """Label the grids of winners: by its own label, its family's, or its name."""
    grids = [name.removesuffix(SELECTED) for name in variants]
    own = {grid: params.search.grids[grid].label for grid in grids}
    return {
        grid: own[grid] or (FAMILIES[grid].label if grid in FAMILIES else grid) for grid in grids
    }


def differing_options(settings: Mapping[str, Setting]) -> dict[str, str]:
    """Say in which options nets differ: "layers.1.residual 2"; nothing where that is long."""
    own = {
        name: dict(flat(json.loads(one.model.options or "{}"))) for name, one in settings.items()
    }
    paths = dict.fromkeys(path for options in own.values() for path in options)
    differ = [path for path in paths if len({str(each.get(path)) for each in own.values()}) > 1]
    texts = {
        name: ", ".join(f"{path} {options[path]}" for path in differ if path in options)
        for name, options in own.items()
    }
    return texts if max(map(len, texts.values())) <= LONGEST else dict.fromkeys(texts, "")


def flat(options: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """List plain data in depth with its key paths."""
    if not isinstance(options, dict | list):
        yield path, json.dumps(options).strip('"')
        return
    for key, value in options.items() if isinstance(options, dict) else enumerate(options):
        yield from flat(value, f"{path}.{key}".removeprefix("."))


def number(value: float) -> str:
    """Write a number as short as it can be read again."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def recipe_parts(setting: Setting) -> str:
    """Say what a recipe changes of the paper's: "sgd momentum 0.9, cosine"."""
    changed = essentials(setting.recipe)
    return ", ".join(words(part) for part in changed.values())


def words(value: Any) -> str:
    """Write plain data as words: names of parts without their key, true ones by their key alone."""
    if not isinstance(value, dict):
        return number(value) if isinstance(value, float) else str(value)
    return " ".join(
        key.replace("_", " ")
        if one is True
        else words(one)
        if key == "name"
        else f"{key.replace('_', ' ')} {words(one)}"
        for key, one in value.items()
    )


def training_changes(setting: Setting) -> str:
    """Say what a variant changes of the protocol: "epochs 100, pairs 500"."""
    return ", ".join(f"{key} {value}" for key, value in essentials(setting.training).items())


# What two variants of one family, with equal sharing and weights, may differ in.
DETAILS: tuple[Callable[[Setting], str], ...] = (
    lambda setting: sizes(setting.model),
    lambda setting: f"lr {number(setting.learning_rate)}",
    recipe_parts,
    training_changes,
)


def listed(words: Sequence[str]) -> str:
    """List words as a sentence does: "a, b and c"."""
    *some, last = words
    return f"{', '.join(some)} and {last}" if some else last


def either(counts: Iterable[float]) -> str:
    """Write a count, or those that there are: "15", or "5 or 15"."""
    return " or ".join(f"{count:.0f}" for count in sorted(set(counts)))
