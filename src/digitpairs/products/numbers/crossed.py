"""Intervals of an accuracy over all ordered pairs of test digits, over digits and seeds at once.

Seeds share the test digits, so that an interval over seeds alone leaves out that other digits would
be other ones. Here both are samples. Digits and seeds are each resampled with replacement,
independently of the other (a crossed bootstrap: Owen 2007, "The pigeonhole bootstrap").

What is resampled is linear in both (Hajek's projection): the mean over seeds of each digit's wrong
pairs, and the mean over digits of each seed's. The part that seed and digit make together counts in
either, so that it counts twice where once would do: the interval is a little too wide, never too
narrow for it. With the pigeonhole bootstrap itself it would count three times.

Seeds are few. So their part is widened as Student's t is against the normal distribution, and by
what a bootstrap of few is too narrow.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

REPLICATES = 2_000
LEVEL = 0.95

Wrong = npt.NDArray[np.int64]  # (seeds, digits): ordered pairs with this digit, on either side


@dataclass(frozen=True)
class Crossed:
    """A mean and its 95 % interval (low, high); NaN where one seed, or one digit, is all."""

    mean: float
    low: float
    high: float


def accuracy(wrong: Wrong) -> Crossed:
    """Mean accuracy over all ordered pairs of distinct digits and all seeds.

    Each pair that a net gets wrong counts for both of its digits in `wrong`.
    """
    error, low, high = shares(wrong)
    return Crossed(1 - error, 1 - high, 1 - low)


def gain(wrong: Wrong, before: Wrong) -> Crossed:
    """How far the accuracy is above that of another net, on the same seeds and digits in order."""
    return Crossed(*shares(before - wrong))


def shares(counts: Wrong) -> tuple[float, float, float]:
    """Mean share of pairs over seeds and its interval: of pairs that are wrong, or a difference.

    Sums are of integers, and so the same in every order.
    """
    seeds, digits = counts.shape
    pairs = seeds * digits * (digits - 1)  # of all seeds
    if not pairs:
        return (float("nan"),) * 3
    of_digits = counts.sum(0)
    twice = counts.sum(1)  # of seeds: each pair counts at both of its digits
    mean = int(twice.sum()) / 2 / pairs
    if seeds < 2:
        return mean, float("nan"), float("nan")
    rng_digits, rng_seeds = (np.random.default_rng([7, place]) for place in (0, 1))
    by_digits = np.array(
        [of_digits[rng_digits.integers(0, digits, digits)].sum() for _ in range(REPLICATES)]
    )
    by_seeds = twice[rng_seeds.integers(0, seeds, (REPLICATES, seeds))].sum(1)
    apart = by_digits - of_digits.sum() + few(seeds) * (by_seeds - twice.sum()) / 2
    low, high = np.quantile(apart, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) / pairs
    return mean, mean + float(low), mean + float(high)


def few(seeds: int) -> float:
    """How much wider than a bootstrap's the part of so many seeds has to be."""
    upper = (1 + LEVEL) / 2
    return float(stdtrit(seeds - 1, upper) / ndtri(upper) * (seeds / (seeds - 1)) ** 0.5)
