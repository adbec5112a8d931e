"""The one rule by which a claim is judged, and the words for what it comes to."""

from collections.abc import Collection
from math import isnan

from digitpairs.products.numbers.evidence import LEVEL, Evidence
from digitpairs.study.claims import Claim

CONFIRMED, PARTLY, NOT_SUPPORTED = "confirmed", "partly", "not supported"
CONTRADICTED, UNDECIDED = "contradicted", "undecided"
SAME, DIFFERENT = "same", "different"
VERDICTS = (CONFIRMED, PARTLY, NOT_SUPPORTED, CONTRADICTED, UNDECIDED)

# What products say of the rule.
RULE = (
    "Not supported: shown to differ by less than the margin (two one-sided t tests, p < .05, not "
    "adjusted). Else confirmed: the difference has the claimed direction, with p < .05; partly: it "
    "has, but it is short of the size that is claimed; contradicted: it has the opposite "
    "direction, with p < .05; undecided: none of these. A claim that two are equal is confirmed "
    "where they are shown to differ by less than the margin, and contradicted where the whole "
    "interval is beyond it. A claim of several comparisons is partly confirmed where some are "
    "confirmed, in full or partly, and others are not"
)


def verdict(claim: Claim, of: Evidence, p_holm: float) -> str:
    """Judge one comparison of a claim by an accuracy.

    `p_holm` is adjusted for all comparisons: the p of no difference or, where the claim is that two
    are equal, the p of a difference of at least the margin.

    - "equal": confirmed where p_holm < .05; contradicted where the whole interval is beyond the
      margin; else undecided.
    - not supported: shown to differ by less than the margin (equivalence_p < .05). So a
      difference may be there and yet be none that matters.
    - confirmed: the difference has the claimed direction with p_holm < .05;
    - partly: it has, but the mean is short of `at_least`;
    - contradicted: it has the opposite direction with p_holm < .05;
    - undecided: none of these; the data cannot tell.
    """
    if claim.direction == "equal":
        if p_holm < LEVEL:
            return CONFIRMED
        beyond = of.low > claim.margin or of.high < -claim.margin
        return CONTRADICTED if beyond else UNDECIDED
    if of.equivalence_p < LEVEL:
        return NOT_SUPPORTED
    if not p_holm < LEVEL:
        return UNDECIDED
    return direction(claim, of.effect)


def direction(claim: Claim, effect: float) -> str:
    """Judge a difference that is there.

    A size is compared with the mean: by an end of the interval, noise would help a claim.
    """
    claimed = effect if claim.direction == "above" else -effect
    if claimed < 0:
        return CONTRADICTED
    return PARTLY if claimed < (claim.at_least or 0) else CONFIRMED


def counted(claim: Claim, effect: float) -> str:
    """Judge one comparison of what is counted, such as parameters: it has no interval."""
    within = abs(effect) <= claim.margin
    if claim.direction == "equal":
        return CONFIRMED if within else CONTRADICTED
    return NOT_SUPPORTED if within else direction(claim, effect)


def selected(effect: float) -> str:
    """Judge whether the search selected a setting. One search does not contradict another.

    A setting that was not tried could not be selected.
    """
    if isnan(effect):
        return UNDECIDED
    return CONFIRMED if effect == 0 else NOT_SUPPORTED


def of_all(verdicts: Collection[str]) -> str:
    """Judge a claim by its comparisons, all of which it claims.

    Where none is confirmed, one that is contradicted contradicts the claim, and one that is not
    supported leaves it so.
    """
    found = set(verdicts)
    if len(found) == 1:
        return found.pop()
    if found & {CONFIRMED, PARTLY}:
        return PARTLY
    return next(one for one in (CONTRADICTED, NOT_SUPPORTED, UNDECIDED) if one in found)


def against_paper(of: Evidence) -> str:
    """Judge a number of ours beside the paper's: same where shown to be within the margin."""
    if of.equivalence_p < LEVEL:
        return SAME
    return DIFFERENT if of.p < LEVEL else UNDECIDED
