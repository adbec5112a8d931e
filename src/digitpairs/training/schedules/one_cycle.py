"""One cycle (Smith 2018): up and then down, each by half a cosine, as torch's OneCycleLR."""

from math import cos, pi

from digitpairs import recipe


def warm_up(schedule: recipe.OneCycle, step: int, steps: int) -> float:
    """Rise from `start` at the first step to 1 at the last; a single step is at 1."""
    left = (steps - 1 - step) / max(steps - 1, 1)
    return between(1.0, schedule.start, left)


def factor(schedule: recipe.OneCycle, step: int, steps: int, steps_per_epoch: int) -> float:
    """Fall from 1, where the warm-up ends, to `final` at the last step."""
    return between(1.0, schedule.final, (step + 1) / steps)


def between(first: float, last: float, progress: float) -> float:
    """Go from `first` to `last` by half a cosine, as progress goes from 0 to 1."""
    return last + (first - last) * (1 + cos(pi * progress)) / 2
