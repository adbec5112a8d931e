"""The kinds of figures and tables that a study can be: what each shows, needs and allows.

A new kind is a line here, and a file of its name in products/figures or products/tables.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from digitpairs.models.registry import FAMILIES
from digitpairs.spec import Setting

# What the variants of a study train, by name: None for a winner that the search has yet to find.
Settings = dict[str, Setting | None]
Check = Callable[[Settings], Iterator[str]]  # what is wrong with the variants, a line each


@dataclass(frozen=True)
class Kind:
    """What a study of this kind becomes, and what it needs."""

    medium: Literal["figure", "table"]
    results: bool = True  # whether it shows results of runs
    labelled: bool = True  # whether it shows labels of variants
    compares: bool = False  # whether it shows differences from the references of its study
    repeats: bool = False  # whether it shows the search and its repeats: folds, and no variants
    trials: bool = False  # whether it shows what strategies of the search tried
    answers: bool = False  # whether it shows what nets make of each test digit
    spread: bool = False  # whether it shows what the spread over seeds comes from
    check: Check = lambda settings: iter(())

    @property
    def evaluates(self) -> bool:
        """Whether it shows runs of the evaluation: no architectures, repeats or trials."""
        return self.results and not self.repeats and not self.trials


def no_winners(settings: Settings) -> Iterator[str]:
    """Refuse winners of the search: an architecture is drawn before anything is trained."""
    if None in settings.values():
        yield "an architecture shows variants, not the search's winners"


def only_winners(settings: Settings) -> Iterator[str]:
    """Refuse variants: only a grid is searched."""
    variants = [name for name, setting in settings.items() if setting]
    if variants:
        yield f"{variants[0]!r}: is no winner of the search, GRID_selected"


def vary(settings: Settings) -> Iterator[str]:
    """Refuse a budget of variance without its parts: after a net, those that vary one thing."""
    varied = [bool(setting and setting.training.varies) for setting in settings.values()]
    first = next(iter(settings))
    if varied[0]:
        yield f"{first!r}: varies one thing alone; name first the net whose seeds draw everything"
    elif not any(varied):
        yield f"none varies one thing alone; after {first!r}, name variants with training.varies"


def distinct_weights(settings: Settings) -> Iterator[str]:
    """Refuse two variants of one weight: a sweep has a point for each."""
    weights = [setting.aux_weight for setting in settings.values() if setting]
    if not any(weights):
        yield "none has an aux_weight above 0: there is nothing to sweep"
    if len(set(weights)) < len(settings):
        yield "a sweep shows one variant for each aux_weight"


def two_or_more(settings: Settings) -> Iterator[str]:
    """Refuse a single variant: there is nothing to differ from it."""
    if len(settings) < 2:
        yield "differences are those of other variants from the first: name two or more"


def readable(settings: Settings) -> Iterator[str]:
    """Refuse nets that say nothing, or two things, of a digit by itself."""
    for name, setting in settings.items():
        if setting is None:
            continue
        family = FAMILIES[setting.model.family]
        if not family.siamese:
            yield f"{name!r}: names no digits; what nets make of single digits takes a siamese one"
        elif family.sizes and not setting.model.shared:
            yield f"{name!r}: has two branches, which say two things of a digit; set shared: true"


def rungs(settings: Settings) -> Iterator[str]:
    """Refuse what has no rung before another, and nets that say nothing of single digits."""
    if len(settings) < 2:
        yield "each rung is compared with the one before: name two or more"
    yield from readable(settings)


KINDS = {
    "architecture": Kind("figure", results=False, check=no_winners),
    "box": Kind("figure"),
    "sweep": Kind("figure", labelled=False, check=distinct_weights),
    "curves": Kind("figure"),
    "forest": Kind("figure", compares=True, check=two_or_more),
    "spread": Kind("figure", spread=True, check=vary),
    "ladder": Kind("figure", answers=True, check=rungs),
    "cost": Kind("figure", answers=True, check=readable),
    "confused": Kind("figure", answers=True, check=readable),
    "ranks": Kind("figure", labelled=False, repeats=True, check=only_winners),
    "hyperparameters": Kind("table"),
    "accuracies": Kind("table"),
    "readouts": Kind("table"),
    "differences": Kind("table", compares=True, check=two_or_more),
    "budget": Kind("table", spread=True, check=vary),
    "trials": Kind("table", labelled=False, trials=True, check=only_winners),
    "rungs": Kind("table", answers=True, check=rungs),
    "limits": Kind("table", answers=True, check=readable),
    "winners": Kind("table", labelled=False, repeats=True, check=only_winners),
}
# What no study makes; `claims` where there are claims.
FIXED_FIGURES = ("pairs", "search", "claims")
FIXED_TABLES = ("claims", "paper")


def known_kinds(medium: str) -> Sequence[str]:
    """Name the kinds of figures, or of tables."""
    return [name for name, kind in KINDS.items() if kind.medium == medium]
