"""Means, spreads and intervals over seeds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit  # scipy.stats takes a second to import


@dataclass(frozen=True)
class Summary:
    """Mean, unbiased std and 95 % interval of the mean (low, high); NaN where n is too small."""

    mean: float
    std: float
    low: float
    high: float


def summarise(values: npt.ArrayLike, confidence: float = 0.95) -> Summary:
    """Summarise independent runs, missing ones left out; the interval is Student's t."""
    array = np.asarray(values, dtype=float)
    array = array[~np.isnan(array)]
    count = len(array)
    if count == 0:
        return Summary(*[float("nan")] * 4)
    mean = float(array.mean())
    if count == 1:
        return Summary(mean, *[float("nan")] * 3)
    std = float(array.std(ddof=1))
    half = float(stdtrit(count - 1, (1 + confidence) / 2)) * std / count**0.5
    return Summary(mean, std, mean - half, mean + half)
