"""What samples say of a difference: its mean with a 95 % interval, and tests of two hypotheses.

`p` is that of no difference, `equivalence_p` that of a difference of at least the margin. scipy has
all of it but Holm's adjustment. scipy.stats takes a second to import: only what needs it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from digitpairs.products.numbers.statistics import Summary, summarise

LEVEL = 0.05
EXACT = 2**17  # flips of signs that are all tried: those of 17 seeds. Of more, so many are drawn
RESAMPLES = 9_999
NAN = float("nan")


@dataclass(frozen=True)
class Evidence:
    """A difference: its mean over `seeds`, interval (low, high) and tests; NaN where seeds lack."""

    seeds: int
    effect: float
    low: float
    high: float
    p: float
    equivalence_p: float


def paired(differences: npt.ArrayLike, margin: float) -> Evidence:
    """Judge differences, one a seed, missing ones left out.

    The interval is a BCa bootstrap's. `p` is that of the exact permutation test which flips the
    signs of the differences. Equivalence is tested by two one-sided t tests.
    """
    array = np.asarray(differences, dtype=float)
    array = array[~np.isnan(array)]
    of, count = summarise(array), len(array)
    if count < 2:
        return Evidence(count, of.mean, NAN, NAN, NAN, NAN)
    equivalence_p = outside(of.mean, of.std / count**0.5, count - 1, margin)
    if np.ptp(array) == 0:  # nothing to resample
        flips = 1.0 if of.mean == 0 else 2.0 ** (1 - count)
        return Evidence(count, of.mean, of.mean, of.mean, flips, equivalence_p)
    from scipy import stats

    # Each comparison has a generator of its own: another one before it changes nothing.
    interval = stats.bootstrap(
        (array,), np.mean, n_resamples=RESAMPLES, method="BCa", rng=np.random.default_rng(0)
    ).confidence_interval
    flipped = stats.permutation_test(
        (array,),
        mean_without_noise,
        permutation_type="samples",
        n_resamples=EXACT,
        batch=1_000,
        rng=np.random.default_rng(0),
    )
    low, high, p = float(interval.low), float(interval.high), float(flipped.pvalue)
    return Evidence(count, of.mean, low, high, p, equivalence_p)


def mean_without_noise(values: npt.NDArray[np.float64], axis: int) -> npt.NDArray[np.float64]:
    """Average values, and round off what floats add: flips that come as far are then equal."""
    return np.asarray(np.mean(values, axis=axis)).round(12)


def unpaired(ours: Summary, theirs: Summary, counts: tuple[int, int], margin: float) -> Evidence:
    """Judge the difference of two means of which only mean, std and count are known, by Welch."""
    difference = ours.mean - theirs.mean
    parts = [one.std**2 / count for one, count in zip((ours, theirs), counts, strict=True)]
    error = sum(parts) ** 0.5
    if not error > 0:
        return Evidence(counts[0], difference, NAN, NAN, NAN, NAN)
    freedom = error**4 / sum(
        part**2 / (count - 1) for part, count in zip(parts, counts, strict=True)
    )
    half = float(stdtrit(freedom, 1 - LEVEL / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(difference) / error))
    equivalence_p = outside(difference, error, freedom, margin)
    return Evidence(counts[0], difference, difference - half, difference + half, p, equivalence_p)


def outside(mean: float, error: float, freedom: float, margin: float) -> float:
    """Test whether a mean is outside of its margin: the larger p of two one-sided t tests."""
    if error == 0:
        return 0.0 if abs(mean) < margin else 1.0
    return max(
        float(stdtr(freedom, -(mean + margin) / error)),
        float(stdtr(freedom, (mean - margin) / error)),
    )


def holm(values: Sequence[float]) -> list[float]:
    """Adjust p values for how many they are, after Holm; NaN stays and does not count."""
    adjusted = [NAN] * len(values)
    tested = sorted((at for at, p in enumerate(values) if not isnan(p)), key=lambda at: values[at])
    largest = 0.0
    for place, at in enumerate(tested):
        largest = max(largest, min(1.0, (len(tested) - place) * values[at]))
        adjusted[at] = largest
    return adjusted
