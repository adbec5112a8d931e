"""The digits that the nets of a variant misread most, and the worst pairs of them."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from digitpairs.pairs.target import Answers
from digitpairs.products.numbers.answered import Answered

WORST = 200  # misread digits that pairs are made of


@dataclass(frozen=True)
class Misread:
    """A digit by its place among the test digits, and how many nets take it for which class."""

    place: int
    label: int
    nets: int
    said: dict[int, int]  # nets by class, most first, where it is not the label


@dataclass(frozen=True)
class Pair:
    """Two digits by their places, and how many nets answer wrongly; the probability that they give.

    `chance` is the mean probability of the wrong answer.
    """

    first: int
    second: int
    nets: int
    chance: float


def misread(asked: Answered, count: int) -> list[Misread]:
    """List the digits that most nets misread; of equal ones, those of the least probable label."""
    wrong = (asked.guesses != asked.labels).sum(0)
    own = asked.probabilities[:, np.arange(len(asked.labels)), asked.labels].mean(0)
    order = np.lexsort((np.arange(len(own)), own, -wrong))[:count]
    return [
        Misread(int(at), int(asked.labels[at]), len(asked.seeds), said(asked, int(at)))
        for at in order
        if wrong[at]
    ]


def said(asked: Answered, place: int) -> dict[int, int]:
    """Count the nets by the class that they take a digit for, where that is wrong."""
    wrong = [int(one) for one in asked.guesses[:, place] if one != asked.labels[place]]
    return dict(sorted(Counter(wrong).items(), key=lambda one: (-one[1], one[0])))


def worst_pairs(asked: Answered, answers: Answers, count: int) -> list[Pair]:
    """List pairs of misread digits that most nets answer wrongly, no digit in two of them.

    By the posterior of the digits, whatever the net's own read-out is.
    """
    places = np.array([one.place for one in misread(asked, WORST)], np.int64)
    if len(places) < 2:
        return []
    first = asked.probabilities[:, places].astype(np.float64)
    yes = np.einsum("rik,kc,rjc->rij", first, answers.astype(np.float64), first)
    labels = asked.labels[places]
    truth = answers[labels[:, None], labels]
    wrong, chance = ((yes > 0.5) != truth).sum(0), np.where(truth, 1 - yes, yes).mean(0)
    np.fill_diagonal(wrong, 0)
    found: list[Pair] = []
    used: set[int] = set()
    for flat in np.lexsort((np.arange(wrong.size), -chance.ravel(), -wrong.ravel())):
        i, j = divmod(int(flat), len(places))
        if len(found) == count or not wrong[i, j]:
            break
        if not used & {i, j}:
            used |= {i, j}
            pair = int(places[i]), int(places[j])
            found.append(Pair(*pair, int(wrong[i, j]), float(chance[i, j])))
    return found
