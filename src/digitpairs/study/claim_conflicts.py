"""What can be wrong with claims that are each right alone."""

from collections.abc import Iterator

from digitpairs.errors import nearest
from digitpairs.study import groups
from digitpairs.study.claims import ACCURACIES, SELECTION, Claim
from digitpairs.study.grid import base_of
from digitpairs.study.schema import Params
from digitpairs.study.variants import SELECTED, known_variants, resolve

MOST = 0.1  # margin of accuracies: ten points are no detail


def claim_conflicts(params: Params) -> Iterator[str]:
    """Find claims that compare what there is not, or that nothing could confirm."""
    for name, claim in params.claims.items():
        path = f"claims.{name}"
        yield from (f"{path}.{problem}" for problem in comparison_conflicts(params, claim))
        yield from (f"{path}.{problem}" for problem in size_conflicts(claim))


def comparison_conflicts(params: Params, claim: Claim) -> Iterator[str]:
    """Find variants that are unknown, are compared with themselves, or belong to another group."""
    known, owners = known_variants(params), groups.owners(params)
    if claim.group and claim.group not in (names := groups.groups(params)):
        yield f"group: {claim.group!r}: is no group of studies{nearest(claim.group, names)}"
        return
    for variant in claim.variants():
        owner = owners.get(variant)
        if variant not in known:
            yield f"compare: {variant!r}: unknown variant{nearest(variant, known)}"
        elif owner not in (None, claim.group):
            yield (
                f"compare: {variant!r}: has runs only where `snakemake {owner}` made them; give "
                f"the claim `group: {owner}`"
            )
    for variant, others in claim.compare.items():
        for other in dict.fromkeys(others):
            if variant == other:
                yield f"compare.{variant}: {other!r}: is compared with itself; name another"
            elif others.count(other) > 1:
                yield f"compare.{variant}: {other!r}: is given twice; leave one out"
            elif isinstance(other, float) and claim.measure not in ACCURACIES:
                yield (
                    f"compare.{variant}: {other}: {claim.measure} compare with variants alone; "
                    f"name one, or choose {', '.join(ACCURACIES)}"
                )
            elif claim.measure == SELECTION and variant not in params.variants:
                yield f"compare.{variant}: is a winner itself; name a variant that may be selected"
            elif claim.measure == SELECTION and not str(other).endswith(SELECTED):
                yield f"compare.{variant}: {other!r}: is no winner of the search, GRID{SELECTED}"
            elif claim.measure == SELECTION and not of_its_grid(params, variant, str(other)):
                yield f"compare.{variant}: {other!r}: is the winner of another family's grid"


def of_its_grid(params: Params, variant: str, winner: str) -> bool:
    """Whether a winner is of a grid of the same family as a variant."""
    base = base_of(params, winner.removesuffix(SELECTED))
    return base.model.family == resolve(params, variant).model.family


def size_conflicts(claim: Claim) -> Iterator[str]:
    """Find a margin, direction and size that do not go together."""
    if claim.measure == SELECTION:
        if claim.direction != "equal":
            yield f"direction: {claim.direction!r}: what the search selects is equal or is not"
        if claim.margin:
            yield f"margin: {claim.margin}: an equal setting differs by nothing; leave it out"
    elif claim.margin > MOST and claim.measure in ACCURACIES:
        yield f"margin: {claim.margin}: is a fraction, and 0.005 is half a point; at most {MOST}"
    elif not claim.margin and claim.measure in ACCURACIES:
        yield "margin: missing; say up to what size a difference of accuracies does not matter"
    if claim.at_least is None:
        return
    if claim.direction == "equal":
        yield f"at_least: {claim.at_least}: what is equal differs by no size; leave it out"
    elif claim.at_least <= claim.margin:
        yield f"at_least: {claim.at_least}: is within the margin ({claim.margin}), and so nothing"
